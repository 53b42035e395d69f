import type { BenchCase } from './cases'
import type { Entrant } from './contestants'
import { median } from '../core/measure'
import { ratioOf, type Speeds } from './measure'

/** How one contestant did in one case. */
export interface Standing {
  readonly name: string
  readonly engine: string
  readonly mode: string
  /** Device, threads and memory layout, as they were. */
  readonly details: string
  /** Median over all turns. */
  readonly imagesPerSecond: number
  /** The best turn: what the machine can do when nothing else runs. */
  readonly best: number
  /** Images per second in each round; null where there was no turn. */
  readonly speeds: readonly (number | null)[]
}

/** Everything that was measured of one case. */
export interface CaseResult extends BenchCase {
  /** The system's load averages over 1, 5 and 15 minutes, before and after. */
  readonly loadBefore: readonly number[]
  readonly loadAfter: readonly number[]
  readonly standings: readonly Standing[]
  readonly ratios: Ratios
  /** Who could not take part or fell out, and why. */
  readonly failures: readonly { readonly name: string; readonly reason: string }[]
}

/** Medians of the ratios within a round; null where one of the two was not there. */
export interface Ratios {
  readonly capturedToEager: number | null
  readonly capturedToPytorch: number | null
  readonly bfloat16ToCaptured: number | null
}

/** A contestant as far as the table is concerned. */
export type Named = Pick<Entrant, 'name' | 'engine' | 'mode' | 'details'>

/** The standing of somebody who had at least one turn, null of others. */
export function standingOf({ name, engine, mode, details }: Named, { speeds }: Speeds): Standing | null {
  const known = speeds.filter((speed) => speed !== null)
  return known.length === 0
    ? null
    : { name, engine, mode, details, imagesPerSecond: median(known), best: Math.max(...known), speeds }
}

/** What the captured step of TensorFlow wins over the eager one and over PyTorch, and bfloat16 over that. */
export function ratiosOf(standings: readonly Standing[]): Ratios {
  const find = (name: string): Standing | undefined => standings.find((standing) => standing.name === name)
  const [captured, bfloat16, eager, pytorch] = [
    find('tensorflow captured'),
    find('tensorflow bfloat16'),
    find('tensorflow eager'),
    find('pytorch'),
  ]
  const ratio = (one: Standing | undefined, other: Standing | undefined): number | null =>
    one === undefined || other === undefined ? null : ratioOf(one, other)
  return {
    capturedToEager: ratio(captured, eager),
    capturedToPytorch: ratio(captured, pytorch),
    bfloat16ToCaptured: ratio(bfloat16, captured),
  }
}
