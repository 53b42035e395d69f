import type { SortingState } from '@tanstack/react-table'
import { useTable } from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import type { KeyboardEvent, MouseEvent } from 'react'
import { useEffect, useRef, useState } from 'react'
import type { Run, RunId } from '../../core/run'
import { openRun, removeRuns, select } from '../commands'
import { runName } from '../names'
import { picked } from '../selection'
import { useStore } from '../store'
import { Dot } from './Dot'
import { columnLooks, runColumns, runFeatures } from './runColumns'
import { RowMenu } from './RowMenu'

const rowHeight = 28
const newestFirst: SortingState = [{ id: 'started', desc: true }]

/** The history as a table: selecting is plotting, and thousands of rows are as quick as ten. */
export function RunTable({ runs }: { readonly runs: readonly Run[] }) {
  const hidden = useStore((state) => state.settings.hiddenColumns)
  const selected = useStore((state) => state.selected)
  const [sorting, setSorting] = useState<SortingState>(newestFirst)
  const [cursor, setCursor] = useState<RunId | null>(null)
  const anchor = useRef<RunId | null>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const columnVisibility = Object.fromEntries(hidden.map((id) => [id, false]))
  const table = useTable({
    features: runFeatures, columns: runColumns, data: runs as Run[], getRowId: (run) => run.id,
    state: { sorting, columnVisibility }, onSortingChange: setSorting,
  })
  const rows = table.getRowModel().rows
  const ids = rows.map((row) => row.id)
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12, getItemKey: (index) => ids[index] ?? index, scrollPaddingStart: 27 })

  // A run that was just started, or picked in another view, is where the keyboard goes on from.
  const [first] = selected
  useEffect(() => { if (selected.length === 1 && first !== undefined) setCursor(first) }, [selected.length, first])

  const pick = (id: RunId, { ctrlKey, metaKey, shiftKey }: { readonly ctrlKey: boolean; readonly metaKey: boolean; readonly shiftKey: boolean }, toggle = false): void => {
    const how = shiftKey ? 'range' : ctrlKey || metaKey || toggle ? 'toggle' : 'only'
    select(picked(selected, ids, id, how, anchor.current))
    if (how !== 'range') anchor.current = id
    setCursor(id)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = cursor === null ? -1 : ids.indexOf(cursor)
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2)
    const jump = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -rows.length, End: rows.length }[event.key]
    const here = ids[at]
    if (jump !== undefined) {
      event.preventDefault()
      const to = Math.max(0, Math.min(ids.length - 1, at + jump))
      const next = ids[to]
      if (next === undefined) return
      virtual.scrollToIndex(to)
      if (event.ctrlKey) setCursor(next)
      else pick(next, { ctrlKey: false, metaKey: false, shiftKey: event.shiftKey })
    } else if (event.key === ' ' && here !== undefined) {
      event.preventDefault()
      pick(here, { ctrlKey: true, metaKey: false, shiftKey: false })
    } else if (event.key === 'Enter' && here !== undefined) openRun(here)
    else if (event.key === 'Delete' && selected.length > 0) void removeRuns(selected)
    else if (event.key === 'Escape') select([])
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      select(ids)
    }
  }
  const onRow = (event: MouseEvent, id: RunId): void => pick(id, event)

  return (
    <div className="runs" ref={scroller} role="grid" aria-label="Runs" aria-multiselectable aria-rowcount={rows.length + 1} tabIndex={0} onKeyDown={onKeyDown} aria-activedescendant={cursor === null ? undefined : `row-${cursor}`}>
      <div className="runs-head" role="row">
        <div className="runs-cell" role="columnheader" style={{ width: 28, padding: '0 3px' }} aria-label="Drawn" />
        {table.getHeaderGroups()[0]?.headers.map((header) => {
          const look = columnLooks[header.id]
          const order = header.column.getIsSorted()
          return (
            <div key={header.id} role="columnheader" aria-sort={order === 'asc' ? 'ascending' : order === 'desc' ? 'descending' : 'none'} className={cellClass(header.id)} style={{ width: look?.width }}>
              <button type="button" title={look?.hint} aria-label={look?.hint} onClick={header.column.getToggleSortingHandler()}>
                <table.FlexRender header={header} />
                {order === 'asc' && <ArrowUp size={11} aria-hidden />}
                {order === 'desc' && <ArrowDown size={11} aria-hidden />}
              </button>
            </div>
          )
        })}
        <div className="runs-cell" role="columnheader" style={{ width: 30, padding: '0 4px' }} aria-label="More" />
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index]
          if (row === undefined) return null
          const isSelected = selected.includes(row.id)
          return (
            <div
              key={row.id} id={`row-${row.id}`} className="runs-row" role="row" aria-selected={isSelected} aria-rowindex={item.index + 2} data-cursor={cursor === row.id}
              style={{ transform: `translateY(${item.start}px)` }} onClick={(event) => onRow(event, row.id)} onDoubleClick={() => openRun(row.id)}
              onContextMenu={(event) => { event.preventDefault(); setCursor(row.id); event.currentTarget.querySelector<HTMLElement>('[data-row-menu]')?.click() }}
            >
              <div className="runs-cell" role="gridcell" style={{ width: 28, padding: '0 3px' }}>
                <button type="button" tabIndex={-1} className="plain" aria-label={`${isSelected ? 'Hide' : 'Draw'} the curves of ${runName(row.original).slice(0, 80)}`} onClick={(event) => { event.stopPropagation(); pick(row.id, event, true) }}><Dot id={row.id} full={isSelected} /></button>
              </div>
              {row.getVisibleCells().map((cell) => (
                <div key={cell.id} role="gridcell" className={cellClass(cell.column.id)} style={{ width: columnLooks[cell.column.id]?.width }}><table.FlexRender cell={cell} /></div>
              ))}
              <div className="runs-cell" role="gridcell" style={{ width: 30, padding: '0 4px' }}><RowMenu run={row.original} /></div>
            </div>
          )
        })}
      </div>
    </div>
  )
}

const cellClass = (id: string): string => `runs-cell${id === 'starred' ? ' tight' : ''}${id === 'name' ? ' grow' : ''}${columnLooks[id]?.right === true ? ' right' : ''}`
