import { beforeAll, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { NetworkConfig } from '../../core/config/network'
import type { Dataset } from '../../main/data/dataset'
import { openEngine, type Engine } from '../../main/trainer/engine'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { digits, digitsBatch, digitsConfig, useFolder } from '../support/digits'
import { describeTensorflow } from './tensorflow'

/* One short training of every network on real digits, in its smallest variant. */

const networks: readonly (readonly [NonNullable<RunConfigInput['network']>, number])[] = [
  [{ type: 'mlp', hidden: [32], batchNorm: true }, 0.05],
  [{ type: 'lenet' }, 0.03],
  [{ type: 'conv4' }, 0.03],
  [{ type: 'tinyCnn' }, 0.05],
  [{ type: 'vggSmall' }, 0.03],
  [{ type: 'resnet', depth: 8 }, 0.05],
  [{ type: 'resnet', depth: 8, shortcut: 'projection' }, 0.05],
  [{ type: 'wideResnet', depth: 10, width: 1 }, 0.05],
  [{ type: 'resnet9' }, 0.02],
  [{ type: 'keskarC1' }, 0.03],
  // Its ten dropout layers leave little of one pixel, so it takes many more updates with them.
  [{ type: 'keskarC2', ownDropout: false }, 0.02],
  [{ type: 'vgg9' }, 0.02],
  [{ type: 'reducedAlexnet' }, 0.01],
]
const batchSize = 32
const trainedImages = 96
const updates = 27
const folder = useFolder()

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

it('every network has a run here', () => {
  expect(new Set(networks.map(([network]) => network.type))).toEqual(
    new Set(NetworkConfig.options.map((option) => option.shape.type.value)),
  )
})

describeTensorflow('a network on real digits', () => {
  let engine: Engine
  let dataset: Dataset
  beforeAll(async () => {
    engine = await openEngine('tensorflow', {})
    dataset = await digits(digitsConfig({}), folder())
  })

  it.each(networks)('learns: %j', { timeout: 120_000 }, (network, learningRate) => {
    const config = digitsConfig({ network, batchSize, engine: { backend: 'tensorflow' } })
    const learner = createLearner(engine, config, dataset.info)
    const losses = Array.from({ length: updates }, (_, update) => {
      const indices = Array.from({ length: batchSize }, (_unused, i) => (batchSize * update + i) % trainedImages)
      return learner.update(digitsBatch(config, dataset, dataset.train, indices, update), {
        learningRate,
        momentum: 0.9,
      }).loss
    })
    // ln 10 = 2.3 is what knowing nothing costs.
    expect(losses[0]).toBeGreaterThan(2)
    expect(mean(losses.slice(-3)), losses.map((loss) => loss.toFixed(2)).join(' ')).toBeLessThan(
      0.5 * mean(losses.slice(0, 3)),
    )
    for (const [name, { data }] of learner.read()) expect(data.every(Number.isFinite), name).toBe(true)
    learner.dispose()
  })
})
