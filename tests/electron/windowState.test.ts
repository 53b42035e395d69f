import fc from 'fast-check'
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Bounds } from '../../main/electron/windowState'
import { clampBounds, loadWindowState, saveWindowState } from '../../main/electron/windowState'
import { removeFolder } from '../support/cleanup'

const left: Bounds = { x: 0, y: 0, width: 1920, height: 1080 }
const right: Bounds = { x: 1920, y: 100, width: 2560, height: 1400 }

describe('clampBounds', () => {
  it.each<[string, Bounds, Bounds]>([
    [
      'keeps what is visible',
      { x: 100, y: 100, width: 1000, height: 700 },
      { x: 100, y: 100, width: 1000, height: 700 },
    ],
    [
      'keeps a window on the second display',
      { x: 2000, y: 200, width: 1000, height: 700 },
      { x: 2000, y: 200, width: 1000, height: 700 },
    ],
    [
      'brings back a window from a display that is gone',
      { x: -5000, y: 9000, width: 1000, height: 700 },
      { x: 0, y: 380, width: 1000, height: 700 },
    ],
    [
      'puts a window that hangs over on the display that shows most of it',
      { x: 1700, y: 200, width: 1000, height: 700 },
      { x: 1920, y: 200, width: 1000, height: 700 },
    ],
    [
      'shrinks what is larger than the display',
      { x: -100, y: 0, width: 1950, height: 9000 },
      { x: 0, y: 0, width: 1920, height: 1080 },
    ],
    [
      'widens what is too small to work in',
      { x: 10, y: 10, width: 1, height: 1 },
      { x: 10, y: 10, width: 900, height: 600 },
    ],
  ])('%s', (_name, bounds, expected) => {
    expect(clampBounds(bounds, [left, right])).toEqual(expected)
  })

  it('always gives a window that lies inside one display', () => {
    const number = fc.integer({ min: -20_000, max: 20_000 })
    fc.assert(
      fc.property(number, number, number, number, (x, y, width, height) => {
        const clamped = clampBounds({ x, y, width, height }, [left, right])
        const isInside = [left, right].some(
          (display) =>
            clamped.x >= display.x &&
            clamped.y >= display.y &&
            clamped.x + clamped.width <= display.x + display.width &&
            clamped.y + clamped.height <= display.y + display.height,
        )
        expect(isInside).toBe(true)
      }),
    )
  })
})

describe('the window state file', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'batchlab-window-'))
  })
  afterEach(() => removeFolder(folder))

  it('is read as it was written', () => {
    const state = { bounds: { x: 30, y: 40, width: 1000, height: 700 }, isMaximized: true }
    saveWindowState(join(folder, 'window.json'), state)
    expect(loadWindowState(join(folder, 'window.json'), [left])).toEqual(state)
    expect(readdirSync(folder)).toEqual(['window.json'])
  })

  it.each([
    '',
    'null',
    '[]',
    '{',
    '{"bounds":null}',
    '{"bounds":{"x":"1","y":0,"width":1,"height":1}}',
    '{"bounds":{"x":1e999,"y":0,"width":1,"height":1}}',
  ])('counts as a first start when it holds %j', (text) => {
    writeFileSync(join(folder, 'window.json'), text)
    expect(loadWindowState(join(folder, 'window.json'), [left])).toEqual({
      bounds: { x: 320, y: 130, width: 1280, height: 820 },
      isMaximized: false,
    })
  })

  it('is no reason to fail when it cannot be written', () => {
    expect(() =>
      saveWindowState(join(folder, 'missing', 'window.json'), { bounds: left, isMaximized: false }),
    ).not.toThrow()
  })
})
