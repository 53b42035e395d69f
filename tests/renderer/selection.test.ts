import { describe, expect, it } from 'vitest'
import { dashesFor } from '../../renderer/charts/colours'
import { filtered, filterProblem, showAll } from '../../renderer/history/filter'
import { picked } from '../../renderer/history/selection'
import { smoothingPlace, smoothingAt } from '../../renderer/charts/smoothing'
import { fakeRun } from './fakeRun'

describe('filtered', () => {
  const runs = [
    { ...fakeRun(0, { name: 'Baseline', batchSize: 32 }).run, tags: ['exp1'], notes: 'went smooth' },
    {
      ...fakeRun(1, { name: 'Large batch', batchSize: 512, learningRate: { base: 0.4 } }).run,
      starred: true,
      status: 'diverged' as const,
    },
    { ...fakeRun(2, { name: 'Old' }).run, removedAt: '2026-01-01T00:00:00Z' },
  ]
  const names = (filter: Partial<typeof showAll>) => filtered(runs, { ...showAll, ...filter }).map(({ name }) => name)

  it('hides the trash, and shows nothing else in it', () => {
    expect(names({})).toEqual(['Baseline', 'Large batch'])
    expect(names({ trash: true })).toEqual(['Old'])
  })

  it('looks for every word in name, data, network, tags and notes', () => {
    expect(names({ text: 'SMOOTH lenet' })).toEqual(['Baseline'])
    expect(names({ text: 'digits large' })).toEqual(['Large batch'])
    expect(names({ text: 'smooth large' })).toEqual([])
  })

  it('compares numbers', () => {
    expect(names({ text: 'batch>=512' })).toEqual(['Large batch'])
    expect(names({ text: 'batch<512 rate<=0.1' })).toEqual(['Baseline'])
    expect(names({ text: 'batch>' })).toEqual([])
  })

  it('compares the rate that trains, and the base rate by its own name', () => {
    const scaled = [
      {
        ...fakeRun(3, {
          name: 'Scaled',
          batchSize: 512,
          learningRate: { base: 0.1, referenceBatch: 128, scaling: { type: 'linear' } },
        }).run,
      },
    ]
    const count = (text: string) => filtered(scaled, { ...showAll, text }).length
    expect([count('rate=0.4'), count('rate<=0.1'), count('base=0.1'), count('base>0.1')]).toEqual([1, 0, 1, 0])
  })

  it('compares with numbers as they are typed, and says which cannot be read', () => {
    expect(names({ text: 'epochs<1,000 batch>=512' })).toEqual(['Large batch'])
    expect(names({ text: 'rate<0,2' })).toEqual(['Baseline'])
    expect(names({ text: 'rate<1,000' })).toEqual([])
    expect(filterProblem({ text: 'rate<1,000' })).toBe(
      'The number in “rate<1,000” must be written in one way only: “1,000” can mean 1000 or 1.',
    )
    expect(filterProblem({ text: 'smooth rate<0.1' })).toBe('')
  })

  it('narrows by status, tag and star', () => {
    expect(names({ statuses: ['diverged'] })).toEqual(['Large batch'])
    expect(names({ tags: ['exp1', 'other'] })).toEqual(['Baseline'])
    expect(names({ starred: true })).toEqual(['Large batch'])
  })
})

describe('picked', () => {
  const rows = ['a', 'b', 'c', 'd']
  it('replaces, toggles, or takes the rows between the anchor and the click', () => {
    expect(picked(['a'], rows, 'b', 'only', null)).toEqual(['b'])
    expect(picked(['a'], rows, 'b', 'toggle', null)).toEqual(['a', 'b'])
    expect(picked(['a', 'b'], rows, 'a', 'toggle', null)).toEqual(['b'])
    expect(picked([], rows, 'd', 'range', 'b')).toEqual(['b', 'c', 'd'])
    expect(picked([], rows, 'a', 'range', 'c')).toEqual(['c', 'b', 'a'])
    expect(picked([], rows, 'c', 'range', 'gone')).toEqual(['c'])
  })
})

describe('dashesFor', () => {
  it('tells runs of the same colour apart', () => {
    expect(dashesFor({ a: 0, b: 1, c: 7 }, ['a', 'b', 'c'])).toEqual(['solid', 'solid', 'dash'])
  })
})

describe('smoothing', () => {
  it('has its place on the slider, and stays within what the settings allow', () => {
    for (const place of [0, 0.2, 0.5, 0.99]) expect(smoothingPlace(smoothingAt(place))).toBeCloseTo(place, 2)
    expect(smoothingAt(0)).toBe(0)
    expect(smoothingAt(0.99)).toBeLessThanOrEqual(0.999)
  })
})
