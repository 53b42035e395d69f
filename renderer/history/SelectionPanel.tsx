import { Button } from '@mantine/core'
import { useStore } from '../store'
import { isLive, isResumable } from '../../core/run'
import type { Run } from '../../core/run'
import { compareCheckpoints, defaultCheckpoint, openRun, removeRuns, resumeRun } from '../commands'
import { drawnTogether, useTraced } from '../charts/traces'
import { runName } from '../names'
import { ChartBar } from '../charts/ChartBar'
import { ChartChoice, useCharts } from '../charts/ChartChoice'
import { Differences } from '../compare/Differences'
import { Dot } from '../parts/Dot'
import { Empty } from '../parts/Empty'
import { Fit } from '../parts/Fit'
import { NotesPanel } from '../run/NotesPanel'
import { Keys, RunCharts } from '../charts/RunCharts'

/** What the selected runs did: their curves, what differs between them, and a single one's notes. */
export function SelectionPanel() {
  const selected = useStore((state) => state.selected)
  const drawn = selected.slice(0, drawnTogether)
  const kinds = useCharts('compared')
  const { runs, version, loading, failures } = useTraced(drawn)
  if (runs.length === 0) {
    return <Empty title="Select runs to see their curves">A click selects one; Ctrl and Shift select more. A row’s dot is its line’s colour. Enter opens a run.</Empty>
  }
  const [first] = runs
  return (
    <>
      <div className="bar-row"><ChartBar /><span className="spring" /><ChartChoice of="compared" /></div>
      <div className="scroll">
        <div style={{ padding: '6px 16px 0' }}><Keys /></div>
        {selected.length > drawn.length && <p className="quiet pad" style={{ margin: 0 }}>The first {drawn.length} of {selected.length} selected runs are drawn.</p>}
        <RunCharts runs={runs} version={version} kinds={kinds} heights={() => 236} loading={loading} failures={failures} />
        {runs.length === 1 && first !== undefined && <One run={first.run} />}
        {runs.length > 1 && <Many runs={runs.map(({ run }) => run)} />}
      </div>
    </>
  )
}

function One({ run }: { readonly run: Run }) {
  return (
    <div className="pad">
      <div style={{ display: 'flex', gap: 8, alignItems: 'center', marginBottom: 8 }}>
        <Dot id={run.id} />
        <h2 className="heading fit-room"><Fit text={runName(run)} bold /></h2>
        {isResumable(run.status) && <Button variant="default" onClick={() => resumeRun(run.id)}>Resume</Button>}
        <Button variant="default" onClick={() => openRun(run.id)}>Open</Button>
      </div>
      {run.message !== '' && <p className="selectable quiet" style={{ margin: '0 0 8px' }}>{run.message}</p>}
      <NotesPanel key={run.id} run={run} />
    </div>
  )
}

function Many({ runs }: { readonly runs: readonly Run[] }) {
  const compare = (): void => {
    const [a, b] = runs.map(defaultCheckpoint)
    compareCheckpoints(a ?? null, b ?? null)
  }
  return (
    <div style={{ padding: '8px 0 24px' }}>
      <div style={{ display: 'flex', gap: 8, alignItems: 'center', padding: '0 16px 6px' }}>
        <h2 className="heading" style={{ flex: 1 }}>What differs</h2>
        {runs.length === 2 && <Button variant="default" onClick={compare}>Compare checkpoints</Button>}
        <Button variant="default" disabled={runs.some(({ status }) => isLive(status))} onClick={() => void removeRuns(runs.map(({ id }) => id))}>Trash {runs.length}</Button>
      </div>
      <Differences runs={runs} />
    </div>
  )
}
