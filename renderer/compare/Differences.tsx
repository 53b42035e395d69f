import { bestEpoch } from '../../core/best'
import { scaledRateOfRun } from '../../core/plan/rate'
import type { Run } from '../../core/run'
import { differences } from '../differences'
import { percent } from '../format'
import { rateOrigin, runName } from '../names'
import { testAccuracy } from '../../core/runStatistics'
import { quantity } from '../../core/numbers'
import { Dot } from '../components/Dot'
import { Name } from '../components/Name'

/** The settings in which some runs differ, and what came of it. */
export function Differences({ runs }: { readonly runs: readonly Run[] }) {
  const rows = differences(runs.map((run) => run.config))
  const rates = runs.map(scaledRateOfRun)
  return (
    <div className="selectable" style={{ overflowX: 'auto' }}>
      <table className="grid-table">
        <thead>
          <tr>
            <th>Setting</th>
            {runs.map((run) => (
              <th key={run.id} className="right">
                <Dot id={run.id} /> <Name text={runName(run)} length={18} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.length === 0 && (
            <tr>
              <td colSpan={runs.length + 1} className="quiet">
                The configs are the same.
              </td>
            </tr>
          )}
          {rows.map(({ path, label, values }) => (
            <tr key={path}>
              <td title={path} style={{ whiteSpace: 'nowrap' }}>
                {label}
              </td>
              {values.map((value, index) => (
                <td key={runs[index]?.id} className="right number">
                  <Name text={value} length={22} />
                </td>
              ))}
            </tr>
          ))}
          {rates.some((rate) => rate !== rates[0]) && (
            <tr>
              <td className="quiet" style={{ whiteSpace: 'nowrap' }} title="The base rate after the scaling rule">
                Learning rate as trained
              </td>
              {runs.map((run, index) => (
                <td key={run.id} className="right number" title={rateOrigin(run)}>
                  {quantity(rates[index])}
                </td>
              ))}
            </tr>
          )}
          <tr>
            <td className="quiet" style={{ whiteSpace: 'nowrap' }}>
              Best validation accuracy
            </td>
            {runs.map((run) => (
              <td key={run.id} className="right number">
                {percent(bestEpoch(run)?.validation?.accuracy)}
              </td>
            ))}
          </tr>
          <tr>
            <td className="quiet">Test accuracy</td>
            {runs.map((run) => (
              <td key={run.id} className="right number">
                {percent(testAccuracy(run))}
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </div>
  )
}
