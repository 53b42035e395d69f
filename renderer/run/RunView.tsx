import { Tabs } from '@mantine/core'
import { useMemo, useState } from 'react'
import { bestEpoch } from '../../core/best'
import type { Run } from '../../core/run'
import { chanceNote } from '../../core/chance'
import { explained } from '../../core/ending'
import { isLive } from '../../core/run'
import { showView } from '../commands'
import { bytes, compact, duration, percent } from '../format'
import { dataName, networkName, runName } from '../names'
import { ChartBar } from '../charts/ChartBar'
import { ChartChoice, useCharts } from '../charts/ChartChoice'
import { CheckpointList } from './CheckpointList'
import { ConfigTable } from './ConfigTable'
import { DiagnosisCharts } from '../charts/DiagnosisCharts'
import { DistanceChart } from '../charts/DistanceChart'
import { Dot } from '../components/Dot'
import { Empty } from '../components/Empty'
import { FittedName } from '../components/FittedName'
import { DataPlace, LostData } from './Locate'
import { LogList } from './LogList'
import { NotesPanel } from './NotesPanel'
import type { LabelledNumber } from '../components/Numbers'
import { Numbers } from '../components/Numbers'
import { RunOrigin } from './RunOrigin'
import { Keys, RunCharts } from '../charts/RunCharts'
import { RunControls } from './RunControls'
import { Status } from '../components/Status'
import { plannedEpochs } from '../../core/plan/phases'
import { lastFiveAccuracy, secondsLeft, secondsPerEpoch, speedOf, testAccuracy } from '../../core/runStatistics'
import { formatCount } from '../../core/numbers'
import type { MachineLoad } from '../records'
import { useStore } from '../store'
import { useTraced } from '../charts/traces'

/** One run: what it is doing, how it went, and everything that can be done with it. */
export function RunView() {
  const id = useStore((state) => state.openRun)
  const run = useStore((state) => (state.openRun === null ? undefined : state.runs[state.openRun]))
  if (id === null || run === undefined)
    return (
      <Empty title="No run is open" action={{ label: 'Choose a run', act: () => showView('runs') }}>
        Open one from the table with Enter or a double click.
      </Empty>
    )
  return <OpenRun key={id} run={run} />
}

function OpenRun({ run }: { readonly run: Run }) {
  const [tab, setTab] = useState('charts')
  const load = useStore((state) => state.loads[run.id])
  const happened = explained(run)
  return (
    <>
      <div className="bar-row" style={{ gap: 10, flexWrap: 'nowrap' }}>
        <Dot id={run.id} />
        <h2 className="heading fit-room">
          <FittedName text={runName(run)} bold />
        </h2>
        <Status run={run} />
        <span className="quiet tiny" style={{ flex: 'none' }}>
          <RunOrigin run={run} />
        </span>
        <RunControls run={run} />
      </div>
      {happened !== '' && (
        <div
          className="banner selectable"
          data-level={
            run.status === 'failed' || run.status === 'diverged'
              ? 'error'
              : run.status === 'interrupted'
                ? 'warning'
                : 'information'
          }
        >
          <p>{happened}</p>
        </div>
      )}
      <LostData run={run} />
      <Numbers figures={figuresOf(run, load)} />
      <Tabs value={tab} onChange={(value) => setTab(value ?? 'charts')} className="run-tabs">
        <Tabs.List>
          <Tabs.Tab value="charts">Charts</Tabs.Tab>
          <Tabs.Tab value="checkpoints">
            Checkpoints{run.checkpoints.length > 0 ? ` (${run.checkpoints.length})` : ''}
          </Tabs.Tab>
          <Tabs.Tab value="config">Config</Tabs.Tab>
          <Tabs.Tab value="log">Log</Tabs.Tab>
          <Tabs.Tab value="notes">Notes</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="charts">
          <Charts run={run} />
        </Tabs.Panel>
        <Tabs.Panel value="checkpoints">
          <CheckpointList run={run} />
        </Tabs.Panel>
        <Tabs.Panel value="config">
          <DataPlace run={run} />
          <ConfigTable config={run.config} />
        </Tabs.Panel>
        <Tabs.Panel value="log">
          <LogList run={run} />
        </Tabs.Panel>
        <Tabs.Panel value="notes">
          <div className="pad">
            <NotesPanel run={run} />
          </div>
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

function Charts({ run }: { readonly run: Run }) {
  const ids = useMemo(() => [run.id], [run.id])
  const { runs, version, loading, failures } = useTraced(ids)
  const kinds = useCharts('run')
  return (
    <>
      <div className="bar-row">
        <ChartBar />
        <span className="spring" />
        <Keys />
        <ChartChoice of="run" />
      </div>
      <div className="chart-grid">
        <RunCharts
          runs={runs}
          version={version}
          kinds={kinds.filter((kind) => kind !== 'distance')}
          heights={(kind) => (kind === 'loss' || kind === 'accuracy' ? 270 : 170)}
          loading={loading}
          failures={failures}
        />
        {kinds.includes('distance') && (
          <DistanceChart
            run={run}
            version={version}
            height={170}
            veil={run.epochs.length === 0 ? 'No epoch yet' : ''}
          />
        )}
        {run.config.diagnostics.every !== null && runs[0] !== undefined && (
          <DiagnosisCharts traced={runs[0]} version={version} />
        )}
      </div>
    </>
  )
}

const withChance = (what: string, note: string): string => (note === '' ? what : `${what}, ${note}`)

function figuresOf(run: Run, load: MachineLoad | undefined): readonly LabelledNumber[] {
  const best = bestEpoch(run)
  const live = isLive(run.status)
  const speed = speedOf(run)
  const average = secondsPerEpoch(run)
  const classes = run.facts?.classes.length
  const diverged = run.status === 'diverged'
  const tested = run.test.best ?? run.test.last
  const atChance = chanceNote(tested?.score, classes)
  return [
    {
      label: 'Epoch',
      value: `${formatCount(run.moment.epoch)} / ${formatCount(plannedEpochs(run))}`,
      note: run.updates === 0 ? undefined : `update ${compact(run.moment.update)} of ${compact(run.updates)}`,
    },
    {
      label: 'Best validation',
      value: percent(best?.validation?.accuracy),
      note:
        best === undefined
          ? 'no epoch yet'
          : `${chanceNote(best.validation, classes) === '' ? 'accuracy' : 'chance level'}, epoch ` +
            `${best.epoch}${diverged ? ', before it diverged' : ''}`,
      hint:
        best === undefined
          ? undefined
          : `${withChance('Validation accuracy', chanceNote(best.validation, classes))}; the median of the last ` +
            `five epochs is ${percent(lastFiveAccuracy(run))}`,
    },
    {
      label: 'Test accuracy',
      value: percent(testAccuracy(run)),
      note:
        tested === null
          ? diverged
            ? 'not measured: it diverged'
            : 'measured at the end'
          : run.test.best !== null
            ? `${atChance === '' ? 'best' : 'chance level'}, epoch ${run.test.best.epoch}`
            : atChance === ''
              ? 'of the last weights'
              : 'chance level',
      hint:
        tested === null
          ? undefined
          : withChance(`Test accuracy of the ${run.test.best === null ? 'last weights' : 'best checkpoint'}`, atChance),
    },
    live
      ? { label: 'Time left', value: duration(secondsLeft(run)), note: `${duration(run.moment.seconds)} trained` }
      : { label: 'Trained for', value: duration(run.moment.seconds), note: undefined },
    {
      label: 'Time per epoch',
      value: duration(average),
      note: speed === null ? undefined : `${compact(speed)} images/s`,
    },
    {
      label: 'Engine',
      value: run.engine?.name ?? '–',
      note: run.engine === null ? 'not started' : `${run.engine.device}${run.engine.captured ? ', captured' : ''}`,
      hint: run.engine?.note,
    },
    live
      ? {
          label: 'Memory',
          value: bytes(load?.rssBytes),
          note: load?.gpu
            ? `GPU ${bytes(load.gpu.memoryBytes)}, ${Math.round(load.gpu.utilisation * 100)} %`
            : load === undefined
              ? undefined
              : `CPU ${Math.round(load.cpuFraction * 100)} %`,
        }
      : {
          label: 'Network',
          value: networkName(run.config.network),
          note: `${dataName(run.config.data.source)}, ${compact(run.parameters)} weights`,
        },
  ]
}
