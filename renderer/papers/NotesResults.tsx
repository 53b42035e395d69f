import type { NotesResult } from '../../content/notes'
import type { Preset } from '../../content/presets/preset'
import { ownNumber, ownOrNamed } from './presetInfo'
import { useStore } from '../store'
import { Own } from './ReferenceTable'

/** A table of the notes exactly as written, gaps included, beside one's own runs of the same configs. */
export function NotesResults({
  results,
  preset,
}: {
  readonly results: readonly NotesResult[]
  readonly preset: Preset | undefined
}) {
  const runs = useStore((state) => state.runs)
  const hasRemarks = results.some(({ remark }) => remark !== '')
  return (
    <table className="grid-table notes-table">
      <thead>
        <tr>
          <th>Config</th>
          <th className="right">Test accuracy</th>
          <th className="right">Time per epoch</th>
          {hasRemarks && <th>Remark</th>}
          <th className="right">Your accuracy</th>
          <th className="right">Your time</th>
        </tr>
      </thead>
      <tbody>
        {results.map(({ config, accuracy, secondsPerEpoch, remark }) => {
          const own = preset === undefined ? null : ownOrNamed(preset, config, Object.values(runs))
          return (
            <tr key={config}>
              <td>{config}</td>
              <td className="right">{accuracy === null ? <Missing /> : `${accuracy.toFixed(2)} %`}</td>
              <td className="right">{secondsPerEpoch === null ? <Missing /> : `${secondsPerEpoch.toFixed(2)} s`}</td>
              {hasRemarks && <td className="quiet">{remark}</td>}
              <td className="right">
                <Own own={own} text={(run) => ownNumber(run, { quantity: 'accuracy', split: 'test' })} />
              </td>
              <td className="right">
                <Own own={own} text={(run) => ownNumber(run, { quantity: 'secondsPerEpoch', split: '' })} />
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

const Missing = () => <span className="quiet">not given</span>
