import type { Run } from '../../core/run'
import { badInput } from './failure'
import { cutToWidth } from './terminal'

const shown = (run: Run): string => `${run.id}${run.name === '' ? '' : ` (${cutToWidth(run.name, 40)})`}`

/**
 * The run that a person means: an id, the beginning of one, or a name that only one run has. Runs in the trash count
 * only by id.
 */
export function findRun(runs: readonly Run[], wanted: string): Run {
  const exact = runs.find(({ id }) => id === wanted)
  if (exact !== undefined) return exact
  const named = runs.filter(({ name, removedAt }) => name === wanted && removedAt === null)
  const begun = wanted === '' ? [] : runs.filter(({ id }) => id.startsWith(wanted))
  const found = named.length > 0 ? named : begun
  const [only] = found
  if (only === undefined)
    throw badInput(`There is no run “${wanted.slice(0, 100)}” in this library; batchlab list shows them`)
  if (found.length > 1)
    throw badInput(
      `“${wanted.slice(0, 100)}” fits ${found.length} runs: ` +
        `${found.slice(0, 5).map(shown).join(', ')}${found.length > 5 ? ' …' : ''}`,
    )
  return only
}

/** Several of them, each once. */
export const findRuns = (runs: readonly Run[], wanted: readonly string[]): readonly Run[] => [
  ...new Set(wanted.map((one) => findRun(runs, one))),
]
