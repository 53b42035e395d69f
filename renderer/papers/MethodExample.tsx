import { useMemo } from 'react'
import type { Page } from '../../content/explain/page'
import { tableOf } from '../../content/explain/page'
import { MethodPlan } from './MethodPlan'
import { MethodPlot } from './MethodPlot'

/**
 * What a method does, to be tried: its plots, and a small case as a table, all computed by the functions that train.
 */
export function MethodExample({ page }: { readonly page: Page }) {
  const { example, plots = [] } = page
  const table = useMemo(() => tableOf(example), [example])
  return (
    <>
      <h3>To try</h3>
      {example.type === 'plan' && (
        <>
          <p>
            {example.says} {example.sees}
          </p>
          <MethodPlan page={page} example={example} />
        </>
      )}
      {plots.map((plot) => (
        <div key={plot.name}>
          <p>{plot.sees}</p>
          <MethodPlot plot={plot} />
        </div>
      ))}
      <h3>Example</h3>
      <p>{example.says}</p>
      <div className="wide">
        <table className="grid-table example-table">
          <thead>
            <tr>
              {table.columns.map((column) => (
                <th key={column}>{column}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row, index) => (
              <tr key={index}>
                {row.map((cell, at) => (
                  <td key={at}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
