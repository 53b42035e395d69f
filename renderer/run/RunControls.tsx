import { Button, Menu, NumberInput, Popover } from '@mantine/core'
import { ChevronDown, Copy, GitFork, Pause, Play, Save, Square } from 'lucide-react'
import { useState } from 'react'
import { plannedEpochs } from '../../core/plan/phases'
import type { Run } from '../../core/run'
import { isLive, isResumable } from '../../core/run'
import { defaultCheckpoint, editConfig, editFork, extendRun, killRun, pauseRun, resumeRun, saveCheckpoint, stopRun } from '../commands'
import { cutMiddle } from '../format'
import { runName } from '../names'
import { EndNow, isEnding } from '../parts/EndNow'
import { useStore } from '../store'

/** Everything that can be done with the open run; what cannot be done now is not shown. */
export function RunControls({ run }: { readonly run: Run }) {
  const stalled = useStore((state) => state.loads[run.id]?.stalled ?? false)
  const live = isLive(run.status)
  const checkpoint = defaultCheckpoint(run)
  return (
    <div style={{ display: 'flex', gap: 6, flex: 'none' }}>
      {run.status === 'running' && <Button leftSection={<Pause size={13} />} onClick={() => pauseRun(run.id)}>Pause</Button>}
      {isResumable(run.status) && <Button leftSection={<Play size={13} />} onClick={() => resumeRun(run.id)}>Resume</Button>}
      {run.status === 'running' && <Button variant="default" leftSection={<Save size={13} />} onClick={() => saveCheckpoint(run.id)}>Save checkpoint</Button>}
      {isEnding(run) && <EndNow id={run.id} />}
      {((live && !isEnding(run)) || run.status === 'queued') && (
        <Button.Group>
          <Button variant="default" leftSection={<Square size={13} />} onClick={() => stopRun(run.id)}>Stop</Button>
          <Menu position="bottom-end">
            <Menu.Target><Button variant="default" px={5} aria-label="More ways to stop"><ChevronDown size={13} /></Button></Menu.Target>
            <Menu.Dropdown>
              <Menu.Item color="red" onClick={() => killRun(run.id)}>End now{stalled ? '' : ', losing what is not saved'}</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </Button.Group>
      )}
      {(run.status === 'finished' || run.status === 'earlyStopped' || run.status === 'stopped' || run.status === 'paused') && checkpoint !== null && <Extend run={run} />}
      {!live && checkpoint !== null && <Button variant="default" leftSection={<GitFork size={13} />} onClick={() => editFork(run, checkpoint.checkpoint)}>Fork</Button>}
      <Button variant="default" leftSection={<Copy size={13} />} onClick={() => editConfig(run.config, `the one of “${cutMiddle(runName(run), 40)}”`)}>New like this</Button>
    </div>
  )
}

function Extend({ run }: { readonly run: Run }) {
  const [opened, setOpened] = useState(false)
  const [epochs, setEpochs] = useState(run.config.epochs + 10)
  const valid = Number.isInteger(epochs) && epochs > run.config.epochs && epochs <= 100_000
  const planned = plannedEpochs({ config: { ...run.config, epochs: valid ? epochs : run.config.epochs }, facts: run.facts })
  const extend = (): void => {
    if (!valid) return
    setOpened(false)
    extendRun(run.id, epochs, null)
  }
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus position="bottom-end">
      <Popover.Target><Button variant="default" onClick={() => { setEpochs(run.config.epochs + 10); setOpened(!opened) }}>Extend…</Button></Popover.Target>
      <Popover.Dropdown p="sm" maw={300}>
        <form onSubmit={(event) => { event.preventDefault(); extend() }} style={{ display: 'grid', gap: 8 }}>
          <NumberInput label="Train until epoch" size="xs" min={run.config.epochs + 1} max={100_000} value={epochs} onChange={(value) => setEpochs(Number(value))} error={valid ? undefined : `Must be a whole number above ${run.config.epochs}.`} />
          <span className="quiet tiny">Goes on exactly where it ended. A schedule that is stated in fractions stretches over the new length.{valid && planned !== epochs ? ` Regime adaptation makes them ${planned}.` : ''}</span>
          <Button type="submit" disabled={!valid}>Extend and train on</Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
