import { useMemo } from 'react'
import { unpackPoints } from '../../core/packing'
import type { Run, RunId, TracedRun } from '../../core/run'
import { call, sentenceOf } from '../api'
import { useChartPreferences } from './chartOptions'
import { chartName } from './chartKinds'
import { drawChart } from './charts'
import type { Series } from './runTraces'
import { runColour, dashesFor } from './colours'
import type { ChartKind, XAxis } from './columns'
import { yColumn } from './columns'
import { csvOfRuns } from './csv'
import { autoLabels } from '../names'
import { useStore } from '../store'
import type { DrawingFrame } from './usePlot'
import { ChartView } from './ChartView'
import { GuardedPart } from '../components/Guard'
import { Toggle } from '../components/Toggle'
import { Explained } from './Explained'

interface Props {
  readonly runs: readonly TracedRun[]
  readonly version: string
  readonly kinds: readonly ChartKind[]
  readonly heights: (kind: ChartKind) => number
  readonly loading: boolean
  readonly failures: readonly string[]
  /** The runs whose data are saved, where those are more than are drawn. */
  readonly saved?: readonly Run[]
}

/** Charts that have a page in Papers. */
const explained: Readonly<Partial<Record<ChartKind, string>>> = {
  noiseScale: 'momentum-and-batch',
  rateToBatch: 'rate-over-batch',
}

/** The charts of some runs, drawn with the preferences that all charts share. */
export const RunCharts = (props: Props) => (
  <GuardedPart name="The charts" resetKey={props.runs.map(({ run }) => run.id).join()}>
    <Charts {...props} />
  </GuardedPart>
)

function Charts({ runs, version, kinds, heights, loading, failures, saved = runs.map(({ run }) => run) }: Props) {
  const { xAxis, smoothing } = useStore((state) => state.settings)
  const colours = useStore((state) => state.colours)
  const preferences = useChartPreferences()
  const labels = useMemo(() => autoLabels(runs.map(({ run }) => run)), [runs])
  const seriesFor = (traced: readonly TracedRun[], scheme: DrawingFrame['theme']['scheme']): readonly Series[] => {
    const dashes = dashesFor(
      colours,
      traced.map(({ run }) => run.id),
    )
    return traced.map((one, index) => ({
      traced: one,
      label: labels[index] ?? '',
      colour: runColour(colours, one.run.id, scheme),
      dash: dashes[index] ?? 'solid',
    }))
  }
  const empty = runs.every(({ trace, run }) => trace.update.length === 0 && run.epochs.length === 0)
  const veil =
    failures[0] !== undefined
      ? `Curves could not be read: ${failures[0]}`
      : !empty
        ? ''
        : loading
          ? 'Reading the curves…'
          : 'No update yet'
  // Of an older trace whose momentum moved.
  const unknown = (kind: ChartKind): boolean =>
    kind === 'noiseScale' && !empty && runs.every((traced) => yColumn(traced, kind).every(Number.isNaN))
  return (
    <>
      {kinds.map((kind) => {
        const logY = preferences.logY[kind] ?? false
        return (
          <ChartView
            key={kind}
            name={chartName[kind]}
            height={heights(kind)}
            veil={veil === '' && unknown(kind) ? 'The momentum was not recorded' : veil}
            revision={
              `${version} ${labels.join('|')} ${xAxis} ${smoothing} ${preferences.train} ` +
              `${preferences.validation} ${preferences.logX} ${logY}`
            }
            draw={(frame) =>
              drawChart(seriesFor(runs, frame.theme.scheme), {
                ...frame,
                kind,
                xAxis,
                smoothing,
                logX: preferences.logX,
                logY,
                train: preferences.train,
                validation: preferences.validation,
              })
            }
            csv={() => csvOf(saved, kind, xAxis)}
            tools={
              <>
                {explained[kind] !== undefined && <Explained name={chartName[kind]} page={explained[kind]} />}
                <Toggle
                  label="log"
                  hint="Logarithmic y axis"
                  on={logY}
                  change={(on) => useChartPreferences.setState(({ logY: all }) => ({ logY: { ...all, [kind]: on } }))}
                />
              </>
            }
          />
        )
      })}
    </>
  )
}

// What is on screen may be on its way from main; a file gets what is on disk.
async function csvOf(runs: readonly Run[], kind: ChartKind, xAxis: XAxis): Promise<string> {
  const labels = autoLabels(runs)
  const traced: { readonly traced: TracedRun; readonly label: string }[] = []
  // One after the other: thousands may be selected.
  for (const [index, { id }] of runs.entries()) {
    const reply = await call('runs.trace', id)
    if (!reply.ok) throw new Error(sentenceOf(reply))
    const run = await withEveryEpoch(id)
    if (run !== undefined)
      traced.push({ traced: { run, trace: unpackPoints(reply.value) }, label: labels[index] ?? '' })
  }
  return csvOfRuns(traced, kind, xAxis)
}

const longestWaitMs = 3000

// Who asks for a trace is told every epoch of its run, a moment later; until then the list has only the best and the
// last ones.
function withEveryEpoch(id: RunId): Promise<Run | undefined> {
  const isWhole = (run: Run | undefined): boolean => run === undefined || run.epochs.length >= run.moment.epoch
  return new Promise((resolve) => {
    const done = (): void => {
      off()
      clearTimeout(timer)
      resolve(useStore.getState().runs[id])
    }
    const off = useStore.subscribe((state) => {
      if (isWhole(state.runs[id])) done()
    })
    const timer = setTimeout(done, longestWaitMs)
    if (isWhole(useStore.getState().runs[id])) done()
  })
}

/** What the strokes of a chart mean; a stroke is put away by clicking its name. */
export function Keys() {
  const smoothing = useStore((state) => state.settings.smoothing)
  const { train, validation } = useChartPreferences()
  const { setState } = useChartPreferences
  return (
    <div className="keys">
      <button
        type="button"
        aria-pressed={train}
        title={smoothing > 0 ? 'Smoothed; the raw curve lies faint behind it' : 'As measured on each batch'}
        onClick={() => setState({ train: !train })}
      >
        <i />
        train, per update
      </button>
      <button type="button" aria-pressed={validation} onClick={() => setState({ validation: !validation })}>
        <i className="thick" />
        validation, per epoch
      </button>
      <span>◆ test</span>
    </div>
  )
}
