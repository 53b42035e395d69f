import { Button, VisuallyHidden } from '@mantine/core'
import { bestCheckpoint, newestCheckpoints } from '../../core/best'
import type { CheckpointRef } from '../../core/protocol'
import type { Run } from '../../core/run'
import { quantity } from '../../core/numbers'
import { compareCheckpoints, editFork } from '../commands'
import { besideCheckpoint } from '../compare/pairing'
import { bytes, compact, percent } from '../format'
import { useStore } from '../store'

const kindNames: Readonly<Record<string, string>> = {
  last: 'last',
  best: 'among the best by validation',
  periodic: 'kept every so often',
  manual: 'saved by hand',
  final: 'final',
}

// Asked of one checkpoint: the other side is what belongs to it, or still to be chosen.
const compareWith = (checkpoint: CheckpointRef): void =>
  compareCheckpoints(checkpoint, besideCheckpoint(checkpoint, useStore.getState().runs))

/** A run's checkpoints, newest first, and what can be done from each. */
export function CheckpointList({ run }: { readonly run: Run }) {
  const checkpoints = newestCheckpoints(run)
  const chosen = bestCheckpoint(run)
  if (checkpoints.length === 0)
    return (
      <p className="pad quiet">
        No checkpoint yet: the first is written at the end of the first epoch, or when the run is paused.
      </p>
    )
  return (
    <table className="grid-table selectable">
      <thead>
        <tr>
          <th>Checkpoint</th>
          <th>Kept as</th>
          <th className="right">Epoch</th>
          <th className="right">Update</th>
          <th className="right">Validation accuracy</th>
          <th className="right">Validation loss</th>
          <th className="right">Size</th>
          <th>
            <VisuallyHidden>Actions</VisuallyHidden>
          </th>
        </tr>
      </thead>
      <tbody>
        {checkpoints.map((checkpoint) => (
          <tr key={checkpoint.name}>
            <td>{checkpoint.name.replace('.safetensors', '')}</td>
            <td className="quiet">
              {checkpoint.kinds
                .map((kind) =>
                  kind === 'best' && checkpoint === chosen ? 'best by validation' : (kindNames[kind] ?? kind),
                )
                .join(', ')}
            </td>
            <td className="right number">{checkpoint.moment.epoch}</td>
            <td className="right number">{compact(checkpoint.moment.update)}</td>
            <td className="right number">{percent(checkpoint.validation?.accuracy)}</td>
            <td className="right number">{quantity(checkpoint.validation?.loss)}</td>
            <td className="right number">{bytes(checkpoint.bytes)}</td>
            <td className="right" style={{ whiteSpace: 'nowrap' }}>
              <Button variant="subtle" onClick={() => editFork(run, checkpoint.name)}>
                Fork
              </Button>
              <Button variant="subtle" onClick={() => compareWith({ run: run.id, checkpoint: checkpoint.name })}>
                Compare…
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
