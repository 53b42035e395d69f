import { describe, expect, it } from 'vitest'
import { zoomBoxOf, doubleClicks } from '../../renderer/charts/zoomBox'

describe('boxOf', () => {
  const size = [400, 200] as const

  it('takes a flat drag as one along the x axis, whichever way it goes', () => {
    expect(zoomBoxOf([100, 80], [300, 90], size)).toEqual({ x: [0.25, 0.75], y: null })
    expect(zoomBoxOf([300, 90], [100, 80], size)).toEqual({ x: [0.25, 0.75], y: null })
  })

  it('takes a steep one as one along the y axis, and any other as both', () => {
    expect(zoomBoxOf([100, 50], [105, 150], size)).toEqual({ x: null, y: [0.25, 0.75] })
    expect(zoomBoxOf([100, 50], [300, 150], size)).toEqual({ x: [0.25, 0.75], y: [0.25, 0.75] })
  })

  it('ends at the edges of the plot, and is nothing for a click', () => {
    expect(zoomBoxOf([200, 100], [900, 105], size)).toEqual({ x: [0.5, 1], y: null })
    expect(zoomBoxOf([200, 100], [-50, -60], size)).toEqual({ x: [0, 0.5], y: [0, 0.5] })
    expect(zoomBoxOf([200, 100], [205, 103], size)).toBeNull()
  })
})

describe('doubleClicks', () => {
  it('takes two presses close together for one, and a third for a new one', () => {
    const isDouble = doubleClicks()
    expect([100, 300, 450, 2000, 2401].map((pressed) => isDouble(pressed, false))).toEqual([
      false,
      true,
      false,
      false,
      false,
    ])
  })

  it('never counts a drag', () => {
    const isDouble = doubleClicks()
    expect([
      isDouble(100, true),
      isDouble(200, true),
      isDouble(300, false),
      isDouble(400, true),
      isDouble(500, false),
    ]).toEqual([false, false, false, false, false])
  })
})
