import type { DataSource } from '../core/config/data'
import { NetworkConfig } from '../core/config/network'
import { scaledRateOfRun } from '../core/plan/rate'
import type { Run } from '../core/run'
import { differences } from './differences'
import { count, insideSentence, quantity } from './format'

// Not from the form's fields: making those takes longer than drawing the history.
const networkLabels: ReadonlyMap<string, string> = new Map(NetworkConfig.options.map((option) => [option.shape.type.value, String(option.meta()?.['label'] ?? option.shape.type.value)]))

/** A network as people call it: "ResNet-20", "MLP 512-256". */
export function networkName(network: NetworkConfig): string {
  switch (network.type) {
    case 'mlp': return `MLP ${network.hidden.join('-')}${network.batchNorm ? ' BN' : ''}`
    case 'conv4': return `4-conv CNN${network.batchNorm ? ' BN' : ''}`
    case 'resnet': return `ResNet-${network.depth}${network.shortcut === 'projection' ? ' B' : ''}`
    case 'wideResnet': return `WRN-${network.depth}-${network.width}`
    // Every other kind is called what the form calls it.
    default: return networkLabels.get(network.type) ?? network.type
  }
}

const lastPart = (path: string): string => path.split(/[\\/]/).filter((part) => part !== '').at(-1) ?? path

/** A data set as people call it: its kind, or the folder's name. */
export function dataName(source: DataSource): string {
  switch (source.type) {
    case 'digits': return 'Digits'
    case 'cifar10': return 'CIFAR-10'
    case 'cifar100': return source.labels === 'fine' ? 'CIFAR-100' : 'CIFAR-100 coarse'
    case 'folder': case 'idx': return lastPart(source.path)
    case 'synthetic': return `Synthetic ${source.size}×${source.size}`
  }
}

/** The rate of a run as it is trained, η; while the rule waits for data, the base rate, η₀. */
function rateName(run: Pick<Run, 'config' | 'facts'>): string {
  const rate = scaledRateOfRun(run)
  return rate === null ? `η₀ ${quantity(run.config.learningRate.base)}` : `η ${quantity(rate)}`
}

/** What a run without a name is called: its settings. */
export const describeRun = ({ config, facts }: Pick<Run, 'config' | 'facts'>): string =>
  `${networkName(config.network)} · ${dataName(config.data.source)} · B ${config.batchSize} · ${rateName({ config, facts })}`

/** What a run is called everywhere. */
export const runName = (run: Pick<Run, 'name' | 'config' | 'facts'>): string => (run.name.trim() === '' ? describeRun(run) : run.name)

/** Where a run's rate comes from, in a sentence. */
export function rateOrigin({ config: { batchSize, learningRate: { base, referenceBatch, scaling } }, facts }: Pick<Run, 'config' | 'facts'>): string {
  switch (scaling.type) {
    case 'fixed': return `The base rate ${quantity(base)}, for every batch size`
    case 'momentum': return `The base rate ${quantity(base)}: this rule scales the momentum`
    case 'linear': case 'squareRoot': return `The base rate ${quantity(base)} at batch ${count(referenceBatch)}, by the ${scaling.type === 'linear' ? 'linear' : 'square root'} rule at batch ${count(batchSize)}`
    case 'constantRatio': return `${quantity(scaling.ratio)} per image of the batch; the base rate plays no part`
    case 'datasetProportional': return `The base rate ${quantity(base)} times batch size / training images${facts === null ? ', which are counted when the run starts' : ` (${count(facts.counts.train)})`}`
  }
}

const symbols: Readonly<Record<string, string>> = {
  batchSize: 'B', 'learningRate.referenceBatch': 'B₀', 'optimizer.momentum': 'μ', 'optimizer.weightDecay': 'λ',
  'batch.ghostSize': 'ghost', seed: 'seed', epochs: 'epochs',
}
// Settings whose value says what it is by itself.
const selfEvident = new Set(['network.type', 'data.source.type', 'learningRate.schedule.type', 'learningRate.scaling.type', 'engine.backend'])

/** Short names for runs shown together: what differs between them ("B 512 · η 0.4"); where that does not tell two apart, their own names. */
export function autoLabels(runs: readonly Run[]): readonly string[] {
  const rows = differences(runs.map((run) => run.config)).slice(0, 4)
  const labels = runs.map((run, index) => {
    if (runs.length < 2 || rows.length === 0) return runName(run)
    return rows.map(({ path, label, values }) => {
      const value = values[index] ?? ''
      if (path === 'learningRate.base') return rateName(run)
      if (selfEvident.has(path)) return path === 'network.type' ? networkName(run.config.network) : value
      return `${symbols[path] ?? insideSentence(label)} ${value}`
    }).join(' · ')
  })
  const seen = new Map<string, number>()
  for (const label of labels) seen.set(label, (seen.get(label) ?? 0) + 1)
  return labels.map((label, index) => {
    const run = runs[index]
    return run !== undefined && (seen.get(label) ?? 0) > 1 ? `${runName(run)} (${run.id.slice(-4)})` : label
  })
}
