import { describe, expect, it } from 'vitest'
import { bestOf } from '../../bench/contestants'
import { median } from '../../core/measure'
import { measure, ratioOf, type Contestant } from '../../bench/measure'

interface Made extends Contestant {
  readonly name: string
  readonly isClosed: () => boolean
}

/** Somebody whose updates take the seconds that `seconds` says for the n-th call; notes each call in `diary`. */
function made(name: string, seconds: (call: number) => number, diary: string[] = []): Made {
  let [calls, closed] = [0, false]
  return {
    name,
    isClosed: () => closed,
    run: (updates) => {
      diary.push(`${name}${updates}`)
      const each = seconds(calls++)
      return Number.isNaN(each) ? Promise.reject(new Error(`${name} fell over`)) : Promise.resolve(updates * each)
    },
    close: () => {
      closed = true
    },
  }
}

const turns = { rounds: 3, seconds: 1, updates: null }

describe('measure', () => {
  it('warms everybody up first, then lets them work in turn, for turns that are equally long', async () => {
    const diary: string[] = []
    const found = await measure([made('a', () => 0.1, diary), made('b', () => 0.25, diary)], 8, turns)
    expect(diary).toEqual(['a1', 'a3', 'b1', 'b3', 'a10', 'b4', 'a10', 'b4', 'a10', 'b4'])
    expect(found.map(({ speeds }) => speeds.map((speed) => Math.round(speed ?? NaN)))).toEqual([
      [80, 80, 80],
      [32, 32, 32],
    ])
  })

  it('does exactly the updates that were asked for', async () => {
    const diary: string[] = []
    await measure([made('a', () => 0.1, diary)], 8, { ...turns, rounds: 2, updates: 7 })
    expect(diary.slice(-2)).toEqual(['a7', 'a7'])
  })

  it('goes on with the others when somebody falls over, and keeps what was measured before', async () => {
    const found = await measure([made('a', (call) => (call === 3 ? NaN : 0.1)), made('b', () => 0.1)], 1, turns)
    expect(found[0]?.failure).toBe('a fell over')
    expect(found[0]?.speeds.map((speed) => speed === null)).toEqual([false, true, true])
    expect(found[1]).toMatchObject({ failure: '' })
    expect(found[1]?.speeds).not.toContain(null)
  })

  it('gives whoever needs very long for one update a single turn', async () => {
    const diary: string[] = []
    const [slow] = await measure([made('a', () => 11, diary), made('b', () => 0.5, diary)], 4, turns)
    expect(diary.filter((entry) => entry.startsWith('a'))).toEqual(['a1', 'a1'])
    expect(slow?.speeds).toEqual([4 / 11, null, null])
  })
})

describe('ratioOf', () => {
  it('compares within a round, so that a slow minute meets both', () => {
    // In the second round everything took ten times as long.
    expect(ratioOf({ speeds: [100, 10, 120] }, { speeds: [50, 5, 80] })).toBe(2)
    expect(ratioOf({ speeds: [100, null] }, { speeds: [50, 5] })).toBe(2)
    expect(ratioOf({ speeds: [100, null] }, { speeds: [null, 5] })).toBeNull()
  })

  it('takes the middle', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    expect(median([])).toBeNaN()
  })
})

describe('bestOf', () => {
  it('keeps the fastest way and closes the others', async () => {
    const ways = [made('slow', () => 0.3), made('fast', () => 0.1), made('middle', () => 0.2)]
    const best = await bestOf(
      ways.map((way) => () => Promise.resolve(way)),
      turns,
    )
    expect(best.name).toBe('fast')
    expect(ways.map(({ isClosed }) => isClosed())).toEqual([true, false, true])
  })

  it('passes over a way that falls over', async () => {
    const ways = [made('bad', (call) => (call > 2 ? NaN : 0.01)), made('good', () => 0.3), made('worse', () => NaN)]
    const best = await bestOf(
      ways.map((way) => () => Promise.resolve(way)),
      turns,
    )
    expect(best.name).toBe('good')
    expect(ways.map(({ isClosed }) => isClosed())).toEqual([true, false, true])
  })
})
