import type { RefObject } from 'react'
import { useEffect, useLayoutEffect, useRef } from 'react'
import type { RunId } from '../../core/run'
import { keepTop } from '../commands'
import { useStore } from '../store'

interface Options {
  readonly scroller: RefObject<HTMLDivElement | null>
  readonly ids: readonly RunId[]
  readonly rowHeight: number
  readonly look: string
}

const keepAfterMs = 200

/**
 * Keeps the rows in sight where they are: over visits elsewhere, and when runs come or go above them. Other rows that
 * were asked for begin at the top.
 */
export function useKeptScroll({ scroller, ids, rowHeight, look }: Options): {
  readonly initialOffset: number
  readonly onScroll: () => void
} {
  const first = useRef<{ readonly ids: readonly RunId[]; readonly look: string } | null>(null)
  const top = useRef<RunId | null>(useStore.getState().look.top)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const initial = useRef(Math.max(0, top.current === null ? 0 : ids.indexOf(top.current)) * rowHeight)

  useLayoutEffect(() => {
    const element = scroller.current
    const before = first.current
    first.current = { ids, look }
    if (element === null) return
    if (before === null) element.scrollTop = initial.current
    else if (before.look !== look) element.scrollTop = 0
    else if (before.ids !== ids && element.scrollTop > 0 && top.current !== null) {
      const moved = ids.indexOf(top.current) - before.ids.indexOf(top.current)
      if (ids.includes(top.current) && moved !== 0) element.scrollTop += moved * rowHeight
    }
  }, [scroller, ids, look, rowHeight])
  useEffect(
    () => () => {
      clearTimeout(timer.current)
      keepTop(top.current)
    },
    [],
  )
  const onScroll = (): void => {
    const at = scroller.current?.scrollTop ?? 0
    top.current = at < rowHeight / 2 ? null : (ids[Math.round(at / rowHeight)] ?? null)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => keepTop(top.current), keepAfterMs)
  }
  return { initialOffset: initial.current, onScroll }
}
