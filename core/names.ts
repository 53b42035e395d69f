import type { DataSource } from './config/data'
import { NetworkConfig } from './config/network'
import { quantity } from './numbers'
import { plainLine } from './plain'
import { scaledRateOfRun } from './plan/rate'
import type { Run } from './run'

// Not from the form's fields: making those takes longer than drawing the history.
const networkLabels: ReadonlyMap<string, string> = new Map(
  NetworkConfig.options.map((option) => [
    option.shape.type.value,
    String(option.meta()?.['label'] ?? option.shape.type.value),
  ]),
)

/** A network as people call it: "ResNet-20", "MLP 512-256". */
export function networkName(network: NetworkConfig): string {
  switch (network.type) {
    case 'mlp':
      return `MLP ${network.hidden.join('-')}${network.batchNorm ? ' BN' : ''}`
    case 'conv4':
      return `4-conv CNN${network.batchNorm ? ' BN' : ''}`
    case 'resnet':
      return `ResNet-${network.depth}${network.shortcut === 'projection' ? ' B' : ''}`
    case 'wideResnet':
      return `WRN-${network.depth}-${network.width}`
    // Every other kind is called what the form calls it.
    default:
      return networkLabels.get(network.type) ?? network.type
  }
}

const lastPart = (path: string): string =>
  path
    .split(/[\\/]/)
    .filter((part) => part !== '')
    .at(-1) ?? path

/** A data set as people call it: its kind, or the folder's name. */
export function dataName(source: DataSource): string {
  switch (source.type) {
    case 'digits':
      return 'Digits'
    case 'cifar10':
      return 'CIFAR-10'
    case 'cifar100':
      return source.labels === 'fine' ? 'CIFAR-100' : 'CIFAR-100 coarse'
    case 'folder':
    case 'idx':
      return lastPart(source.path)
    case 'synthetic':
      return `Synthetic ${source.size}×${source.size}`
  }
}

/** The rate of a run as it is trained, η; while the rule waits for data, the base rate, η₀. */
export function rateName(run: Pick<Run, 'config' | 'facts'>): string {
  const rate = scaledRateOfRun(run)
  return rate === null ? `η₀ ${quantity(run.config.learningRate.base)}` : `η ${quantity(rate)}`
}

/** What a run without a name is called: its settings. */
export const describeRun = ({ config, facts: info }: Pick<Run, 'config' | 'facts'>): string =>
  `${networkName(config.network)} · ${dataName(config.data.source)} · B ${config.batchSize} · ` +
  `${rateName({ config, facts: info })}`

/** What a run is called everywhere: what a person called it, or its settings. */
export const runName = (run: Pick<Run, 'name' | 'config'> & Partial<Pick<Run, 'facts'>>): string =>
  run.name.trim() === '' ? describeRun({ ...run, facts: run.facts ?? null }) : run.name

const longestTitle = 80

/**
 * How a run is called inside a sentence: in quotation marks and on one line, so that its name does not run into the
 * words around it.
 */
export function titleOf(run: Pick<Run, 'name' | 'config' | 'facts'>): string {
  const characters = [...plainLine(runName(run).slice(0, 4000)).trim()]
  const isCut = characters.length > longestTitle
  return isCut ? `“${characters.slice(0, longestTitle - 1).join('')}…”` : `“${characters.join('')}”`
}
