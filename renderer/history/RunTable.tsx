import { VisuallyHidden } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import type { SortingState } from '@tanstack/react-table'
import { useTable } from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import type { KeyboardEvent, MouseEvent } from 'react'
import { memo, useEffect, useRef, useState } from 'react'
import type { Run, RunId } from '../../core/run'
import { openRun, removeRuns, select } from '../commands'
import { columnLooks, runColumns, runFeatures } from './runColumns'
import { picked } from './selection'
import { useStore } from '../store'
import { fittingCharacters } from '../parts/Fit'
import { cellClass, RunRow } from './RunRow'

const rowHeight = 28
// Rows made beyond either edge.
const spareRows = 6
const newestFirst: SortingState = [{ id: 'started', desc: true }]

/** The history as a table: selecting is plotting, and thousands of rows are as quick as ten. */
export const RunTable = memo(function RunTable({ runs }: { readonly runs: readonly Run[] }) {
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
  const chosen = new Set(selected)
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: spareRows, getItemKey: (index) => ids[index] ?? index, scrollPaddingStart: 27 })

  // Rows are taken again for other runs: another order or place in the list changes texts, and makes no rows.
  const places = Math.ceil((virtual.scrollRect?.height ?? 0) / rowHeight) + 2 * spareRows + 2

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
  // One listener for all rows; a row that is not drawn anew keeps no old one.
  const runAt = (target: EventTarget): { readonly id: RunId; readonly onDot: boolean } | null => {
    const element = target instanceof Element ? target : null
    const id = element?.closest<HTMLElement>('[data-run]')?.dataset.run
    return id === undefined ? null : { id, onDot: element?.closest('[data-dot]') !== null }
  }
  const onClick = (event: MouseEvent): void => {
    const at = runAt(event.target)
    if (at !== null) pick(at.id, event, at.onDot)
  }
  const onDoubleClick = (event: MouseEvent): void => {
    const at = runAt(event.target)
    if (at !== null && !at.onDot) openRun(at.id)
  }
  const onContextMenu = (event: MouseEvent): void => {
    const at = runAt(event.target)
    if (at === null) return
    event.preventDefault()
    setCursor(at.id)
    event.currentTarget.querySelector<HTMLElement>(`[data-run="${at.id}"] [data-row-menu]`)?.click()
  }
  const { ref: nameColumn, width: nameWidth } = useElementSize()
  const nameLength = fittingCharacters(nameWidth - 2)
  const columns = table.getVisibleLeafColumns().map(({ id }) => id).join(' ')

  return (
    <div className="runs" ref={scroller} role="grid" aria-label="Runs" aria-multiselectable aria-rowcount={rows.length + 1} tabIndex={0} onKeyDown={onKeyDown} aria-activedescendant={cursor === null ? undefined : `row-${cursor}`}>
      <div className="runs-head" role="row">
        <div className="runs-cell" role="columnheader" style={{ width: 28, padding: '0 3px' }}><VisuallyHidden>Drawn</VisuallyHidden></div>
        {table.getHeaderGroups()[0]?.headers.map((header) => {
          const look = columnLooks[header.id]
          const order = header.column.getIsSorted()
          return (
            <div key={header.id} role="columnheader" aria-sort={order === 'asc' ? 'ascending' : order === 'desc' ? 'descending' : 'none'} className={cellClass(header.id)} style={{ width: look?.width }} ref={header.id === 'name' ? nameColumn : undefined}>
              <button type="button" title={look?.hint} aria-label={header.id === 'starred' ? 'Star' : undefined} onClick={header.column.getToggleSortingHandler()}>
                <table.FlexRender header={header} />
                {order === 'asc' && <ArrowUp size={11} aria-hidden />}
                {order === 'desc' && <ArrowDown size={11} aria-hidden />}
              </button>
            </div>
          )
        })}
        <div className="runs-cell" role="columnheader" style={{ width: 30, padding: '0 4px' }}><VisuallyHidden>More</VisuallyHidden></div>
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }} onClick={onClick} onDoubleClick={onDoubleClick} onContextMenu={onContextMenu}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index]
          return row !== undefined && <RunRow key={item.index % places} run={row.original} index={item.index} top={item.start} isSelected={chosen.has(row.id)} isCursor={cursor === row.id} columns={columns} nameLength={nameLength} />
        })}
      </div>
    </div>
  )
})
