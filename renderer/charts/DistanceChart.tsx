import type { Run } from '../../core/run'
import { diffusionOf } from '../../core/noise'
import { useChartPreferences } from './chartOptions'
import { chartName } from './chartKinds'
import { runColour } from './colours'
import { csvOfColumns } from './csv'
import { drawDistance } from './distanceDrawing'
import { useStore } from '../store'
import { ChartView } from './ChartView'
import { Explained } from './Explained'
import { GuardedPart } from '../components/Guard'
import { Toggle } from '../components/Toggle'

interface Props {
  readonly run: Run
  readonly height: number
  readonly version: string
  readonly veil: string
}

/** How far the weights of a run have come, with the diffusion fit of its first phase. */
export const DistanceChart = (props: Props) => (
  <GuardedPart name={chartName.distance} resetKey={props.run.id}>
    <Distance {...props} />
  </GuardedPart>
)

function Distance({ run, height, version, veil }: Props) {
  const xAxis = useStore((state) => state.settings.xAxis)
  const colours = useStore((state) => state.colours)
  const { logX, logTime } = useChartPreferences()
  return (
    <ChartView
      name={chartName.distance}
      height={height}
      revision={`${version} ${xAxis} ${logX} ${logTime}`}
      veil={veil}
      draw={(frame) =>
        drawDistance(run, { ...frame, xAxis, logX, logTime, colour: runColour(colours, run.id, frame.theme.scheme) })
      }
      csv={() => {
        const diffusion = diffusionOf(run.epochs)
        return csvOfColumns({
          epoch: run.epochs.map(({ epoch }) => epoch),
          update: run.epochs.map(({ moment }) => moment.update),
          distance: run.epochs.map(({ distance }) => distance),
          ...(diffusion === null ? {} : { 'a + b ln t': run.epochs.map(({ moment }) => diffusion.at(moment.update)) }),
        })
      }}
      tools={
        <>
          <Toggle
            label="log t"
            hint="Over the logarithm of updates, where diffusion is a straight line"
            on={logTime}
            change={(on) => useChartPreferences.setState({ logTime: on })}
          />
          <Explained name={chartName.distance} page="diffusion" />
        </>
      }
    />
  )
}
