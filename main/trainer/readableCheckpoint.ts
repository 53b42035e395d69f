import { bestCheckpoint, bestCheckpoints } from '../../core/best'
import type { RunConfig } from '../../core/config/config'
import { errorText } from '../../core/errorText'
import type { Checkpoint, TrainEvent } from '../../core/events'
import { alienFault } from '../../core/plan/standing'
import { errorCode, tooManyFiles } from '../files/fs'
import { loadCheckpoint, type LoadedCheckpoint } from './checkpoint'
import type { TrainingSession } from './session'
import { timestamp } from './session'

export type Loaded = LoadedCheckpoint

/**
 * The first of some checkpoint files that can be read and that `check` does not refuse, and a sentence about each
 * before it. Throws what the first one's error says where there is none.
 */
export async function loadFirst(
  paths: readonly string[],
  check: (path: string, loaded: Loaded) => void,
): Promise<Loaded & { readonly path: string; readonly unreadable: readonly string[] }> {
  const unreadable: string[] = []
  let failure: unknown
  for (const path of paths) {
    try {
      const loaded = await loadCheckpoint(path)
      check(path, loaded)
      return { ...loaded, path, unreadable }
    } catch (error) {
      failure ??= error
      unreadable.push(errorText(error))
    }
  }
  throw new Error(
    `${errorText(failure)}. ` +
      `${paths.length > 1 ? 'None of its other checkpoints can be used either' : 'It has no other checkpoint'}: ` +
      'put one back from a backup, or begin the run anew',
    { cause: failure },
  )
}

/** What has to be said of a run whose best checkpoint was recorded and is not there any more; empty where it is. */
export function missingBest(
  config: RunConfig,
  recorded: readonly Checkpoint[],
  present: readonly Checkpoint[],
): string {
  const best = bestCheckpoint({ config, checkpoints: recorded })
  if (best === undefined || !best.kinds.includes('best') || present.some(({ name }) => name === best.name)) return ''
  const next = bestCheckpoint({ config, checkpoints: present })
  return (
    `The best checkpoint ${best.name}.safetensors is not there any more. In its place ` +
    `${next === undefined ? 'there is none' : `${next.name} of epoch ${next.moment.epoch} is the best so far`}.`
  )
}

/**
 * The checkpoint that validation chose, with its tensors; null in a run without any score. Where its file is gone or
 * damaged the next best stands for it, which is said: what was trained must not be lost at the very end.
 */
export async function* readBest(
  { training, progress: { moment } }: TrainingSession,
  last: Loaded,
): AsyncGenerator<TrainEvent, Loaded | null> {
  const { config, store } = training
  const checkpoints = store.checkpoints()
  if (!checkpoints.some(({ kinds }) => kinds.includes('best'))) return null
  const isLast = (checkpoint: Checkpoint): boolean =>
    checkpoint.moment.update === moment.update && checkpoint.moment.position === moment.position
  let missed = ''
  for (const checkpoint of bestCheckpoints({ config, checkpoints })) {
    // What has just been trained is at hand, whatever the disk says.
    const found = isLast(checkpoint)
      ? last
      : await loadRecorded(store.path(checkpoint.name), checkpoint, training).catch((error: unknown) => {
          // That says nothing of the file: another one would be chosen for no reason.
          if (tooManyFiles.has(errorCode(error))) throw error
          if (missed === '') missed = errorText(error)
          return null
        })
    if (found === null) continue
    if (missed !== '')
      yield {
        type: 'noted',
        at: timestamp(),
        update: moment.update,
        message:
          `${missed}. In its place ${checkpoint.name} of epoch ${checkpoint.moment.epoch} is tested as ` + 'the best.',
      }
    return found
  }
  return null
}

/** A checkpoint as the record has it: of this run, its settings and that very moment. */
async function loadRecorded(
  path: string,
  { moment }: Checkpoint,
  { config, run, dataset: { info } }: TrainingSession['training'],
): Promise<Loaded> {
  const loaded = await loadCheckpoint(path)
  const { metadata } = loaded
  const fault = alienFault(metadata, run, config, info)
  if (fault !== '') throw new Error(`${path} ${fault}`)
  if (metadata.moment.update !== moment.update)
    throw new Error(`${path} is of update ${metadata.moment.update}, the record says ${moment.update}`)
  return loaded
}
