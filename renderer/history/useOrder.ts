import { useMemo, useRef, useState } from 'react'
import type { Run, RunId } from '../../core/run'
import type { RunFilter } from './filter'
import type { Sorting } from './order'
import { held, isSorted, sorted } from './order'

interface Held {
  readonly order: readonly RunId[]
  readonly sorting: Sorting
  readonly filter: RunFilter
  readonly renewal: number
}

/**
 * The rows, which stay where they are while somebody looks, whatever becomes of their status, time or accuracy. They
 * are sorted anew when that is asked for: by another column or filter, by `renew`, or by coming back to the view.
 */
export function useOrder(
  runs: readonly Run[],
  sorting: Sorting,
  filter: RunFilter,
): { readonly rows: readonly Run[]; readonly isStale: boolean; readonly renew: () => void } {
  const [renewal, setRenewal] = useState(0)
  const last = useRef<Held | null>(null)
  const rows = useMemo(() => {
    const before = last.current
    const isAsked =
      before === null || before.sorting !== sorting || before.filter !== filter || before.renewal !== renewal
    const now = isAsked ? sorted(runs, sorting) : held(before.order, runs, sorting)
    last.current = { order: now.map(({ id }) => id), sorting, filter, renewal }
    return now
  }, [runs, sorting, filter, renewal])
  const isStale = useMemo(() => !isSorted(rows, sorting), [rows, sorting])
  return { rows, isStale, renew: () => setRenewal((count) => count + 1) }
}
