import { describe, expect, it } from 'vitest'
import type { Run } from '../../core/run'
import { differingBits, differingBitsOfNumbers } from '../../main/cli/differingBits'
import type { Trained } from '../../main/cli/resumeCheck'
import { compareTrainings } from '../../main/cli/resumeComparison'
import { testedEngines } from '../trainer/tensorflow'
import { batchlab, temporaryFolder } from './built'

describe('differingBits', () => {
  it('counts the bits of numbers as they lie in memory', () => {
    expect(differingBitsOfNumbers([1, 2, null], [1, 2, null])).toEqual({ numbers: 3, differing: 0 })
    // 0 and −0 differ in the sign bit; 1 and the next double in the last one.
    expect(differingBitsOfNumbers([0, 1], [-0, 1 + Number.EPSILON]).differing).toBe(2)
    expect(differingBits(Float32Array.of(1), Float32Array.of(1, 2)).differing).toBe(32)
    expect(differingBits(new Uint8Array(0), new Uint8Array(0))).toEqual({ numbers: 0, differing: 0 })
  })
})

describe('compareTrainings', () => {
  it('sees that another seed gives other numbers, and that a training is like itself', async () => {
    const trained = async (seed: number): Promise<Trained> => {
      const library = temporaryFolder()
      const { stdout } = await batchlab([
        'train',
        '--set',
        'engine.backend=cpu',
        '--set',
        'network.type=mlp',
        '--set',
        'network.hidden=[4]',
        '--set',
        'epochs=1',
        '--set',
        `seed=${seed}`,
        '--json',
        '--dir',
        library,
      ])
      const { record } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as { record: Run }
      return { library, run: record }
    }
    const [one, other] = [await trained(1), await trained(2)]
    const same = await compareTrainings(one, one)
    expect(same.total.differing).toBe(0)
    const { trace, epochs, weights, total } = await compareTrainings(one, other)
    for (const count of [trace, epochs, weights]) expect(count.differing).toBeGreaterThan(50)
    expect(total.differing).toBe(trace.differing + epochs.differing + weights.differing)
  }, 60_000)
})

describe('batchlab verify-resume', () => {
  it.each(testedEngines.filter((engine) => engine !== 'cpu'))(
    'finds no differing bit with %s',
    async (engine) => {
      const { code, stdout, stderr } = await batchlab([
        'verify-resume',
        '--set',
        `engine.backend=${engine}`,
        '--set',
        'batchSize=16',
        '--set',
        'data.augmentation.pad=1',
        '--set',
        'networkOptions.dropout=0.2',
        '--epochs',
        '3',
        '--json',
      ])
      expect(stderr).toBe('')
      const report = JSON.parse(stdout) as {
        differingBits: number
        numbers: number
        engine: string
        updates: number
        pausedAt: { update: number; position: number }
      }
      expect(report).toMatchObject({ differingBits: 0, engine, updates: 213 })
      // 213 updates with five numbers each at least, and LeNet's weights with a momentum buffer each.
      expect(report.numbers).toBeGreaterThan(213 * 5 + 2 * 21386)
      expect(report.pausedAt.position).toBeGreaterThan(0)
      expect(report.pausedAt.update).toBeLessThan(213)
      expect(code).toBe(0)
    },
    60_000,
  )
})
