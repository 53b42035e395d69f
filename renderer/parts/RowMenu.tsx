import { Menu } from '@mantine/core'
import { EllipsisVertical } from 'lucide-react'
import type { Run } from '../../core/run'
import { isLive, isResumable } from '../../core/run'
import { defaultCheckpoint, editConfig, editFork, openRun, pauseRun, purgeRuns, removeRuns, restoreRuns, resumeRun, stopRun } from '../commands'

/** What can be done with a run from its row. */
export function RowMenu({ run }: { readonly run: Run }) {
  const checkpoint = defaultCheckpoint(run)
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <button type="button" tabIndex={-1} className="plain" aria-label="More" onClick={(event) => event.stopPropagation()} onDoubleClick={(event) => event.stopPropagation()}><EllipsisVertical size={14} /></button>
      </Menu.Target>
      <Menu.Dropdown onClick={(event) => event.stopPropagation()} onDoubleClick={(event) => event.stopPropagation()}>
        {run.removedAt === null
          ? <>
              <Menu.Item onClick={() => openRun(run.id)}>Open</Menu.Item>
              {run.status === 'running' && <Menu.Item onClick={() => pauseRun(run.id)}>Pause</Menu.Item>}
              {isResumable(run.status) && <Menu.Item onClick={() => resumeRun(run.id)}>Resume</Menu.Item>}
              {(isLive(run.status) || run.status === 'queued') && <Menu.Item onClick={() => stopRun(run.id)}>Stop</Menu.Item>}
              <Menu.Item onClick={() => editConfig(run.config)}>New run with this config</Menu.Item>
              <Menu.Item disabled={checkpoint === null} onClick={() => { if (checkpoint !== null) editFork(run, checkpoint.checkpoint) }}>Fork from its best checkpoint</Menu.Item>
              <Menu.Divider />
              <Menu.Item disabled={isLive(run.status)} onClick={() => void removeRuns([run.id])}>{isLive(run.status) ? 'Trash (stop it first)' : 'Put into the trash'}</Menu.Item>
            </>
          : <>
              <Menu.Item onClick={() => restoreRuns([run.id])}>Restore</Menu.Item>
              <Menu.Item color="red" onClick={() => purgeRuns([run.id])}>Delete for good, with its checkpoints</Menu.Item>
            </>}
      </Menu.Dropdown>
    </Menu>
  )
}
