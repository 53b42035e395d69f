import { memo } from 'react'
import type { Run } from '../../core/run'
import { runName } from '../names'
import { columnOf } from './columns'
import { columnWidths } from './columnWidths'
import { Dot } from '../components/Dot'
import { RowMenu } from './RowMenu'
import { runCells } from './RunCells'

interface Props {
  readonly run: Run
  readonly index: number
  readonly top: number
  readonly isSelected: boolean
  readonly isCursor: boolean
  /** Ids of the columns that are shown, with spaces between: a list would be a new one every time. */
  readonly columns: string
  /** Whether words have given way to signs. */
  readonly isShort: boolean
  /** Characters of a name that fit into its column. */
  readonly nameLength: number
}

export const cellClass = (id: string): string =>
  `runs-cell${id === 'name' ? ' grow' : ''}${columnOf(id)?.right === true ? ' right' : ''}`

/**
 * One row of the history. It is drawn anew only when its own run or its place changes, not with every event of another.
 */
export const RunRow = memo(function RunRow({
  run,
  index,
  top,
  isSelected,
  isCursor,
  columns,
  isShort,
  nameLength,
}: Props) {
  const widths = columnWidths()[isShort ? 'short' : 'whole']
  return (
    <div
      id={`row-${run.id}`}
      data-run={run.id}
      className="runs-row"
      role="row"
      aria-selected={isSelected}
      aria-rowindex={index + 2}
      data-cursor={isCursor}
      style={{ transform: `translateY(${top}px)` }}
    >
      <div className="runs-cell mark" role="gridcell">
        <button
          type="button"
          tabIndex={-1}
          className="plain"
          data-dot
          aria-label={`${isSelected ? 'Hide' : 'Draw'} the curves of ${runName(run).slice(0, 80)}`}
        >
          <Dot id={run.id} full={isSelected} />
        </button>
      </div>
      {columns.split(' ').map((id) => (
        <div
          key={id}
          role="gridcell"
          data-column={id}
          className={cellClass(id)}
          style={id === 'name' ? undefined : { width: widths[id] }}
        >
          {runCells[id]?.(run, { nameLength, isShort })}
        </div>
      ))}
      <div className="runs-cell mark" role="gridcell">
        <RowMenu run={run} />
      </div>
    </div>
  )
})
