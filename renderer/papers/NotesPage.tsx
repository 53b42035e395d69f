import { Anchor } from '@mantine/core'
import { notesLog, notesOpenQuestions, notesRemarks } from '../../content/notes'
import { notesPresets } from '../../content/presets/notes'
import { read } from '../commands'
import { notesOf } from './presetInfo'
import { NotesResults } from './NotesResults'
import { Listed } from './PresetPage'

/** The lab notes: their tables as written, their log, and what they leave open. */
export function NotesPage() {
  return (
    <div className="reading selectable">
      <h2>Lab notes: results, as written</h2>
      <p>Five experiments of six configs on CIFAR-10, single runs on one GPU. A gap in the notes stays a gap.</p>
      {notesPresets.map((preset) => (
        <section key={preset.id}>
          <h3>
            <Anchor component="button" type="button" inherit onClick={() => read({ type: 'preset', id: preset.id })}>
              {preset.title.replace('Lab notes, e', 'E')}
            </Anchor>
          </h3>
          <NotesResults results={notesOf(preset)} preset={preset} />
        </section>
      ))}
      <Listed title="What the notes remark" items={notesRemarks} />
      <h3>The first log</h3>
      <p className="quiet">Its configs are others than those of the experiments.</p>
      <table className="grid-table">
        <thead>
          <tr>
            <th>Config</th>
            <th className="right">Test accuracy</th>
            <th>What happened</th>
          </tr>
        </thead>
        <tbody>
          {notesLog.map(({ config, accuracy, text }) => (
            <tr key={text}>
              <td style={{ whiteSpace: 'nowrap' }}>{config}</td>
              <td className="right">
                {accuracy === null ? <span className="quiet">not given</span> : `${accuracy} %`}
              </td>
              <td>{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Listed title="What is open or contradicts itself" items={notesOpenQuestions} />
    </div>
  )
}
