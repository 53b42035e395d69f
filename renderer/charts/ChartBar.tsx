import { Select, Slider } from '@mantine/core'
import { useChartPreferences } from './chartOptions'
import { changeSettings } from '../commands'
import type { XAxis } from './columns'
import { smoothingPlace, smoothingAt } from './smoothing'
import { useStore } from '../store'
import { Toggle } from '../components/Toggle'

const axes: readonly { readonly value: XAxis; readonly label: string }[] = [
  { value: 'epoch', label: 'Epochs' },
  { value: 'update', label: 'Updates' },
  { value: 'examples', label: 'Examples seen' },
  { value: 'seconds', label: 'Training time' },
]

/** How all charts of runs are looked at. */
export function ChartBar() {
  const { xAxis, smoothing } = useStore((state) => state.settings)
  const preferences = useChartPreferences()
  return (
    <>
      <Select
        aria-label="X axis"
        w={126}
        data={axes}
        value={xAxis}
        onChange={(value) =>
          void changeSettings({ xAxis: axes.find((axis) => axis.value === value)?.value ?? 'epoch' })
        }
      />
      <Toggle
        label="log x"
        hint="Logarithmic x axis"
        on={preferences.logX}
        change={(logX) => useChartPreferences.setState({ logX })}
      />
      <span className="smoothing">
        <span className="quiet tiny">smoothing</span>
        <Slider
          thumbLabel="Smoothing"
          w={84}
          size={3}
          thumbSize={12}
          min={0}
          max={0.99}
          step={0.01}
          label={() => (smoothing === 0 ? 'off' : String(smoothing))}
          value={smoothingPlace(smoothing)}
          onChange={(place) =>
            useStore.setState(({ settings }) => ({ settings: { ...settings, smoothing: smoothingAt(place) } }))
          }
          onChangeEnd={(place) => void changeSettings({ smoothing: smoothingAt(place) })}
        />
      </span>
    </>
  )
}
