import type { CheckpointRef } from '../../core/protocol'
import type { Run, RunId } from '../../core/run'
import { defaultCheckpoint } from '../commands'
import { runName } from '../names'

type Runs = Readonly<Record<RunId, Run>>

const parentOf = (run: Run | undefined, runs: Runs): Run | undefined => {
  const parent = run?.origin.type === 'fork' ? runs[run.origin.run] : undefined
  return parent?.removedAt === null ? parent : undefined
}

/**
 * What a checkpoint is put beside when nothing else was asked for: that of the run it was forked from; otherwise
 * nothing, and never what was compared before.
 */
export const besideCheckpoint = ({ run }: CheckpointRef, runs: Runs): CheckpointRef | null =>
  defaultCheckpoint(parentOf(runs[run], runs))

const nameOf = (checkpoint: CheckpointRef, runs: Runs): string => {
  const run = runs[checkpoint.run]
  return (
    `${checkpoint.checkpoint.replace('.safetensors', '')} of ` +
    `“${run === undefined ? checkpoint.run : runName(run)}”`
  )
}

/** What stands on both sides, before anything was evaluated. */
export function pairInWords(a: CheckpointRef | null, b: CheckpointRef | null, runs: Runs): string {
  const [one, other] = [a ?? b, a === null ? null : b]
  if (one === null) return 'Choose two checkpoints.'
  if (other === null)
    return `${a === null ? 'B' : 'A'} is ${nameOf(one, runs)}. Choose the checkpoint to put beside it.`
  const parent = parentOf(runs[one.run], runs)
  const fork =
    parent !== undefined && parent.id === other.run ? ` B is ${nameOf(other, runs)}, which A was forked from.` : ''
  return `Compare evaluates both checkpoints on the same images, one after the other.${fork}`
}
