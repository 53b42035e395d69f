import { chances } from '../soak/model'

/** One go at a scenario: work that is killed, taken up again, and looked at. */
export interface Round {
  readonly random: () => number
  /** Of this round's own; gone when it is over. */
  readonly folder: string
  /** Whether what takes the work up again is killed as well: every third time. */
  readonly isCompound: boolean
  /** Counts a kill that hit a process at work. */
  readonly killed: (what: string) => void
  /** For a person who has to play it again. */
  readonly note: (what: string) => void
}

export interface Scenario {
  readonly name: string
  /** Its part of all kills, against those of the others. */
  readonly share: number
  /** Whether each `npm test` plays a round of it. */
  readonly isSampled: boolean
  /**
   * Does the work once without a disturbance; then each round is held to that. Null where this machine cannot do it.
   */
  readonly prepare: () => Promise<((round: Round) => Promise<void>) | null>
}

/** Chances that a seed and a scenario's name decide. */
export function chancesOf(name: string, seed: number): () => number {
  let mixed = seed * 2654435761
  for (const letter of name) mixed = Math.imul(mixed ^ letter.charCodeAt(0), 16777619)
  return chances(mixed)
}

export const pick = <T>(random: () => number, from: readonly T[]): T => {
  const found = from[Math.floor(random() * from.length)]
  if (found === undefined) throw new Error('There is nothing to pick from')
  return found
}
