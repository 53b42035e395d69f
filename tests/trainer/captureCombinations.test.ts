import { beforeAll, expect, it } from 'vitest'
import { RunConfig, type RunConfigInput } from '../../core/config/config'
import { contradictions } from '../../core/plan/plan'
import { randomFor } from '../../core/random'
import { openEngine, type Engine } from '../../main/trainer/engine'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { batchOf, configOf, info as stripeFacts, stripes } from './setups'
import { describeTensorflow } from './tensorflow'

const info = { ...stripeFacts, counts: { train: 52, validation: 10, test: 7 } }

// Parallel parts and parts of convolutions for three threads, which no batch here divides evenly for long.
let engine: Engine
beforeAll(async () => {
  engine = await openEngine('tensorflow', { threads: 3, work: { operation: 0, possible: 64 } })
})

const networks: readonly RunConfigInput['network'][] = [
  { type: 'resnet', depth: 8 },
  { type: 'resnet', depth: 8, shortcut: 'projection' },
  { type: 'conv4' },
  { type: 'conv4', batchNorm: true },
  { type: 'tinyCnn' },
  { type: 'lenet' },
  { type: 'wideResnet', depth: 10, width: 1 },
  { type: 'mlp', hidden: [7] },
  { type: 'mlp', hidden: [7], batchNorm: true },
]
const optimizers: readonly RunConfigInput['optimizer'][] = [
  { type: 'sgd', momentum: 0.9 },
  { type: 'sgd', nesterov: true, weightDecay: 1e-3 },
  { type: 'sgd', clip: { type: 'norm', limit: 0.5 } },
  { type: 'lars' },
  { type: 'lamb' },
  { type: 'adam' },
  { type: 'adamw', clip: { type: 'adaptive' } },
]

/** A config of methods thrown together, which may contradict each other. */
function combination(seed: number): RunConfig {
  const random = randomFor(seed, 'synthetic')
  const pick = <T>(choices: readonly T[]): T => choices[random.integer(choices.length)]!
  const sometimes = (oneIn: number): boolean => random.integer(oneIn) === 0
  const workers = sometimes(6) ? pick([2, 3]) : 1
  const part = 2 + random.integer(15)
  const ghostSize = sometimes(2) ? 2 + random.integer(part - 1) : null
  const method =
    workers > 1
      ? { workers: { type: 'postLocal' as const, workers, switchAt: 0, averageEvery: 2 } }
      : pick([
          {},
          {},
          { denseBatch: 1 + random.integer(part) },
          { microBatch: ghostSize ?? 2 + random.integer(part - 1) },
        ])
  return configOf({
    batchSize: part * workers,
    seed,
    network: pick(networks),
    optimizer: pick(optimizers),
    batch: {
      lastPartial: workers > 1 ? 'drop' : 'keep',
      ghostSize,
      ...method,
      gradientNoise: sometimes(6) ? { type: 'multiplicative', variance: 0.5 } : { type: 'none' },
    },
    networkOptions: {
      dropout: sometimes(3) ? 0.3 : 0,
      batchNorm: { newValueWeight: pick([1, 0.1]), ghostStatistics: pick(['divided', 'sequential']) },
    },
    regularisation: {
      labelSmoothing: pick([0, 0.1]),
      mixup: pick([0, 0, 0.3]),
      average: sometimes(3) ? { type: 'ema', decay: 0.9 } : { type: 'none' },
    },
  })
}

const combinations = Array.from({ length: 30 }, (_, seed) => combination(seed)).filter(
  (config) => contradictions(config, info).length === 0,
)
const titled = ({
  network,
  optimizer,
  batchSize,
  batch: { ghostSize, microBatch, denseBatch, workers },
  seed,
}: RunConfig): string =>
  `${network.type}, ${optimizer.type}, batch ${String(batchSize)}${Object.entries({ ghostSize, microBatch, denseBatch })
    .map(([name, size]) => (size === null ? '' : `, ${name} ${String(size)}`))
    .join('')}, workers ${workers.type} (seed ${String(seed)})`

/** Losses, measurements and every bit of the state after five updates, the third of a partial batch. */
function traced(
  config: RunConfig,
  capture: 'auto' | 'off',
): {
  readonly captured: boolean
  readonly results: readonly unknown[]
  readonly state: Readonly<Record<string, string>>
} {
  const learner = createLearner(engine, RunConfig.parse({ ...config, engine: { ...config.engine, capture } }), info)
  const { workers } = config.batch
  const averages = workers.type === 'none' ? {} : { averageWorkers: true }
  const results = Array.from({ length: 5 }, (_, update) => {
    const count =
      update === 2
        ? workers.type === 'none'
          ? Math.max(2, config.batchSize - 1)
          : 2 * workers.workers
        : config.batchSize
    const batch = batchOf(stripes(48, update), count, update)
    const rates = { learningRate: 0.05, momentum: 0.9, ...(update % 2 === 0 ? averages : { averageWorkers: false }) }
    return [learner.update(batch, rates), update === 3 ? learner.measure(batch, rates) : null]
  })
  const state = Object.fromEntries(
    [...learner.read()].map(([name, { data }]) => [
      name,
      Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
    ]),
  )
  learner.dispose()
  return { captured: learner.engine.captured, results, state }
}

describeTensorflow('the captured step, whatever is combined', () => {
  it('has enough combinations without a contradiction', () => expect(combinations.length).toBeGreaterThan(15))

  it.each(combinations.map((config) => [titled(config), config] as const))(
    'computes the bits of the eager step: %s',
    { timeout: 60_000 },
    (_, config) => {
      const eager = traced(config, 'off')
      expect(traced(config, 'auto')).toEqual({ ...eager, captured: true })
      expect(eager.captured).toBe(false)
    },
  )
})
