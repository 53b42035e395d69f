import type { Preset, ReferenceNumber } from '../../core/presets/preset'
import { referenceText } from '../../core/presets/preset'
import type { Run } from '../../core/run'
import { openRun } from '../commands'
import { CopyButton } from './PaperLink'
import { flatnessCommand, isSmall, ownNumber, ownRun } from './presetFacts'
import { useStore } from '../store'

/** What a paper reports, each number with its mark, beside the latest run of the config that imitates it. */
export function ReferenceTable({ preset }: { readonly preset: Preset }) {
  const runs = useStore((state) => state.runs)
  const { reference } = preset
  return (
    <>
      <div className="wide">
        <table className="grid-table">
          <thead><tr><th>What</th><th>Source</th><th>On</th><th>Config</th><th>Yours</th></tr></thead>
          <tbody>
            {reference.map((one, index) => (
              <tr key={index}>
                <td>{one.label}</td><td>{referenceText(one)}</td><td className="quiet">{one.split}</td><td className="quiet code">{one.config ?? ''}</td>
                <td><Yours one={one} run={one.config === undefined ? null : ownRun(preset, one.config, Object.values(runs))} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {reference.some(({ split }) => split === 'train') && <p className="quiet tiny under-table">Your training accuracy is the mean over the batches of the last epoch, each before its update.</p>}
      {reference.some(({ quantity }) => quantity === 'sharpness') && <Sharpness preset={preset} runs={Object.values(runs)} />}
    </>
  )
}

const Yours = ({ one, run }: { readonly one: ReferenceNumber; readonly run: Run | null }) =>
  one.quantity === 'sharpness' ? <span className="quiet" style={{ whiteSpace: 'nowrap' }}>see below</span> : <Own run={run} text={run === null ? '' : ownNumber(run, one)} />

// Sharpness is measured on request, and stands in no run's record.
function Sharpness({ preset, runs }: { readonly preset: Preset; readonly runs: readonly Run[] }) {
  const app = useStore((state) => state.app)
  const names = [...new Set(preset.reference.flatMap(({ quantity, config }) => (quantity === 'sharpness' ? config ?? [] : [])))]
  const command = flatnessCommand(preset, names, runs, { library: app?.library ?? '', platform: app?.platform ?? '' })
  const missing = names.filter((name) => ownRun(preset, name, runs) === null)
  return (
    <>
      <p className="under-table">Your sharpness, at both ε and as a lower bound, is measured on the command line{missing.length === 0 ? '' : `, once there ${missing.length === 1 ? 'is a run' : 'are runs'} of ${missing.join(' and ')}`}:</p>
      <p className="command"><code>{command}</code><CopyButton text={command} label="Copy the command" done="The command is copied" /></p>
    </>
  )
}

/** A number of one's own, which opens the run that it is from. */
export function Own({ run, text }: { readonly run: Run | null; readonly text: string }) {
  if (run === null || text === '') return <span className="quiet">–</span>
  return <><button type="button" className="linked" title="Open the run" onClick={() => openRun(run.id)}>{text}</button>{isSmall(run) && <span className="quiet tiny"> small</span>}</>
}
