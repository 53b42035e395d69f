import type { Run, RunId } from '../../core/run'
import { columnOf } from './columns'

/** By which column rows are sorted, and which way. */
export interface Sorting {
  readonly column: string
  readonly descending: boolean
}

export const newestRunsFirst: Sorting = { column: 'started', descending: true }

const collator = new Intl.Collator('en', { numeric: true })

const compareValues = (a: string | number, b: string | number): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))

interface Keyed {
  readonly run: Run
  readonly key: string | number | undefined
}

const keyed = (run: Run, { column }: Sorting): Keyed => ({ run, key: columnOf(column)?.value(run) })

/** Rows without a value come last whichever way it goes; equal ones stand newest first. */
function compareRows(a: Keyed, b: Keyed, { descending }: Sorting): number {
  if (a.key === undefined || b.key === undefined) {
    if (a.key !== b.key) return a.key === undefined ? 1 : -1
  } else {
    const difference = compareValues(a.key, b.key)
    if (difference !== 0) return descending ? -difference : difference
  }
  return a.run.createdAt === b.run.createdAt
    ? a.run.id < b.run.id
      ? 1
      : -1
    : a.run.createdAt < b.run.createdAt
      ? 1
      : -1
}

const inOrder = (runs: readonly Run[], sorting: Sorting): readonly Keyed[] =>
  runs.map((run) => keyed(run, sorting)).sort((a, b) => compareRows(a, b, sorting))

/** Runs sorted by what they say now. */
export const sorted = (runs: readonly Run[], sorting: Sorting): readonly Run[] =>
  inOrder(runs, sorting).map(({ run }) => run)

/**
 * Runs in the order that they have, whatever became of their values; new ones are put where they belong among the
 * others.
 */
export function held(order: readonly RunId[], runs: readonly Run[], sorting: Sorting): readonly Run[] {
  const byId = new Map(runs.map((run) => [run.id, run]))
  const known = order.flatMap((id) => {
    const run = byId.get(id)
    byId.delete(id)
    return run === undefined ? [] : [run]
  })
  if (byId.size === 0) return known
  const rows = known.map((run) => keyed(run, sorting))
  for (const fresh of inOrder([...byId.values()], sorting)) {
    const before = rows.findIndex((row) => compareRows(fresh, row, sorting) < 0)
    rows.splice(before < 0 ? rows.length : before, 0, fresh)
  }
  return rows.map(({ run }) => run)
}

/** Whether runs stand as sorting them now would have them. */
export function isSorted(runs: readonly Run[], sorting: Sorting): boolean {
  const rows = runs.map((run) => keyed(run, sorting))
  return rows.every((row, index) => {
    const before = rows[index - 1]
    return before === undefined || compareRows(before, row, sorting) <= 0
  })
}
