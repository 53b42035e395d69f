import { explained } from '../../core/ending'
import type { Run } from '../../core/run'
import { allowsAction } from '../../core/runActions'
import { formatCount } from '../../core/numbers'
import { drawnTogether, useTraced } from '../charts/traces'
import { runName } from '../names'
import { runActions } from '../runActions'
import { ChartBar } from '../charts/ChartBar'
import { ChartChoice, useCharts } from '../charts/ChartChoice'
import { Differences } from '../compare/Differences'
import { Dot } from '../components/Dot'
import { Empty } from '../components/Empty'
import { FittedName } from '../components/FittedName'
import { NotesPanel } from '../run/NotesPanel'
import { Keys, RunCharts } from '../charts/RunCharts'
import { ActionButton } from './ActionButton'
import { useSelectedRuns } from './selection'

/** What the selected runs did: their curves, what differs between them, and a single one's notes. */
export function SelectionPanel() {
  const selected = useSelectedRuns()
  const ids = selected.map(({ id }) => id)
  const kinds = useCharts('compared')
  const { runs, version, loading, failures } = useTraced(ids.slice(0, drawnTogether))
  const [first] = selected
  if (first === undefined) {
    return (
      <Empty title="Select runs to see their curves">
        A click selects one; Ctrl and Shift select more. A row’s dot is its line’s colour. Enter opens a run.
      </Empty>
    )
  }
  return (
    <>
      <div className="bar-row">
        <ChartBar />
        <span className="spring" />
        <ChartChoice of="compared" />
      </div>
      <div className="scroll">
        <div style={{ padding: '6px 16px 0' }}>
          <Keys />
        </div>
        {ids.length > drawnTogether && (
          <p className="quiet pad" style={{ margin: 0 }}>
            The first {drawnTogether} of {formatCount(ids.length)} selected runs are drawn; what is done with the
            selection, and saved of its data, is of all of them.
          </p>
        )}
        <RunCharts
          runs={runs}
          version={version}
          kinds={kinds}
          heights={() => 236}
          loading={loading}
          failures={failures}
          saved={selected}
        />
        {selected.length === 1 ? <One run={first} /> : <Many runs={selected} />}
      </div>
    </>
  )
}

const inTrash = (runs: readonly Run[]): boolean => runs.some(({ removedAt }) => removedAt !== null)

function One({ run }: { readonly run: Run }) {
  const runs = [run]
  return (
    <div className="pad">
      <div className="selection-head">
        <Dot id={run.id} />
        <h2 className="heading fit-room">
          <FittedName text={runName(run)} bold />
        </h2>
        {inTrash(runs) ? (
          <ActionButton action={runActions.restore} runs={runs} />
        ) : (
          <>
            {allowsAction('resume', run) && <ActionButton action={runActions.resume} runs={runs} />}
            {allowsAction('pause', run) && <ActionButton action={runActions.pause} runs={runs} />}
            <ActionButton action={runActions.open} runs={runs} />
            {allowsAction('remove', run) && <ActionButton action={runActions.trash} runs={runs} short="Trash" />}
          </>
        )}
      </div>
      {explained(run) !== '' && (
        <p className="selectable quiet" style={{ margin: '0 0 8px' }}>
          {explained(run)}
        </p>
      )}
      <NotesPanel key={run.id} run={run} />
    </div>
  )
}

function Many({ runs }: { readonly runs: readonly Run[] }) {
  return (
    <div style={{ padding: '8px 0 24px' }}>
      <div className="selection-head" style={{ padding: '0 16px' }}>
        <h2 className="heading" style={{ flex: 1 }}>
          What differs
        </h2>
        {inTrash(runs) ? (
          <ActionButton action={runActions.restore} runs={runs} />
        ) : (
          <>
            {runs.length === 2 && <ActionButton action={runActions.compare} runs={runs} />}
            <ActionButton action={runActions.trash} runs={runs} short={`Trash ${formatCount(runs.length)}`} />
          </>
        )}
      </div>
      <Differences runs={runs.slice(0, drawnTogether)} />
    </div>
  )
}
