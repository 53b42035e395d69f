import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import type { FlatnessReport, FlatnessSettings } from '../../core/flatness/report'
import { measureFlatness } from '../../main/trainer/flatness/measureFlatness'
import { digitsConfig, trainOnDigits, useFolder } from '../support/digits'

const folder = useFolder()
const settings: FlatnessSettings = {
  images: 100,
  epsilons: [1e-3, 5e-4],
  ascentSteps: 5,
  powerSteps: 40,
  places: [0, 0.5, 1],
}
const network: RunConfigInput['network'] = { type: 'mlp', hidden: [12], batchNorm: true }
const measured = (checkpoints: readonly string[], more: Partial<FlatnessSettings> = {}): Promise<FlatnessReport> =>
  measureFlatness(
    {
      type: 'flatness',
      checkpoints: checkpoints.map((path) => ({ path })),
      settings: { ...settings, ...more },
      data: null,
      folders: { cache: join(folder(), 'cache'), resources: resolve(import.meta.dirname, '../../resources') },
    },
    () => undefined,
  )

describe('the flatness of checkpoints', () => {
  let small = ''
  let large = ''
  let other = ''
  beforeAll(async () => {
    const last = async (input: Parameters<typeof digitsConfig>[0]): Promise<string> =>
      join((await trainOnDigits(digitsConfig(input), folder())).folder, 'checkpoints', 'last.safetensors')
    small = await last({ network, optimizer: { type: 'sgd', momentum: 0 } })
    large = await last({ network, batchSize: 60, learningRate: { base: 0.05, referenceBatch: 60 } })
    other = await last({ epochs: 1, optimizer: { type: 'adam' } })
  })

  it('is measured on the same images each time, in any company', async () => {
    const both = await measured([small, large])
    const [alone] = (await measured([small])).checkpoints
    expect(both.images).toBe(100)
    expect(both.checkpoints[0]).toEqual(alone)
    expect(both.checkpoints.map(({ threshold }) => threshold)).toEqual([2 / 0.1, 3.8 / 0.05])
    for (const { sharpness, largest, smallest, loss, otherLengths } of both.checkpoints) {
      expect(sharpness.map(({ epsilon }) => epsilon)).toEqual([1e-3, 5e-4])
      expect(sharpness[0]!.percent).toBeGreaterThan(sharpness[1]!.percent)
      expect(sharpness[1]!.percent).toBeGreaterThan(0)
      expect(largest.value).toBeGreaterThan(smallest.value)
      expect(largest.converged).toBe(true)
      expect(otherLengths[0] / largest.value).toBeCloseTo(1, 1)
      expect(loss).toBeGreaterThan(0)
    }
  })

  it('has a line whose ends are the two, but for statistics of batch norm from the measured images', async () => {
    const { line, checkpoints, testImages } = await measured([small, large])
    expect(line.map(({ place }) => place)).toEqual([0, 0.5, 1])
    expect(testImages).toBeGreaterThan(50)
    expect(line[0]!.trainLoss / checkpoints[0]!.loss).toBeCloseTo(1, 0)
    expect(line[2]!.trainLoss / checkpoints[1]!.loss).toBeCloseTo(1, 0)
    for (const { testLoss, testAccuracy } of line) {
      expect(testLoss).toBeGreaterThan(0)
      expect(testAccuracy).toBeGreaterThan(0.2)
    }
    expect((await measured([small])).line).toEqual([])
  })

  it('knows no stable curvature for Adam, and no line between two networks', async () => {
    expect((await measured([other])).checkpoints[0]!.threshold).toBeNull()
    await expect(measured([small, other])).rejects.toThrow('are of different networks: there is no line between them')
  })
})
