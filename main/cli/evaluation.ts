import type { RunConfig } from '../../core/config/config'
import type { Evaluation } from '../../core/job'
import { withSettings } from './configInput'
import { badInput } from './failure'
import type { NamedCheckpoint } from './checkpointArgument'

/** The options that say on which images checkpoints are measured. */
export const evaluationOptions = {
  split: { type: 'string', value: 'SPLIT', help: 'train, validation or test (test)' },
  dataset: { type: 'string', value: 'TYPE[:PATH]', help: 'Other images than those it was trained on, such as cifar10:cifar-10-binary.tar.gz' },
  set: { type: 'string', multiple: true, value: 'PATH=VALUE', help: 'Change a setting of the data or the engine, such as data.testImages=500 or engine.backend=wasm' },
} as const

export function splitFrom(text: string | undefined): 'train' | 'validation' | 'test' {
  if (text === undefined) return 'test'
  if (text === 'train' || text === 'validation' || text === 'test') return text
  throw badInput(`--split must be train, validation or test, found “${text.slice(0, 60)}”`)
}

/** The config under which a checkpoint is measured: its own, with what the options change about data and engine. */
export function measuringConfig({ metadata }: NamedCheckpoint, dataset: string | undefined, set: readonly string[]): RunConfig {
  const foreign = set.find((one) => !/^(data|engine)\./.test(one))
  if (foreign !== undefined) throw badInput(`--set ${foreign.slice(0, 60)}: only settings of data and engine can be changed here; the rest belongs to the checkpoint`)
  const at = dataset?.indexOf(':') ?? -1
  const source = dataset === undefined ? [] : at < 0 ? [`data.source.type=${dataset}`] : [`data.source.type=${dataset.slice(0, at)}`, `data.source.path=${dataset.slice(at + 1)}`]
  return withSettings(metadata.config, [...source, ...set])
}

/** What an evaluation says, without the answer for every image. */
export const brief = ({ label, metadata }: NamedCheckpoint, { split, score, moment, classes, confusion }: Evaluation) =>
  ({ checkpoint: label, name: metadata.config.name, split, epoch: moment.epoch, update: moment.update, ...score, classes, confusion })
