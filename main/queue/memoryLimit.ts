import { totalmem } from 'node:os'
import { formatBytes } from '../../core/numbers'
import type { Exit } from '../../core/host'

/** Bytes that a trainer may have at most: those of the machine, or of the container that it runs in. */
export function memoryLimit(): number {
  const constrained = process.constrainedMemory?.() ?? 0
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
}

const crashes: ReadonlySet<string | null> = new Set(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL'])
const nearlyAll = 0.75

/**
 * How a trainer ended, where it crashed with nearly all memory in its hands: TensorFlow on a CPU ends so as often as
 * with a word about it.
 */
export function seenFromMemory(exit: Exit, rssBytes: number, limit: number): Exit {
  if (exit.shortage !== undefined || !crashes.has(exit.signal) || rssBytes < nearlyAll * limit) return exit
  return {
    ...exit,
    shortage: 'resource_exhausted',
    description: `${exit.description} when it had ${formatBytes(rssBytes)} of ${formatBytes(limit)} of memory`,
  }
}
