import { valueAt } from '../../core/fields'
import { repeats, unlikeInWords, type Likeness } from '../../content/presets/likeness'
import type { Preset, ReferenceNumber } from '../../content/presets/preset'
import { referenceText } from '../../content/presets/preset'
import type { Run } from '../../core/run'
import { openRun } from '../commands'
import { labelOf, shownSetting } from '../differences'
import { titleOf } from '../names'
import { CopyButton } from './PaperLink'
import type { OwnRun } from './presetInfo'
import { flatnessCommand, ownNumber, ownOrNamed, ownRun } from './presetInfo'
import { useStore } from '../store'

/** What a paper reports, each number with its mark, beside the latest run of the config that imitates it. */
export function ReferenceTable({ preset }: { readonly preset: Preset }) {
  const runs = useStore((state) => state.runs)
  const { reference } = preset
  return (
    <>
      <div className="wide">
        <table className="grid-table">
          <thead>
            <tr>
              <th>What</th>
              <th>Source</th>
              <th>On</th>
              <th>Config</th>
              <th>Yours</th>
            </tr>
          </thead>
          <tbody>
            {reference.map((one, index) => (
              <tr key={index}>
                <td>{one.label}</td>
                <td>{referenceText(one)}</td>
                <td className="quiet">{one.split}</td>
                <td className="quiet code">{one.config ?? ''}</td>
                <td>
                  <Yours
                    one={one}
                    own={one.config === undefined ? null : ownOrNamed(preset, one.config, Object.values(runs))}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {reference.some(({ split }) => split === 'train') && (
        <p className="quiet tiny under-table">
          Your training accuracy is the mean over the batches of the last epoch, each before its update.
        </p>
      )}
      {reference.some(({ quantity }) => quantity === 'sharpness') && (
        <Sharpness preset={preset} runs={Object.values(runs)} />
      )}
    </>
  )
}

const Yours = ({ one, own }: { readonly one: ReferenceNumber; readonly own: OwnRun | null }) =>
  one.quantity === 'sharpness' ? (
    <span className="quiet" style={{ whiteSpace: 'nowrap' }}>
      see below
    </span>
  ) : (
    <Own own={own} text={(run) => ownNumber(run, one)} />
  )

// Sharpness is measured on request, and stands in no run's record.
function Sharpness({ preset, runs }: { readonly preset: Preset; readonly runs: readonly Run[] }) {
  const app = useStore((state) => state.app)
  const names = [
    ...new Set(preset.reference.flatMap(({ quantity, config }) => (quantity === 'sharpness' ? (config ?? []) : []))),
  ]
  const command = flatnessCommand(preset, names, runs, { library: app?.library ?? '', platform: app?.platform ?? '' })
  const missing = names.filter((name) => ownRun(preset, name, runs) === null)
  return (
    <>
      <p className="under-table">
        Your sharpness, at both ε and as a lower bound, is measured on the command line
        {missing.length === 0
          ? ''
          : `, once there ${missing.length === 1 ? 'is a run' : 'are runs'} of ${missing.join(' and ')}`}
        :
      </p>
      <p className="command">
        <code>{command}</code>
        <CopyButton text={command} label="Copy the command" done="The command is copied" />
      </p>
    </>
  )
}

interface OwnProps {
  readonly own: OwnRun | null
  readonly text: (run: Run) => string
}

/**
 * A number of one's own, which opens the run that it is from; of a run with other settings, only how many differ, for
 * its number says nothing of the source's.
 */
export function Own({ own, text }: OwnProps) {
  if (own === null) return <span className="quiet">–</span>
  const { run, likeness } = own
  if (!repeats(likeness)) {
    return (
      <button
        type="button"
        className="linked quiet"
        title={`${titleOf(run)} is not counted: ${differingInWords(likeness, run)}`}
        onClick={() => openRun(run.id)}
      >
        {unlikeInWords(likeness)}
      </button>
    )
  }
  const number = text(run)
  if (number === '') return <span className="quiet">–</span>
  return (
    <>
      <button type="button" className="linked" title="Open the run" onClick={() => openRun(run.id)}>
        {number}
      </button>
      {likeness.preset.isSmall && <span className="quiet tiny"> small</span>}
    </>
  )
}

/** What differs from the preset's config, setting by setting. */
function differingInWords({ differing, otherwise, config }: Likeness, run: Run): string {
  if (differing.length === 0) return `${otherwise}.`
  const shown = (of: unknown, path: string): string => shownSetting(path, valueAt(of, path))
  return `${differing
    .slice(0, 12)
    .map((path) => `${labelOf(path, run.config)} ${shown(run.config, path)}, the source ${shown(config, path)}`)
    .join('; ')}${differing.length > 12 ? `; and ${differing.length - 12} more` : ''}.`
}
