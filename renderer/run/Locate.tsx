import { Button, Menu } from '@mantine/core'
import type { Input } from '../../core/protocol'
import { pathOf } from '../../core/config/place'
import type { Run } from '../../core/run'
import { allowsAction } from '../../core/runActions'
import { ask } from '../api'
import { runName } from '../names'
import { notify } from '../notify'
import { forgetLost, useLostData } from './lostData'

async function locate(run: Run, what: Input<'runs.locate'>['what']): Promise<void> {
  const place = await ask('runs.locate', { id: run.id, what }, 'The data could not be taken from there')
  if (place === undefined || place === null) return
  forgetLost(run.id)
  notify(`The data of “${runName(run)}” is found: the run can go on`)
}

/** Asks where a run's data is now; main takes it where its fingerprint shows that it is the same. */
function LocateButton({ run }: { readonly run: Run }) {
  if (run.config.data.source.type === 'idx')
    return (
      <Button variant="default" onClick={() => void locate(run, 'folder')}>
        Locate…
      </Button>
    )
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button variant="default">Locate…</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void locate(run, 'folder')}>Choose a folder…</Menu.Item>
        <Menu.Item onClick={() => void locate(run, 'file')}>Choose an archive…</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

/** Says that a run could not go on with its data, and offers to find it. */
export function LostData({ run }: { readonly run: Run }) {
  const sentence = useLostData((lost) => lost[run.id])
  if (sentence === undefined || !allowsAction('relocate', run)) return null
  return (
    <div className="banner selectable" data-level="warning" role="alert">
      <p>{sentence}</p>
      <LocateButton run={run} />
    </div>
  )
}

/** Where a run reads its images from, and a way to say that they were moved. */
export function DataPlace({ run }: { readonly run: Run }) {
  const path = pathOf(run.config.data.source)
  if (path === undefined) return null
  return (
    <div className="pad" style={{ display: 'flex', gap: 10, alignItems: 'center', maxWidth: 720 }}>
      <span className="selectable" style={{ overflowWrap: 'anywhere' }}>
        Images from {path}
      </span>
      {allowsAction('relocate', run) && <LocateButton run={run} />}
    </div>
  )
}
