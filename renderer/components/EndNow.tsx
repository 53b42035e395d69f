import { Button, Tooltip } from '@mantine/core'
import { Square } from 'lucide-react'
import type { Run } from '../../core/run'
import { killRun } from '../commands'

/** Whether a run is about to pause or to stop, which takes as long as the update that is under way. */
export const isEnding = ({ status }: Pick<Run, 'status'>): boolean => status === 'pausing' || status === 'stopping'

/** Ends a trainer without waiting for its checkpoint. */
export function EndNow({ id }: { readonly id: string }) {
  return (
    <Tooltip label="Ends the trainer without waiting: what came after its last checkpoint is lost">
      <Button variant="light" color="red" leftSection={<Square size={13} />} onClick={() => killRun(id)}>
        End now
      </Button>
    </Tooltip>
  )
}
