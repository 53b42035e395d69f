import { Menu } from '@mantine/core'
import { EllipsisVertical } from 'lucide-react'
import type { ReactElement } from 'react'
import { useState } from 'react'
import type { Run, RunId } from '../../core/run'
import { isLive, isResumable } from '../../core/run'
import { defaultCheckpoint, editConfig, editFork, openRun, pauseRun, purgeRuns, removeRuns, restoreRuns, resumeRun, stopRun } from '../commands'
import { cutMiddle } from '../format'
import { runName } from '../names'

const dots = <EllipsisVertical size={14} />

/** What can be done with a run from its row. A menu is only made when it is asked for: there is one per row. */
export function RowMenu({ run }: { readonly run: Run }) {
  // A row may be given another run: the menu that is open is that of the run it was asked for.
  const [openedFor, setOpenedFor] = useState<RunId | null>(null)
  const opened = openedFor === run.id
  const button = (
    <button type="button" tabIndex={-1} className="plain" aria-label="More" data-row-menu onClick={(event) => { event.stopPropagation(); setOpenedFor(opened ? null : run.id) }} onDoubleClick={(event) => event.stopPropagation()}>
      {dots}
    </button>
  )
  return opened ? <OpenMenu run={run} button={button} close={() => setOpenedFor(null)} /> : button
}

function OpenMenu({ run, button, close }: { readonly run: Run; readonly button: ReactElement; readonly close: () => void }) {
  const checkpoint = defaultCheckpoint(run)
  return (
    <Menu opened position="bottom-end" onChange={(open) => { if (!open) close() }}>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown onClick={(event) => event.stopPropagation()} onDoubleClick={(event) => event.stopPropagation()}>
        {run.removedAt === null
          ? <>
              <Menu.Item onClick={() => openRun(run.id)}>Open</Menu.Item>
              {run.status === 'running' && <Menu.Item onClick={() => pauseRun(run.id)}>Pause</Menu.Item>}
              {isResumable(run.status) && <Menu.Item onClick={() => resumeRun(run.id)}>Resume</Menu.Item>}
              {(isLive(run.status) || run.status === 'queued') && <Menu.Item onClick={() => stopRun(run.id)}>Stop</Menu.Item>}
              <Menu.Item onClick={() => editConfig(run.config, `the one of “${cutMiddle(runName(run), 40)}”`)}>New run with this config</Menu.Item>
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
