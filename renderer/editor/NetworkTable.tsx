import type { Plan } from '../../core/plan/plan'
import { formatCount } from '../../core/numbers'

/** A network's layers, what comes out of each and what it has to learn. */
export function NetworkTable({ network }: { readonly network: Plan['network'] }) {
  return (
    <details className="fold" open>
      <summary>Network, {network.layers.length} layers</summary>
      <div
        className="selectable"
        role="region"
        aria-label="Layers"
        tabIndex={0}
        style={{ maxHeight: 260, overflow: 'auto' }}
      >
        <table className="grid-table">
          <thead>
            <tr>
              <th>Layer</th>
              <th>Kind</th>
              <th className="right">Output</th>
              <th className="right">Weights</th>
            </tr>
          </thead>
          <tbody>
            {network.layers.map((layer, index) => (
              <tr key={index}>
                <td>{layer.name}</td>
                <td className="quiet">{layer.kind}</td>
                <td className="right number">{layer.outputShape.join(' × ')}</td>
                <td className="right number">{layer.parameters === 0 ? '' : formatCount(layer.parameters)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
