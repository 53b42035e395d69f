import type { DataConfig } from '../../core/config/data'
import { warningsAbout, type Evaluation, type NamedEvaluation } from '../../core/evaluation'
import type { CheckpointFile } from '../../core/job'
import { withFullPath } from '../data/place'
import { withSettings } from './configInput'
import { badInput } from './failure'
import type { NamedCheckpoint } from './checkpointArgument'
import type { Terminal } from './terminal'

/** The options that say on which images checkpoints are measured. */
export const evaluationOptions = {
  split: { type: 'string', value: 'SPLIT', help: 'train, validation or test (test)' },
  dataset: {
    type: 'string',
    value: 'TYPE[:PATH]',
    help: 'Other images than those it was trained on, such as cifar10:cifar-10-binary.tar.gz',
  },
  set: {
    type: 'string',
    multiple: true,
    value: 'PATH=VALUE',
    help: 'Change a setting of the data or the engine, such as data.testImages=500 or engine.backend=wasm',
  },
  unseen: { type: 'boolean', help: 'Leave out the images that a checkpoint was trained on' },
} as const

export function splitFrom(text: string | undefined): 'train' | 'validation' | 'test' {
  if (text === undefined) return 'test'
  if (text === 'train' || text === 'validation' || text === 'test') return text
  throw badInput(`--split must be train, validation or test, found “${text.slice(0, 60)}”`)
}

/** Checkpoints as a job measures them, and on which images. */
export interface Measuring {
  readonly data: DataConfig
  readonly checkpoints: readonly CheckpointFile[]
}

/**
 * Checkpoints as they are measured: on the data of the first, with what the options change about that, and each with
 * its own preprocessing and engine.
 */
export function measuringOf(
  checkpoints: readonly NamedCheckpoint[],
  dataset: string | undefined,
  set: readonly string[],
): Measuring {
  const foreign = set.find((one) => !/^(data|engine)\./.test(one))
  if (foreign !== undefined)
    throw badInput(
      `--set ${foreign.slice(0, 60)}: only settings of data and engine can be changed here; the rest belongs ` +
        'to the checkpoint',
    )
  const [first] = checkpoints
  if (first === undefined) throw badInput('Name a checkpoint')
  const isFolder = first.metadata.config.data.source.type === 'folder'
  const fed = set.find(
    (one) => /^data\.normalisation\b/.test(one) || (isFolder && one.startsWith('data.source.orientation=')),
  )
  if (fed !== undefined)
    throw badInput(
      `--set ${fed.slice(0, 60)}: a network is fed as it was trained, so ` +
        `${fed.startsWith('data.n') ? 'its normalisation' : 'which way its images are turned'} belongs to the ` +
        'checkpoint',
    )
  const at = dataset?.indexOf(':') ?? -1
  const source =
    dataset === undefined
      ? []
      : at < 0
        ? [`data.source.type=${dataset}`]
        : [`data.source.type=${dataset.slice(0, at)}`, `data.source.path=${dataset.slice(at + 1)}`]
  const { config } = first.metadata
  const ofEngine = set.filter((one) => one.startsWith('engine.'))
  return {
    data: withSettings(config, [...source, ...set]).data,
    checkpoints: checkpoints.map(({ label, path, metadata }) => ({
      path,
      name: label,
      source: withFullPath(metadata.config).data.source,
      ...(ofEngine.length > 0 && { engine: withSettings(metadata.config, ofEngine).engine }),
    })),
  }
}

/** Says on stderr what a reader of the figures must know, and returns it for the JSON. */
export function tellWarnings(evaluations: readonly NamedEvaluation[], terminal: Terminal): readonly string[] {
  const warnings = warningsAbout(evaluations)
  for (const warning of warnings) terminal.say(warning)
  return warnings
}

/** What an evaluation says, without the answer for every image. */
export const brief = (
  { label, metadata }: NamedCheckpoint,
  { split, score, moment, classes, confusion, data, input, trainedOn }: Evaluation,
) => ({
  checkpoint: label,
  name: metadata.config.name,
  split,
  epoch: moment.epoch,
  update: moment.update,
  ...score,
  classes,
  confusion,
  data,
  input,
  /** Of the whole split, those that were left out included; null where it cannot be known. */
  imagesTrainedOn: trainedOn.isKnown ? trainedOn.images.length : null,
})
