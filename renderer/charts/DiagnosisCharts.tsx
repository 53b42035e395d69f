import type { TracedRun } from '../../core/run'
import { useChartPreferences } from './chartOptions'
import { runColour } from './colours'
import { csvOfColumns } from './csv'
import type { DiagnosisKind } from './diagnosisDrawings'
import { diagnosisName, drawDiagnoses, measuredLines, placed } from './diagnosisDrawings'
import { useStore } from '../store'
import { ChartView } from './ChartView'
import { GuardedPart } from '../components/Guard'
import { Explained } from './Explained'

interface Props {
  readonly traced: TracedRun
  readonly version: string
}

const explained: Readonly<Record<DiagnosisKind, string>> = {
  updateRatio: 'live-diagnostics',
  gradientNoise: 'gradient-noise-scale',
}

/** What was measured of a run now and then while it trained. */
export const DiagnosisCharts = (props: Props) => (
  <GuardedPart name="The charts of diagnoses" resetKey={props.traced.run.id}>
    <Charts {...props} />
  </GuardedPart>
)

function Charts({ traced, version }: Props) {
  const xAxis = useStore((state) => state.settings.xAxis)
  const colours = useStore((state) => state.colours)
  const { logX } = useChartPreferences()
  const { diagnostics } = traced.run.config
  const kinds = (['updateRatio', 'gradientNoise'] as const).filter((kind) => diagnostics[kind])
  const isEmpty = placed(traced).length === 0
  return (
    <>
      {kinds.map((kind) => (
        <ChartView
          key={kind}
          name={diagnosisName[kind]}
          height={170}
          revision={`${version} ${xAxis} ${logX}`}
          veil={isEmpty ? `Nothing measured yet; every ${diagnostics.every ?? 1} updates` : ''}
          draw={({ theme: ink, legend }) =>
            drawDiagnoses(traced, {
              kind,
              xAxis,
              logX,
              theme: ink,
              legend,
              colour: runColour(colours, traced.run.id, ink.scheme),
            })
          }
          csv={() => {
            const points = placed(traced)
            const lines = measuredLines(
              kind,
              points.map(({ diagnosis }) => diagnosis),
              points.map(({ at }) => traced.trace.batchSize[at] ?? null),
            )
            return csvOfColumns({
              update: points.map(({ diagnosis }) => diagnosis.update),
              ...Object.fromEntries(lines.map(({ name, values }) => [name, values])),
            })
          }}
          tools={<Explained name={diagnosisName[kind]} page={explained[kind]} />}
        />
      ))}
    </>
  )
}
