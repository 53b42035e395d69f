import { formatCount } from '../../core/numbers'
import { Button, SegmentedControl, Select, Slider } from '@mantine/core'
import { ask } from '../api'
import { changeSettings } from '../commands'
import { smoothingAt, smoothingPlace } from '../charts/smoothing'
import { useStore } from '../store'
import { showCheck } from './checkLibrary'

const themes = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
]
const axes = [
  { value: 'epoch', label: 'Epochs' },
  { value: 'update', label: 'Updates' },
  { value: 'examples', label: 'Examples seen' },
  { value: 'seconds', label: 'Training time' },
]

/** What a person chooses once. */
export function SettingsView() {
  const { theme, xAxis, smoothing } = useStore((state) => state.settings)
  const app = useStore((state) => state.app)
  const runs = useStore((state) => Object.keys(state.runs).length)
  const docs = (which: 'readme' | 'licences' | 'library'): void =>
    void ask('app.openDocs', which, 'It could not be opened')
  return (
    <div className="scroll">
      <div className="prose">
        <h2>Looks</h2>
        <div className="setting">
          <span id="theme">Theme</span>
          <div>
            <SegmentedControl
              aria-labelledby="theme"
              data={themes}
              value={theme}
              onChange={(value) =>
                void changeSettings({ theme: value === 'light' || value === 'dark' ? value : 'system' })
              }
            />
          </div>
        </div>
        <h2>Charts</h2>
        <div className="setting">
          <span id="axis">X axis</span>
          <Select
            aria-labelledby="axis"
            w={180}
            data={axes}
            value={xAxis}
            onChange={(value) => {
              const axis = (['epoch', 'update', 'examples', 'seconds'] as const).find((one) => one === value)
              if (axis !== undefined) void changeSettings({ xAxis: axis })
            }}
          />
        </div>
        <div className="setting">
          <span>Smoothing</span>
          <div style={{ display: 'flex', gap: 12, alignItems: 'center' }}>
            <Slider
              thumbLabel="Smoothing"
              w={180}
              size={3}
              thumbSize={12}
              min={0}
              max={0.99}
              step={0.01}
              label={null}
              value={smoothingPlace(smoothing)}
              onChange={(place) =>
                useStore.setState(({ settings }) => ({ settings: { ...settings, smoothing: smoothingAt(place) } }))
              }
              onChangeEnd={(place) => void changeSettings({ smoothing: smoothingAt(place) })}
            />
            <span className="number">{smoothing === 0 ? 'off' : smoothing}</span>
          </div>
          <span />
          <span className="quiet tiny">
            Share of the old average that each update keeps, bias-corrected; the raw curve stays behind it.
          </span>
        </div>
        <h2>Library</h2>
        <div className="setting">
          <span>Folder</span>
          <span className="selectable" style={{ overflowWrap: 'anywhere' }}>
            {app?.library}
          </span>
        </div>
        <div className="setting">
          <span>Runs</span>
          <span className="number">{formatCount(runs)}</span>
        </div>
        <div className="setting">
          <span />
          <div style={{ display: 'flex', gap: 8 }}>
            <Button variant="default" onClick={() => docs('library')}>
              Open the folder
            </Button>
            <Button variant="default" onClick={showCheck}>
              Check library…
            </Button>
          </div>
        </div>
        <p className="quiet tiny">
          Plain files: library.json, and for each run a folder with run.json, events.ndjson and its checkpoints as
          safetensors. Nothing leaves this machine.
        </p>
        <h2>About</h2>
        <div className="setting">
          <span>Batchlab</span>
          <span className="number selectable">{app?.version}</span>
        </div>
        <div className="setting">
          <span />
          <div style={{ display: 'flex', gap: 8 }}>
            <Button variant="default" onClick={() => docs('readme')}>
              Read me
            </Button>
            <Button variant="default" onClick={() => docs('licences')}>
              Licences
            </Button>
          </div>
        </div>
        <p className="quiet tiny">
          The built-in images are the Optical Recognition of Handwritten Digits data set by E. Alpaydin and C. Kaynak
          (UCI), CC BY 4.0.
        </p>
      </div>
    </div>
  )
}
