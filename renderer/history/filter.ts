import { scaledRateOfRun } from '../../core/plan/rate'
import type { Run, RunStatus } from '../../core/run'
import type { Typed } from '../../core/typed'
import { typedNumber } from '../../core/typed'
import { dataName, networkName, runName } from '../names'

/** Which runs the table shows. */
export interface RunFilter {
  readonly text: string
  readonly statuses: readonly RunStatus[]
  readonly tags: readonly string[]
  readonly starred: boolean
  readonly trash: boolean
}

export const showAll: RunFilter = { text: '', statuses: [], tags: [], starred: false, trash: false }

export const isFiltering = ({ text, statuses, tags, starred }: RunFilter): boolean =>
  text.trim() !== '' || statuses.length > 0 || tags.length > 0 || starred

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
  '=': (a, b) => a === b,
}
const numbers: Readonly<Record<string, readonly [value: (run: Run) => number, kind: 'integer' | 'number']>> = {
  batch: [(run) => run.config.batchSize, 'integer'],
  rate: [(run) => scaledRateOfRun(run) ?? NaN, 'number'],
  base: [(run) => run.config.learningRate.base, 'number'],
  epochs: [(run) => run.config.epochs, 'integer'],
  seed: [(run) => run.config.seed, 'integer'],
}

interface Comparison {
  readonly name: string
  readonly sign: string
  readonly limit: Typed
}

/** A word such as "batch>=1,024" as a comparison; null where it is a word to look for. */
function comparisonFrom(word: string): Comparison | null {
  const [, name = '', sign = '', limit = ''] = /^([a-z]+)(<=|>=|<|>|=)([-+\u2212]?[\d.,].*)$/.exec(word) ?? []
  const number = numbers[name]
  return number === undefined ? null : { name, sign, limit: typedNumber(limit, { kind: number[1], isShare: false }) }
}

const wordsOf = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')

/**
 * Why a filter lets nothing through though it compares: a number that can be read in two ways. Empty where there is no
 * such thing.
 */
export const filterProblem = ({ text }: Pick<RunFilter, 'text'>): string =>
  wordsOf(text)
    .flatMap((word) => {
      const comparison = comparisonFrom(word)
      return comparison === null || comparison.limit.ok ? [] : [`The number in “${word}” ${comparison.limit.problem}.`]
    })
    .join(' ')

/**
 * A test for the typed words: all of them must fit. A word is looked for in name, data, network, tags and notes;
 * "batch>=512", "rate<0.1" (as trained), "base<0.1", "seed=2" and "epochs>10" compare.
 */
function wordTests(text: string): readonly ((run: Run, haystack: string) => boolean)[] {
  return wordsOf(text).map((word) => {
    const { name, sign, limit } = comparisonFrom(word) ?? {}
    const [value] = numbers[name ?? ''] ?? []
    const compare = comparisons[sign ?? '']
    if (value !== undefined && compare !== undefined && limit !== undefined)
      return (run: Run) => limit.ok && compare(value(run), limit.value)
    return (_: Run, haystack: string) => haystack.includes(word)
  })
}

const haystacks = new WeakMap<Run, string>()

// Runs are replaced when they change, so what was written down of one stays true.
function haystackOf(run: Run): string {
  const known = haystacks.get(run)
  if (known !== undefined) return known
  const haystack = [
    runName(run),
    dataName(run.config.data.source),
    networkName(run.config.network),
    run.config.learningRate.schedule.type,
    ...run.tags,
    run.notes,
    run.id,
  ]
    .join('\n')
    .toLowerCase()
  haystacks.set(run, haystack)
  return haystack
}

/** The runs that a filter lets through. */
export function filtered(runs: readonly Run[], filter: RunFilter): readonly Run[] {
  const tests = wordTests(filter.text)
  return runs.filter((run) => {
    if ((run.removedAt !== null) !== filter.trash) return false
    if (filter.starred && !run.starred) return false
    if (filter.statuses.length > 0 && !filter.statuses.includes(run.status)) return false
    if (filter.tags.length > 0 && !filter.tags.some((tag) => run.tags.includes(tag))) return false
    if (tests.length === 0) return true
    const haystack = haystackOf(run)
    return tests.every((test) => test(run, haystack))
  })
}
