import type { Run } from '../../core/run'
import { sentence } from '../../core/sentence'
import { compact, exactDate } from '../format'

/** What happened to a run, newest last, as it was written down. */
export function LogList({ run }: { readonly run: Run }) {
  if (run.log.length === 0) return <p className="pad quiet">Nothing has been written down yet.</p>
  return (
    <table className="grid-table log selectable">
      <thead>
        <tr>
          <th style={{ width: 190 }}>When</th>
          <th className="right" style={{ width: 70 }}>
            Update
          </th>
          <th>What</th>
        </tr>
      </thead>
      <tbody>
        {run.log.map((entry, index) => (
          <tr key={index}>
            <td className="quiet number" style={{ whiteSpace: 'nowrap' }}>
              {exactDate(entry.at)}
            </td>
            <td className="right number">{compact(entry.update)}</td>
            <td style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{sentence(entry.message)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
