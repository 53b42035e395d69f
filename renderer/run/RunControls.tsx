import { Button, Menu } from '@mantine/core'
import { ChevronDown, Copy, GitFork, Pause, Play, Save, Square } from 'lucide-react'
import type { Run } from '../../core/run'
import { allowsAction, type RunActionName } from '../../core/runActions'
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
  const checkpoint = defaultCheckpoint(run)
  const can = (name: RunActionName): boolean => allowsAction(name, run)
  return (
    <div style={{ display: 'flex', gap: 6, flex: 'none' }}>
      {can('pause') && (
        <Button leftSection={<Pause size={13} />} onClick={() => pauseRun(run.id)}>
          Pause
        </Button>
      )}
      {can('resume') && (
        <Button leftSection={<Play size={13} />} onClick={() => resumeRun(run.id)}>
          Resume
        </Button>
      )}
      {can('save') && (
        <Button variant="default" leftSection={<Save size={13} />} onClick={() => saveCheckpoint(run.id)}>
          Save checkpoint
        </Button>
      )}
      {can('stop') && (
        <Button.Group>
          <Button variant="default" leftSection={<Square size={13} />} onClick={() => stopRun(run.id)}>
            Stop
          </Button>
          {can('kill') && !isEnding(run) && (
            <Menu position="bottom-end">
              <Menu.Target>
                <Button variant="default" px={5} aria-label="More ways to stop">
                  <ChevronDown size={13} />
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item c="var(--bad)" onClick={() => killRun(run.id)}>
                  End now{stalled ? '' : ', losing what is not saved'}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          )}
        </Button.Group>
      )}
      {can('kill') && isEnding(run) && <EndNow id={run.id} />}
      {can('extend') && <Extend run={run} />}
      {can('fork') && checkpoint !== null && (
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
