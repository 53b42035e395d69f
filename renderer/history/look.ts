import type { Settings } from '../../core/protocol'
import type { Run, RunId } from '../../core/run'
import type { RunFilter } from './filter'
import { showAll } from './filter'
import type { Sorting } from './order'
import { newestRunsFirst } from './order'

/** How the history is looked at. */
export interface Look {
  readonly filter: RunFilter
  readonly sorting: Sorting
  /** The first row in sight; null while the list stands at its beginning. */
  readonly top: RunId | null
}

export const firstLook: Look = { filter: showAll, sorting: newestRunsFirst, top: null }

const mostSelected = 10_000

/** What is kept of it for the next session: all but the trash, which nobody wants to begin in. */
export const keptLook = (
  { filter: { trash, ...filter }, sorting, top }: Look,
  selected: readonly RunId[],
): NonNullable<Settings['runsLook']> => ({
  filter: { ...filter, statuses: [...filter.statuses], tags: [...filter.tags] },
  sorting,
  selected: trash ? [] : selected.slice(0, mostSelected),
  top: trash ? null : top,
})

/** How the last session left the history, as far as its runs are still there. */
export function lookFrom(
  kept: Settings['runsLook'],
  runs: Readonly<Record<RunId, Run>>,
): { readonly look: Look; readonly selected: readonly RunId[] } {
  if (kept === null) return { look: firstLook, selected: [] }
  const { selected, filter, sorting, top } = kept
  return {
    look: { filter: { ...filter, trash: false }, sorting, top },
    selected: selected.filter((id) => runs[id]?.removedAt === null),
  }
}
