import type { Run, RunId } from '../../core/run'

export type Scheme = 'light' | 'dark'

// Okabe & Ito's colours, told apart with every common form of colour blindness, in an order that keeps neighbours
// apart. Black is invisible on a dark ground, and yellow on a light one, so those two stand in for each other.
const palette: Readonly<Record<Scheme, readonly string[]>> = {
  light: ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'],
  dark: ['#2b8fd0', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#f0e442'],
}

/** Which colour each run has had since the window opened; a run keeps its colour in every view. */
export type Colours = Readonly<Record<RunId, number>>

/** Gives runs that have no colour yet the next one, oldest first, so that neighbours in the history differ. */
export function withColours(colours: Colours, runs: readonly Run[]): Colours {
  const fresh = runs.filter((run) => colours[run.id] === undefined)
  if (fresh.length === 0) return colours
  const first = Object.keys(colours).length
  const ordered = [...fresh].sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id))
  return { ...colours, ...Object.fromEntries(ordered.map((run, index) => [run.id, first + index])) }
}

/** The colour of a run on a ground. */
export function runColour(colours: Colours, id: RunId, scheme: Scheme): string {
  const shades = palette[scheme]
  return shades[(colours[id] ?? 0) % shades.length] ?? shades[0] ?? '#888888'
}

export type Dash = 'solid' | 'dash' | 'dot' | 'dashdot'
const dashes: readonly Dash[] = ['solid', 'dash', 'dot', 'dashdot']

/** Line styles for runs drawn together: a run whose colour is already taken in this drawing gets the next dash. */
export function dashesFor(colours: Colours, ids: readonly RunId[]): readonly Dash[] {
  const taken = new Map<number, number>()
  return ids.map((id) => {
    const colour = (colours[id] ?? 0) % palette.light.length
    const before = taken.get(colour) ?? 0
    taken.set(colour, before + 1)
    return dashes[before % dashes.length] ?? 'solid'
  })
}

/** A hex colour with an opacity, as CSS. */
export function faded(hex: string, opacity: number): string {
  const channel = (at: number): number => Number.parseInt(hex.slice(at, at + 2), 16)
  return `rgba(${channel(1)},${channel(3)},${channel(5)},${opacity})`
}
