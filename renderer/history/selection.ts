import type { RunId } from '../../core/run'

/** What a click on a row means, by the keys that were held. */
export type Pick = 'only' | 'toggle' | 'range'

/** The selection after a row was picked; a range goes from the anchor to it, in the order of the rows. */
export function picked(selected: readonly RunId[], rows: readonly RunId[], id: RunId, pick: Pick, anchor: RunId | null): readonly RunId[] {
  if (pick === 'only') return [id]
  if (pick === 'toggle') return selected.includes(id) ? selected.filter((one) => one !== id) : [...selected, id]
  const from = rows.indexOf(anchor ?? id)
  const to = rows.indexOf(id)
  if (from < 0 || to < 0) return [id]
  const range = rows.slice(Math.min(from, to), Math.max(from, to) + 1)
  return from <= to ? range : range.reverse()
}
