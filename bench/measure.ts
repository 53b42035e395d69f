import { errorText } from '../core/errorText'
import { median } from '../core/measure'
/** Somebody who does updates and says how long they took. */
export interface Contestant {
  /** Does so many updates; seconds. */
  readonly run: (updates: number) => Promise<number>
  readonly close: () => void
}

/** How long a turn is: about so many seconds, or exactly so many updates. */
export interface Turns {
  readonly rounds: number
  readonly seconds: number
  readonly updates: number | null
}

/** How somebody did: images per second in each round (null where there was no turn), or why there is none. */
export interface Speeds {
  readonly speeds: readonly (number | null)[]
  /** A sentence; empty where nothing went wrong. */
  readonly failure: string
}

// Whoever needs longer than this for one update has one turn, not one in each round.
const patienceSeconds = 10

/**
 * Lets contestants work in turn, A B C A B C …, so that whatever else the machine does meets them all, and can be
 * compared within a round. Everybody's turn is about equally long, whatever their speed. Who fails is left out from
 * then on, and the others go on.
 */
export async function measure(contestants: readonly Contestant[], batchSize: number, turns: Turns): Promise<Speeds[]> {
  const states = contestants.map(({ run }) => ({
    run,
    updates: 1,
    rounds: 0,
    speeds: Array.from({ length: turns.rounds }, (): number | null => null),
    failure: '',
  }))
  const attempt = async (state: (typeof states)[number], work: () => Promise<void>): Promise<void> => {
    if (state.failure !== '') return
    try {
      await work()
    } catch (error) {
      state.failure = errorText(error)
    }
  }
  for (const state of states)
    await attempt(state, async () => {
      Object.assign(state, await pace(state.run, turns))
    })
  for (let round = 0; round < turns.rounds; round++) {
    for (const state of states) {
      if (round >= state.rounds) continue
      await attempt(state, async () => {
        state.speeds[round] = (state.updates * batchSize) / (await state.run(state.updates))
      })
    }
  }
  return states.map(({ speeds, failure }) => ({ speeds, failure }))
}

/** Warms up, and finds out how many updates make a turn. The first update of all prepares things and is no measure. */
async function pace(
  run: Contestant['run'],
  { rounds, seconds, updates }: Turns,
): Promise<{ readonly updates: number; readonly rounds: number }> {
  const first = await run(1)
  if (first > Math.max(patienceSeconds, 10 * seconds)) return { updates: 1, rounds: Math.min(1, rounds) }
  const each = (await run(first > seconds ? 1 : 3)) / (first > seconds ? 1 : 3)
  return { updates: updates ?? Math.max(1, Math.round(seconds / each)), rounds }
}

/** The median over the rounds of one's speed over the other's in the same round; null where they never met. */
export function ratioOf(one: Pick<Speeds, 'speeds'>, other: Pick<Speeds, 'speeds'>): number | null {
  const ratios = one.speeds.flatMap((speed, round) => {
    const against = other.speeds[round] ?? null
    return speed === null || against === null ? [] : [speed / against]
  })
  return ratios.length === 0 ? null : median(ratios)
}
