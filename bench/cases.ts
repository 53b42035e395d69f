import { RunConfig, type RunConfigInput } from '../core/config/config'
import type { DatasetInfo } from '../core/datasetInfo'
import { multiplyAdds, networkFor } from '../core/network'

/** The networks that speed is measured on. */
const benchNetworks = {
  conv4: { type: 'conv4' },
  resnet8: { type: 'resnet', depth: 8 },
  resnet20: { type: 'resnet', depth: 20 },
} as const satisfies Record<string, RunConfigInput['network']>
export type BenchNetwork = keyof typeof benchNetworks
export const benchNetworkNames = Object.keys(benchNetworks) as readonly BenchNetwork[]

export const benchEngines = ['tensorflow', 'wasm', 'cpu'] as const
export type BenchEngine = (typeof benchEngines)[number]
/**
 * How an update is done: captured, captured with rounded factors, or operation by operation. The first and the last
 * take part unless asked otherwise.
 */
export const benchModes = ['captured', 'bfloat16', 'eager'] as const
export const usualModes = ['captured', 'eager'] as const satisfies readonly (typeof benchModes)[number][]
export type BenchMode = (typeof benchModes)[number]

/** One row of the table: everybody does updates of this network on batches of this size. */
export interface BenchCase {
  readonly network: BenchNetwork
  readonly batchSize: number
}

/** Who takes part in each case besides PyTorch. */
export interface BenchWay {
  readonly engine: BenchEngine
  readonly mode: BenchMode
}

const shape = [32, 32, 3] as const

/** Facts of a data set in CIFAR-10's shape, with so many images in each split. */
export const benchCifarInfo = (counts: DatasetInfo['counts']): DatasetInfo => ({
  name: 'noise',
  classes: Array.from('0123456789'),
  shape: [...shape],
  counts,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  fingerprint: 'noise',
})

/** The config of a case, as a person would write it. */
export const benchConfig = ({ network, batchSize }: BenchCase, engine: RunConfigInput['engine']): RunConfig =>
  RunConfig.parse({ network: benchNetworks[network], batchSize, engine } satisfies RunConfigInput)

/** The networks × batch sizes, smallest batch first within a network. */
export const casesOf = (networks: readonly BenchNetwork[], batchSizes: readonly number[]): readonly BenchCase[] =>
  networks.flatMap((network) => [...batchSizes].sort((a, b) => a - b).map((batchSize) => ({ network, batchSize })))

/** The engines × modes that there are: only TensorFlow can capture an update. */
export const waysOf = (engines: readonly BenchEngine[], modes: readonly BenchMode[]): readonly BenchWay[] =>
  engines.flatMap((engine) =>
    modes.filter((mode) => mode === 'eager' || engine === 'tensorflow').map((mode) => ({ engine, mode })),
  )

// What two ordinary cores do, in multiply-adds a second: only good for saying how long a table may take.
const roughSpeed: Readonly<Record<BenchEngine | 'pytorch', number>> = {
  tensorflow: 2e10,
  pytorch: 2e10,
  wasm: 1.5e9,
  cpu: 3e7,
}
const startSeconds: Readonly<Record<BenchEngine | 'pytorch', number>> = { tensorflow: 2, pytorch: 4, wasm: 2, cpu: 1 }

/**
 * Roughly how many seconds a case takes: starting everybody, finding out which thread setting suits them, and the
 * turns.
 */
export function estimatedSeconds(
  { network, batchSize }: BenchCase,
  {
    ways,
    pytorch,
    threads,
    rounds,
    seconds,
  }: {
    readonly ways: readonly BenchWay[]
    readonly pytorch: boolean
    readonly threads: number
    readonly rounds: number
    readonly seconds: number
  },
): number {
  const config = benchConfig({ network, batchSize }, {})
  const layers = networkFor(config.network, config.networkOptions, [...shape], 10)
  // A backward pass computes about twice as much as the forward pass before it.
  const work = 3 * batchSize * multiplyAdds(layers, [...shape]).reduce((sum, one) => sum + one, 0)
  const cost = (who: BenchEngine | 'pytorch', trials: number): number => {
    const update = work / roughSpeed[who] + 0.003
    const turn = Math.max(seconds, update)
    return (
      trials * (startSeconds[who] + 3 * update) +
      (trials - 1) * 6 * Math.max(seconds / 3, update) +
      3 * update +
      rounds * turn
    )
  }
  const own = ways.map(({ engine, mode }) =>
    cost(engine, engine === 'tensorflow' && mode === 'eager' && threads > 1 ? 2 : 1),
  )
  return [...own, ...(pytorch ? [cost('pytorch', threads > 1 ? 3 : 1)] : [])].reduce((sum, one) => sum + one, 0)
}
