import { memo } from 'react'
import type { Run } from '../../core/run'
import { runName } from '../names'
import { columnLooks } from './runColumns'
import { Dot } from '../parts/Dot'
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
  /** Characters of a name that fit into its column. */
  readonly nameLength: number
}

export const cellClass = (id: string): string => `runs-cell${id === 'starred' ? ' tight' : ''}${id === 'name' ? ' grow' : ''}${columnLooks[id]?.right === true ? ' right' : ''}`

/** One row of the history. It is drawn anew only when its own run or its place changes, not with every event of another. */
export const RunRow = memo(function RunRow({ run, index, top, isSelected, isCursor, columns, nameLength }: Props) {
  return (
    <div id={`row-${run.id}`} data-run={run.id} className="runs-row" role="row" aria-selected={isSelected} aria-rowindex={index + 2} data-cursor={isCursor} style={{ transform: `translateY(${top}px)` }}>
      <div className="runs-cell" role="gridcell" style={{ width: 28, padding: '0 3px' }}>
        <button type="button" tabIndex={-1} className="plain" data-dot aria-label={`${isSelected ? 'Hide' : 'Draw'} the curves of ${runName(run).slice(0, 80)}`}><Dot id={run.id} full={isSelected} /></button>
      </div>
      {columns.split(' ').map((id) => <div key={id} role="gridcell" className={cellClass(id)} style={{ width: columnLooks[id]?.width }}>{runCells[id]?.(run, nameLength)}</div>)}
      <div className="runs-cell stuck" role="gridcell" style={{ width: 30, padding: '0 4px' }}><RowMenu run={run} /></div>
    </div>
  )
})
