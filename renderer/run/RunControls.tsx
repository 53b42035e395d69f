import { Button, Menu } from '@mantine/core'
import { ChevronDown, Copy, GitFork, Pause, Play, Save, Square } from 'lucide-react'
import type { Run } from '../../core/run'
import { isLive, isResumable } from '../../core/run'
import {
  defaultCheckpoint,
  editConfig,
  editFork,
  killRun,
  pauseRun,
  resumeRun,
  saveCheckpoint,
  stopRun,
} from '../commands'
import { cutMiddle } from '../format'
import { runName } from '../names'
import { EndNow, isEnding } from '../components/EndNow'
import { useStore } from '../store'
import { Extend } from './Extend'

/** Everything that can be done with the open run; what cannot be done now is not shown. */
export function RunControls({ run }: { readonly run: Run }) {
  const stalled = useStore((state) => state.loads[run.id]?.stalled ?? false)
  const live = isLive(run.status)
  const checkpoint = defaultCheckpoint(run)
  return (
    <div style={{ display: 'flex', gap: 6, flex: 'none' }}>
      {run.status === 'running' && (
        <Button leftSection={<Pause size={13} />} onClick={() => pauseRun(run.id)}>
          Pause
        </Button>
      )}
      {isResumable(run.status) && (
        <Button leftSection={<Play size={13} />} onClick={() => resumeRun(run.id)}>
          Resume
        </Button>
      )}
      {run.status === 'running' && (
        <Button variant="default" leftSection={<Save size={13} />} onClick={() => saveCheckpoint(run.id)}>
          Save checkpoint
        </Button>
      )}
      {isEnding(run) && <EndNow id={run.id} />}
      {((live && !isEnding(run)) || run.status === 'queued') && (
        <Button.Group>
          <Button variant="default" leftSection={<Square size={13} />} onClick={() => stopRun(run.id)}>
            Stop
          </Button>
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default" px={5} aria-label="More ways to stop">
                <ChevronDown size={13} />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item color="red" onClick={() => killRun(run.id)}>
                End now{stalled ? '' : ', losing what is not saved'}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Button.Group>
      )}
      {(run.status === 'finished' ||
        run.status === 'earlyStopped' ||
        run.status === 'stopped' ||
        run.status === 'paused') &&
        checkpoint !== null && <Extend run={run} />}
      {!live && checkpoint !== null && (
        <Button
          variant="default"
          leftSection={<GitFork size={13} />}
          onClick={() => editFork(run, checkpoint.checkpoint)}
        >
          Fork
        </Button>
      )}
      <Button
        variant="default"
        leftSection={<Copy size={13} />}
        onClick={() => editConfig(run.config, `the one of “${cutMiddle(runName(run), 40)}”`)}
      >
        New like this
      </Button>
    </div>
  )
}
