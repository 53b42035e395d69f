import type { CheckpointMetadata } from '../../core/checkpoint'
import { errorText } from '../../core/errorText'
import type { Checkpoint } from '../../core/events'
import { alienFault, placeFault } from '../../core/plan/standing'
import type { Run } from '../../core/run'
import { tensorFault, tensorsOf } from '../../core/tensors'
import { metadataFrom } from '../files/checkpointHeader'
import { readTensors } from '../files/safetensors'

export interface CheckedCheckpoint {
  /** What is wrong with it, as the end of a sentence about its file; empty where nothing is. */
  readonly problem: string
  /** What is odd and costs nothing. */
  readonly note: string
}

const nothing: CheckedCheckpoint = { problem: '', note: '' }

/**
 * Reads every byte of one of a run's checkpoints, and holds it against the run: what a training that goes on from it
 * would refuse, and what its record says.
 */
export async function checkCheckpoint(file: string, run: Run, recorded: Checkpoint): Promise<CheckedCheckpoint> {
  try {
    const { metadata, tensors, isVerified } = await readTensors(file)
    if (!isVerified)
      return { ...nothing, problem: 'has no checksum, so it was not written by this program or was changed' }
    if (metadata['batchlab'] === undefined) return { ...nothing, problem: 'holds weights but no training state' }
    const own = metadataFrom(file, metadata['batchlab'])
    const problem =
      ownFault(own, run) || tensorFault(tensors, tensorsOf(own.config, own.shape, own.classes.length), 'training')
    return problem !== '' ? { ...nothing, problem } : againstRecord(own, recorded)
  } catch (error) {
    return { ...nothing, problem: errorText(error) }
  }
}

function ownFault(metadata: CheckpointMetadata, { id, config, facts: info, origin }: Run): string {
  // Data that changed since, which was accepted, has another plan.
  const isSameData = info !== null && metadata.data === info.fingerprint
  return (
    alienFault(metadata, id, config, { fingerprint: info?.fingerprint ?? '' }) ||
    (isSameData ? placeFault(metadata, info, origin.type === 'new') : '')
  )
}

/**
 * Training writes a checkpoint before its record: one that is newer was written last before a crash, and is what the
 * run goes on from.
 */
function againstRecord({ moment }: CheckpointMetadata, { name, moment: known }: Checkpoint): CheckedCheckpoint {
  if (moment.update === known.update && moment.epoch === known.epoch) return nothing
  const isNewer = moment.update >= known.update && moment.epoch >= known.epoch
  return isNewer && ['last', 'final'].includes(name)
    ? { ...nothing, note: `is of update ${moment.update}, newer than its record: the run goes on from there` }
    : { ...nothing, problem: `is of update ${moment.update}, the record says ${known.update}` }
}
