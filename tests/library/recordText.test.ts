import { describe, expect, it } from 'vitest'
import { newRun, type Run } from '../../core/run'
import { seal, sealInTurns, snapshotOf } from '../../main/files/envelope'
import { assertReadable, listPieces, listText, runPieces } from '../../main/library/recordText'
import { smallConfig } from '../support/fakeTraining'

const at = '2026-03-01T10:00:00.000Z'
const run = (n: number, more: Partial<Run> = {}): Run => ({
  ...newRun(`measured${String(n)}`, at, smallConfig(`“ü” ${String(n)} \\ "`, 3, n), { type: 'new' }),
  ...more,
})

describe('the list of runs as text', () => {
  it('is the JSON of the runs', async () => {
    const runs = [run(1), run(2), run(3)]
    expect(JSON.parse(await listText(runs))).toEqual(runs)
    expect(await listText([])).toBe('[]')
  })

  it('holds a run as it is now, and the others as they were', async () => {
    const runs = [run(1), run(2)]
    await listText(runs)
    const changed = [runs[0]!, { ...runs[1]!, starred: true }]
    expect(JSON.parse(await listText(changed))).toEqual(changed)
  })

  it('is sealed to the same file as the runs in one piece, numbers that are not finite included', async () => {
    for (const runs of [[], [run(1)], [run(1), run(2, { parameters: NaN }), run(3, { updates: Infinity })]]) {
      const inTurns = await sealInTurns(1, 5, await listPieces({ runs }))
      expect(Buffer.from(inTurns.bytes).toString()).toBe(Buffer.from(seal(1, 5, snapshotOf({ runs })).bytes).toString())
    }
  })

  it('refuses a run that would not read back', () => {
    expect(() => assertReadable(run(1, { notes: 'x' }), 2)).toThrow('more than 2 levels')
    expect(() => assertReadable(run(1, { notes: 'x' }), 29)).not.toThrow()
  })

  it('lets other work go on in between', async () => {
    const runs = Array.from({ length: 2_000 }, (_, n) => run(n, { notes: 'word '.repeat(500) }))
    let turns = 0
    let isDone = false
    const count = (): void => {
      turns++
      if (!isDone) setImmediate(count)
    }
    setImmediate(count)
    await listPieces({ runs })
    isDone = true
    expect(turns).toBeGreaterThan(2)
  })
})

describe('the record of a run as text', () => {
  const epoch = (n: number): Run['epochs'][number] => ({
    epoch: n,
    moment: { update: n, epoch: n, position: 0, examples: n, seconds: n },
    train: { loss: n % 3 === 0 ? null : n / 7, accuracy: 0.5, images: 4 },
    validation: null,
    learningRate: n % 5 === 0 ? NaN : 0.1,
    batchSize: 4,
    seconds: n % 401 === 0 ? Infinity : 1,
    distance: null,
  })

  it.each([0, 1, 199, 200, 201, 1234])('with %d epochs is sealed to the same file as in one piece', async (count) => {
    const one = run(1, {
      epochs: Array.from({ length: count }, (_, n) => epoch(n + 1)),
      parameters: NaN,
      notes: '"epochs":[]',
      extensions: undefined,
    })
    const inTurns = await sealInTurns(1, 1, await runPieces(one))
    expect(Buffer.from(inTurns.bytes).toString()).toBe(Buffer.from(seal(1, 1, snapshotOf(one)).bytes).toString())
  })

  it('lets other work go on in between, however many epochs there are', async () => {
    const long = run(1, { epochs: Array.from({ length: 50_000 }, (_, n) => epoch(n + 1)) })
    let turns = 0
    let isDone = false
    const count = (): void => {
      turns++
      if (!isDone) setImmediate(count)
    }
    setImmediate(count)
    await sealInTurns(1, 1, await runPieces(long))
    isDone = true
    expect(turns).toBeGreaterThan(20)
  })
})
