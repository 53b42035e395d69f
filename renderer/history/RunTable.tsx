import { VisuallyHidden } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import type { KeyboardEvent, MouseEvent } from 'react'
import { memo, useEffect, useMemo, useRef, useState } from 'react'
import type { Run, RunId } from '../../core/run'
import { select, sortRuns } from '../commands'
import { aroundColumns, columnOf, fittingColumns } from './columns'
import { columnWidths } from './columnWidths'
import type { Sorting } from './order'
import { runActions } from '../runActions'
import { picked, selectedRuns } from './selection'
import { useKeptScroll } from './useKeptScroll'
import { useStore } from '../store'
import { fittingCharacters } from '../components/FittedName'
import { useWidth } from '../components/useWidth'
import { notify } from '../notify'
import { cellClass, RunRow } from './RunRow'

const rowHeight = 28
const headHeight = 27
// Rows made beyond either edge.
const spareRows = 6

interface Props {
  readonly runs: readonly Run[]
  readonly sorting: Sorting
  /** Changes when the rows are other ones because somebody asked for it. */
  readonly look: string
}

/** The history as a table: selecting is plotting, and thousands of rows are as quick as ten. */
export const RunTable = memo(function RunTable({ runs, sorting, look }: Props) {
  const hidden = useStore((state) => state.settings.hiddenColumns)
  const selected = useStore((state) => state.selected)
  // A run that was just started, or picked in another view, is where the keyboard goes on from.
  const [cursor, setCursor] = useState<RunId | null>(selected.at(-1) ?? null)
  const anchor = useRef<RunId | null>(cursor)
  const scroller = useRef<HTMLDivElement>(null)
  const { ref: room, width } = useWidth<HTMLDivElement>()
  const { columns, isShort } = useMemo(
    () => (width === 0 ? { columns: ['name'], isShort: false } : fittingColumns(width, columnWidths(), hidden)),
    [width, hidden],
  )
  const widths = columnWidths()[isShort ? 'short' : 'whole']
  const nameWidth =
    width - aroundColumns - columns.reduce((sum, id) => sum + (id === 'name' ? 0 : (widths[id] ?? 0)), 0)
  const ids = useMemo(() => runs.map(({ id }) => id), [runs])
  const chosen = new Set(selected)
  const kept = useKeptScroll({ scroller, ids, rowHeight, look })
  const virtual = useVirtualizer({
    count: runs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: spareRows,
    getItemKey: (index) => ids[index] ?? index,
    scrollPaddingStart: headHeight,
    initialOffset: kept.initialOffset,
  })
  // Rows are taken again for other runs: another order or place in the list changes texts, and makes no rows.
  const places = Math.ceil((virtual.scrollRect?.height ?? 0) / rowHeight) + 2 * spareRows + 2

  const [only] = selected
  useEffect(() => {
    if (selected.length === 1 && only !== undefined) setCursor(only)
  }, [selected.length, only])

  const pick = (
    id: RunId,
    {
      ctrlKey,
      metaKey,
      shiftKey,
    }: { readonly ctrlKey: boolean; readonly metaKey: boolean; readonly shiftKey: boolean },
    toggle = false,
  ): void => {
    const how = shiftKey ? 'range' : ctrlKey || metaKey || toggle ? 'toggle' : 'only'
    if (how === 'range') anchor.current ??= cursor ?? id
    else anchor.current = id
    select(picked(selected, ids, id, how, anchor.current))
    setCursor(id)
  }
  const openMenu = (id: RunId): void =>
    scroller.current?.querySelector<HTMLElement>(`[data-run="${id}"] [data-row-menu]`)?.click()
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLElement && event.target.closest('.runs-head') !== null) return
    const at = cursor === null ? -1 : ids.indexOf(cursor)
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2)
    const jump = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -runs.length, End: runs.length }[
      event.key
    ]
    const here = ids[at]
    const mod = event.ctrlKey || event.metaKey
    if (jump !== undefined) {
      event.preventDefault()
      const to = Math.max(0, Math.min(ids.length - 1, at + jump))
      const next = ids[to]
      if (next === undefined) return
      virtual.scrollToIndex(to)
      if (mod) setCursor(next)
      else pick(next, { ctrlKey: false, metaKey: false, shiftKey: event.shiftKey })
    } else if (event.key === ' ' && here !== undefined) {
      event.preventDefault()
      pick(here, { ctrlKey: true, metaKey: false, shiftKey: false })
    } else if (event.key === 'Enter' && here !== undefined) runActions.open.act(runs.slice(at, at + 1))
    else if (event.key === 'F2' && here !== undefined) {
      event.preventDefault()
      select([here])
      runActions.rename.act(runs.slice(at, at + 1))
    } else if (event.key === 'Delete') {
      const state = useStore.getState()
      const action = state.look.filter.trash ? runActions.purge : runActions.trash
      const meant = selectedRuns(state)
      const reason = action.blocked(meant)
      if (reason === '') action.act(meant)
      else notify(reason)
    } else if (event.key === 'Escape') select([])
    else if (event.key === 'a' && mod) {
      event.preventDefault()
      select(ids)
    }
  }
  // One listener for all rows; a row that is not drawn anew keeps no old one.
  const runAt = (target: EventTarget): { readonly id: RunId; readonly onDot: boolean } | null => {
    const element = target instanceof Element ? target : null
    const id = element?.closest<HTMLElement>('[data-run]')?.dataset['run']
    return id === undefined ? null : { id, onDot: element?.closest('[data-dot]') !== null }
  }
  const onClick = (event: MouseEvent): void => {
    const at = runAt(event.target)
    if (at !== null) pick(at.id, event, at.onDot)
  }
  const onDoubleClick = (event: MouseEvent): void => {
    const at = runAt(event.target)
    if (at !== null && !at.onDot) runActions.open.act(runs.filter(({ id }) => id === at.id))
  }
  const onContextMenu = (event: MouseEvent): void => {
    // From the keyboard (the menu key, Shift+F10) it is the list itself that is meant, at the keyboard's row.
    const id = runAt(event.target)?.id ?? (event.button === 2 ? null : cursor)
    if (id === null) return
    event.preventDefault()
    setCursor(id)
    openMenu(id)
  }
  const nameLength = fittingCharacters(nameWidth - 14)
  const shownColumns = columns.join(' ')
  const items = virtual.getVirtualItems()
  const isCursorDrawn = items.some(({ index }) => ids[index] === cursor)

  return (
    <div
      className="runs"
      ref={scroller}
      role="grid"
      aria-label="Runs"
      aria-multiselectable
      aria-rowcount={runs.length + 1}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onContextMenu={onContextMenu}
      onScroll={kept.onScroll}
      onFocus={(event) => {
        if (event.target === event.currentTarget && cursor === null) setCursor(ids[items[0]?.index ?? 0] ?? null)
      }}
      aria-activedescendant={cursor !== null && isCursorDrawn ? `row-${cursor}` : undefined}
    >
      <div className="runs-head" role="row" ref={room}>
        <div className="runs-cell mark" role="columnheader">
          <VisuallyHidden>Drawn</VisuallyHidden>
        </div>
        {columns.map((id) => {
          const column = columnOf(id)
          const order = sorting.column === id ? (sorting.descending ? 'descending' : 'ascending') : 'none'
          const sign =
            order === 'ascending' ? (
              <ArrowUp size={11} aria-hidden />
            ) : order === 'descending' ? (
              <ArrowDown size={11} aria-hidden />
            ) : null
          return (
            column !== undefined && (
              <div
                key={id}
                role="columnheader"
                aria-sort={order}
                className={cellClass(id)}
                style={id === 'name' ? undefined : { width: widths[id] }}
              >
                <button
                  type="button"
                  className="runs-title"
                  title={column.hint}
                  aria-label={column.title === '' ? column.hint : undefined}
                  onClick={() => sortRuns(id, column.descendingFirst)}
                >
                  {column.right && sign}
                  {column.title !== '' && <span>{column.title}</span>}
                  {!column.right && sign}
                </button>
              </div>
            )
          )
        })}
        <div className="runs-cell mark" role="columnheader">
          <VisuallyHidden>More</VisuallyHidden>
        </div>
      </div>
      <div
        role="rowgroup"
        style={{ height: virtual.getTotalSize(), position: 'relative' }}
        onClick={onClick}
        onDoubleClick={onDoubleClick}
      >
        {items.map((item) => {
          const run = runs[item.index]
          return (
            run !== undefined && (
              <RunRow
                key={item.index % places}
                run={run}
                index={item.index}
                top={item.start}
                isSelected={chosen.has(run.id)}
                isCursor={cursor === run.id}
                columns={shownColumns}
                isShort={isShort}
                nameLength={nameLength}
              />
            )
          )
        })}
      </div>
    </div>
  )
})
