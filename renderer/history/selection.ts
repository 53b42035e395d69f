import { useShallow } from 'zustand/react/shallow'
import type { Run, RunId } from '../../core/run'
import type { State } from '../store'
import { useStore } from '../store'

/** What a click on a row means, by the keys that were held. */
export type Picking = 'only' | 'toggle' | 'range'

/** The selection after a row was picked; a range goes from the anchor to it, in the order of the rows. */
export function picked(
  selected: readonly RunId[],
  rows: readonly RunId[],
  id: RunId,
  pick: Picking,
  anchor: RunId | null,
): readonly RunId[] {
  if (pick === 'only') return [id]
  if (pick === 'toggle') return selected.includes(id) ? selected.filter((one) => one !== id) : [...selected, id]
  const from = rows.indexOf(anchor ?? id)
  const to = rows.indexOf(id)
  if (from < 0 || to < 0) return [id]
  const range = rows.slice(Math.min(from, to), Math.max(from, to) + 1)
  return from <= to ? range : range.reverse()
}

/**
 * The selected runs, in the order in which they were chosen: what every button, key, menu and drawing means by the
 * selection. Those that a filter hides are among them; those of the other place, the trash or the runs, are not.
 */
export const selectedRuns = ({ selected, runs, look }: Pick<State, 'selected' | 'runs' | 'look'>): readonly Run[] =>
  selected.flatMap((id) => {
    const run = runs[id]
    return run !== undefined && (run.removedAt !== null) === look.filter.trash ? [run] : []
  })

export const useSelectedRuns = (): readonly Run[] => useStore(useShallow(selectedRuns))
