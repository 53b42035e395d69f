import { readFileSync, renameSync, writeFileSync } from 'node:fs'

export interface Bounds {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/**
 * Where the window was, for the next start. Losing it costs nothing, so it is kept beside the library and not in it.
 */
export interface WindowState {
  readonly bounds: Bounds
  readonly isMaximized: boolean
}

export const smallestWindow = { width: 900, height: 600 }
const usualWindow = { width: 1280, height: 820 }

/** How much of the first rectangle lies in the second, in square pixels. */
const overlap = (a: Bounds, b: Bounds): number =>
  Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)) *
  Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y))

const between = (low: number, value: number, high: number): number => Math.max(low, Math.min(value, high))

/**
 * Moves and shrinks bounds so that the whole window lies on the display that shows most of it (the first if none does).
 */
export function clampBounds(bounds: Bounds, displays: readonly Bounds[]): Bounds {
  const [first] = displays
  if (first === undefined) return bounds
  const display = displays.reduce((best, next) => (overlap(bounds, next) > overlap(bounds, best) ? next : best), first)
  const width = Math.min(Math.max(bounds.width, smallestWindow.width), display.width)
  const height = Math.min(Math.max(bounds.height, smallestWindow.height), display.height)
  return {
    x: between(display.x, bounds.x, display.x + display.width - width),
    y: between(display.y, bounds.y, display.y + display.height - height),
    width,
    height,
  }
}

/** The window of a first start: the usual size in the middle of the display. */
function centred(display: Bounds): Bounds {
  const width = Math.min(usualWindow.width, display.width)
  const height = Math.min(usualWindow.height, display.height)
  return {
    x: display.x + Math.round((display.width - width) / 2),
    y: display.y + Math.round((display.height - height) / 2),
    width,
    height,
  }
}

const isBounds = (value: unknown): value is Bounds =>
  typeof value === 'object' &&
  value !== null &&
  ['x', 'y', 'width', 'height'].every((key) => Number.isInteger((value as Record<string, unknown>)[key]))

/** Reads where the window was; anything unreadable counts as a first start. */
export function loadWindowState(file: string, displays: readonly Bounds[]): WindowState {
  try {
    const { bounds, isMaximized } = JSON.parse(readFileSync(file, 'utf8')) as { bounds: unknown; isMaximized: unknown }
    if (isBounds(bounds)) return { bounds: clampBounds(bounds, displays), isMaximized: isMaximized === true }
  } catch {
    /* a first start */
  }
  return { bounds: centred(displays[0] ?? { x: 0, y: 0, ...usualWindow }), isMaximized: false }
}

/** Remembers where the window is; a full disk is no reason to disturb anyone. */
export function saveWindowState(file: string, state: WindowState): void {
  try {
    writeFileSync(`${file}.new`, JSON.stringify(state))
    renameSync(`${file}.new`, file)
  } catch {
    /* the next start opens in the middle */
  }
}
