import type { Preset } from '../../core/presets/preset'
import { referenceText } from '../../core/presets/preset'
import type { Run } from '../../core/run'
import { openRun } from '../commands'
import { isSmall, ownNumber, ownRun } from './presetFacts'
import { useStore } from '../store'

/** What a paper reports, each number with its mark, beside the latest run of the config that imitates it. */
export function ReferenceTable({ preset }: { readonly preset: Preset }) {
  const runs = useStore((state) => state.runs)
  return (
    <div className="wide">
      <table className="grid-table">
        <thead><tr><th>What</th><th>Source</th><th>On</th><th>Config</th><th>Yours</th></tr></thead>
        <tbody>
          {preset.reference.map((one, index) => {
            const own = one.config === undefined ? null : ownRun(preset, one.config, Object.values(runs))
            return (
              <tr key={index}>
                <td>{one.label}</td><td>{referenceText(one)}</td><td className="quiet">{one.split}</td><td className="quiet code">{one.config ?? ''}</td>
                <td><Own run={own} text={own === null ? '' : ownNumber(own, one)} /></td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

/** A number of one's own, which opens the run that it is from. */
export function Own({ run, text }: { readonly run: Run | null; readonly text: string }) {
  if (run === null || text === '') return <span className="quiet">–</span>
  return <><button type="button" className="linked" title="Open the run" onClick={() => openRun(run.id)}>{text}</button>{isSmall(run) && <span className="quiet tiny"> small</span>}</>
}
