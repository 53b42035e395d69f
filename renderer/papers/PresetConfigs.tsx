import { formatCount, quantity } from '../../core/numbers'
import { Button, Switch } from '@mantine/core'
import { smallSuffix } from '../../content/presets/all'
import type { Preset } from '../../content/presets/preset'
import { editConfig } from '../commands'
import { shownSetting } from '../differences'
import { networkName } from '../names'
import { configOf, withOwnData } from './presetInfo'
import { useStore } from '../store'

/** The configs of a preset, at the size of the source or of this machine. */
export function PresetConfigs({ preset }: { readonly preset: Preset }) {
  const small = useStore((state) => state.papers.small)
  return (
    <>
      <div className="reading-head">
        <h3>Configs</h3>
        <Switch
          label="fits this machine"
          checked={small}
          onChange={(event) => {
            const { checked } = event.currentTarget
            useStore.setState(({ papers }) => ({ papers: { ...papers, small: checked } }))
          }}
        />
      </div>
      {small && <p className="quiet">{preset.fits}</p>}
      <div className="wide">
        <table className="grid-table configs-table">
          <thead>
            <tr>
              <th style={{ minWidth: 140 }}>Config</th>
              <th>Network</th>
              <th className="right">Batch</th>
              <th className="right">Base rate</th>
              <th>Rule</th>
              <th>Schedule</th>
              <th className="right">Epochs</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {preset.configs.map(({ name, title }) => (
              <Row key={name} preset={preset} name={name} title={title} small={small} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

function Row({
  preset,
  name,
  title,
  small,
}: {
  readonly preset: Preset
  readonly name: string
  readonly title: string
  readonly small: boolean
}) {
  const config = configOf(preset, name, small)
  if (config === null) return null
  const { base, scaling, schedule } = config.learningRate
  return (
    <tr>
      <td>
        <span className="quiet code">
          {name}
          {small ? smallSuffix : ''}
        </span>
        <br />
        {title}
      </td>
      <td style={{ whiteSpace: 'nowrap' }}>{networkName(config.network)}</td>
      <td className="right">{formatCount(config.batchSize)}</td>
      <td className="right">{quantity(base)}</td>
      <td>{shownSetting('learningRate.scaling.type', scaling.type)}</td>
      <td style={{ whiteSpace: 'nowrap' }}>{shownSetting('learningRate.schedule.type', schedule.type)}</td>
      <td className="right">{formatCount(config.epochs)}</td>
      <td className="right">
        <Button
          variant="default"
          title="Open in the editor"
          aria-label={`Open ${name} in the editor`}
          onClick={() =>
            editConfig(withOwnData(config, Object.values(useStore.getState().runs)), `the preset ${config.name}`)
          }
        >
          Open
        </Button>
      </td>
    </tr>
  )
}
