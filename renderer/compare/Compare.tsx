import { Button, SegmentedControl, Switch } from '@mantine/core'
import { useMemo } from 'react'
import { showView } from '../commands'
import { compareNow, useComparison } from './comparison'
import { CheckpointPicker } from './CheckpointPicker'
import { Empty } from '../components/Empty'
import { GuardedPart } from '../components/Guard'
import { Outcome } from './Outcome'
import { pairInWords } from './pairing'
import { ChartBar } from '../charts/ChartBar'
import { ChartChoice, useCharts } from '../charts/ChartChoice'
import { Differences } from './Differences'
import { Keys, RunCharts } from '../charts/RunCharts'
import { useStore } from '../store'
import { useTraced } from '../charts/traces'

const splits = [
  { value: 'validation', label: 'Validation' },
  { value: 'test', label: 'Test' },
]

/** Two saved checkpoints side by side, on the same images, each network fed as it was trained. */
export function Compare() {
  const compare = useStore((state) => state.compare)
  const hasCheckpoints = useStore((state) => Object.values(state.runs).some((run) => run.checkpoints.length > 0))
  const { asked, busy, result, failure } = useComparison()
  const progress = useStore((state) => state.progress[''])
  const runs = useStore((state) => state.runs)
  const { a, b, split, unseen } = compare
  const current = asked !== null && JSON.stringify(asked) === JSON.stringify(compare)
  const set = (change: Partial<typeof compare>): void => useStore.setState({ compare: { ...compare, ...change } })
  if (!hasCheckpoints)
    return (
      <Empty title="Nothing to compare yet" action={{ label: 'Configure a run', act: () => showView('editor') }}>
        A run writes its first checkpoint at the end of its first epoch. Two checkpoints, of one run or of two, can be
        put side by side here.
      </Empty>
    )
  const ready = a !== null && b !== null
  return (
    <>
      <div className="bar-row" style={{ gap: 12 }}>
        <CheckpointPicker letter="A" value={a} change={(value) => set({ a: value })} />
        <CheckpointPicker letter="B" value={b} change={(value) => set({ b: value })} />
        <SegmentedControl
          aria-label="Split"
          data={splits}
          value={split}
          onChange={(value) => set({ split: value === 'test' ? 'test' : 'validation' })}
        />
        <Switch
          label="Only unseen"
          title="Leave out the images that one of the two was trained on"
          checked={unseen}
          onChange={(event) => set({ unseen: event.currentTarget.checked })}
        />
        <Button disabled={!ready || (busy && current)} onClick={() => void compareNow(compare)}>
          {busy && current ? 'Comparing…' : 'Compare'}
        </Button>
      </div>
      <div className="scroll">
        {current && failure !== '' && (
          <div className="banner selectable" data-level="error" role="alert">
            <p>The checkpoints could not be compared. {failure} Both files are unchanged.</p>
          </div>
        )}
        {current && !busy && result !== null && a !== null && b !== null ? (
          <GuardedPart name="The comparison" resetKey={result}>
            <Outcome result={result} a={a} b={b} />
          </GuardedPart>
        ) : (
          <p className="pad quiet" style={{ minHeight: 20 }}>
            {busy && current
              ? `Evaluating both on the ${split} images${progress === undefined ? '' : `: ${progress.message}`}…`
              : pairInWords(a, b, runs)}
          </p>
        )}
        <Overlay ids={[a?.run, b?.run]} />
      </div>
    </>
  )
}

// The two runs' curves, whether or not their checkpoints have been evaluated.
function Overlay({ ids }: { readonly ids: readonly (string | undefined)[] }) {
  const key = [...new Set(ids.flatMap((id) => id ?? []))].join(' ')
  const wanted = useMemo(() => (key === '' ? [] : key.split(' ')), [key])
  const { runs, version, loading, failures } = useTraced(wanted)
  const kinds = useCharts('compared')
  if (runs.length === 0) return null
  return (
    <>
      <div className="bar-row" style={{ borderTop: '1px solid var(--line)' }}>
        <h2 className="heading">Curves</h2>
        <ChartBar />
        <span className="spring" />
        <Keys />
        <ChartChoice of="compared" />
      </div>
      <div className="chart-grid">
        <RunCharts
          runs={runs}
          version={version}
          kinds={kinds}
          heights={() => 240}
          loading={loading}
          failures={failures}
        />
      </div>
      {runs.length > 1 && <Differences runs={runs.map(({ run }) => run)} />}
    </>
  )
}
