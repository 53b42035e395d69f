import type { RunConfig } from './config/config'
import type { Run } from './run'

/** Whether two JSON values are equal: keys in any order, and a key without a value is none. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (
    typeof a !== 'object' ||
    typeof b !== 'object' ||
    a === null ||
    b === null ||
    Array.isArray(a) !== Array.isArray(b)
  )
    return false
  const [one, other] = [new Map(Object.entries(a)), new Map(Object.entries(b))]
  return [...new Set([...one.keys(), ...other.keys()])].every((key) => isEqual(one.get(key), other.get(key)))
}

/**
 * Whether a run is the training that a config asks for, so that it need not be done again: the same settings, from the
 * config's own initial weights, as long from its beginning, on the same images. `fingerprint` is that of the data as it
 * is now; null where it cannot have changed.
 */
export function isTrainingOf(
  run: Pick<Run, 'config' | 'origin' | 'extensions' | 'removedAt' | 'facts'>,
  config: RunConfig,
  fingerprint: string | null,
): boolean {
  const isSameData = fingerprint === null || run.facts === null || run.facts.fingerprint === fingerprint
  return (
    run.removedAt === null &&
    run.origin.type === 'new' &&
    (run.extensions ?? []).length === 0 &&
    isSameData &&
    isEqual(run.config, config)
  )
}

/** Whether a training has come to an end that stands: going on would not change it. */
export const isDone = (status: Run['status']): boolean =>
  status === 'finished' || status === 'earlyStopped' || status === 'diverged'

/**
 * The run that counts where several are the training of one config: one that is done before one that is not, and of
 * these the newest.
 */
export const standing = <R extends Pick<Run, 'status' | 'createdAt'>>(runs: readonly R[]): R | undefined =>
  [...runs].sort(
    (a, b) => Number(isDone(b.status)) - Number(isDone(a.status)) || b.createdAt.localeCompare(a.createdAt),
  )[0]
