import type { Contestant } from './contestants'

export interface Standing {
  readonly name: string
  readonly details: string
  /** Median over all turns. */
  readonly imagesPerSecond: number
  /** The best turn: what the machine can do when nothing else runs. */
  readonly best: number
  /** Median over the rounds of this one's speed over the first one's in the same round. */
  readonly ratio: number
}

/**
 * Lets contestants work in turn, A B C A B C …, so that whatever else the machine does meets them all, and compares within a round. Turns are
 * about as long as `turnSeconds` each, whatever the speed.
 */
export async function measure(contestants: readonly Contestant[], batchSize: number, rounds: number, turnSeconds: number): Promise<Standing[]> {
  const updates: number[] = []
  for (const { run } of contestants) {
    await run(2)
    const seconds = await run(3) / 3
    updates.push(Math.max(1, Math.round(turnSeconds / seconds)))
  }
  const speeds = contestants.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [i, { run }] of contestants.entries()) {
      const count = updates[i] ?? 1
      speeds[i]?.push((count * batchSize) / await run(count))
    }
  }
  return contestants.map(({ name, details }, i) => ({
    name, details,
    imagesPerSecond: median(speeds[i] ?? []),
    best: Math.max(...(speeds[i] ?? [])),
    ratio: median((speeds[i] ?? []).map((speed, round) => speed / (speeds[0]?.[round] ?? NaN))),
  }))
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? (sorted[Math.floor(middle)] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}
