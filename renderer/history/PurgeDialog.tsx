import { Button, Modal } from '@mantine/core'
import { useShallow } from 'zustand/react/shallow'
import { askPurge, purgeRuns } from '../commands'
import { bytes, compactCounted } from '../format'
import { runName } from '../names'
import { Name } from '../components/Name'
import { useStore } from '../store'

const named = 8

/** Asks once more before runs are deleted with their checkpoints: the only thing here that cannot be taken back. */
export function PurgeDialog() {
  const runs = useStore(useShallow((state) => state.purging.flatMap((id) => state.runs[id] ?? [])))
  const size = runs.reduce(
    (sum, run) => sum + run.checkpoints.reduce((all, checkpoint) => all + checkpoint.bytes, 0),
    0,
  )
  const close = (): void => askPurge([])
  const what = runs.length === 1 ? 'this run' : compactCounted(runs.length, 'run')
  return (
    <Modal
      opened={runs.length > 0}
      onClose={close}
      title={`Delete ${what} for good?`}
      size={440}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <ul className="plain-list">
        {runs.slice(0, named).map((run) => (
          <li key={run.id}>
            <Name text={runName(run)} length={52} />
          </li>
        ))}
        {runs.length > named && <li className="quiet">and {runs.length - named} more</li>}
      </ul>
      <p>
        {runs.length === 1 ? 'Its record, curves' : 'Their records, curves'} and checkpoints ({bytes(size)}) are
        deleted. This cannot be undone.
      </p>
      <div style={{ display: 'flex', gap: 8, justifyContent: 'flex-end' }}>
        <Button variant="default" data-autofocus onClick={close}>
          Keep
        </Button>
        <Button
          color="red"
          onClick={() => {
            void purgeRuns(runs.map(({ id }) => id))
            close()
          }}
        >
          Delete {what}
        </Button>
      </div>
    </Modal>
  )
}
