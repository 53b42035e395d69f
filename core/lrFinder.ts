import { z } from 'zod'

/**
 * A learning-rate range test: train a few updates at rates from far too low to too high, and look at the loss (Smith
 * 2015, 1506.01186, §3.3).
 */
export const FinderConfig = z
  .strictObject({
    start: z
      .number()
      .positive()
      .max(100)
      .default(1e-7)
      .meta({ label: 'First rate', help: 'The rate of the first update of the sweep', log: true }),
    end: z
      .number()
      .positive()
      .max(1e4)
      .default(10)
      .meta({ label: 'Last rate', help: 'The rate that the sweep goes toward', log: true }),
    updates: z
      .int()
      .min(10)
      .max(100_000)
      .default(100)
      .meta({ label: 'Updates', help: 'How many updates the sweep takes at most', unit: 'updates', step: 10 }),
    spacing: z.enum(['exponential', 'linear']).default('exponential').meta({
      label: 'Spacing',
      help: 'Exponential covers many powers of ten; linear over several epochs is the original test',
    }),
    reachEnd: z.boolean().default(false).meta({
      label: 'Use the last rate',
      help: 'On: the last update uses exactly the last rate. Off: it is one step short of it, as in fastai',
    }),
    smoothing: z
      .number()
      .min(0)
      .max(0.999)
      .default(0.98)
      .meta({ label: 'Smoothing', help: 'Share of the averaged loss that is kept at each update', step: 0.01 }),
    stopFactor: z.number().min(1.01).max(1e6).default(4).meta({
      label: 'Stop at',
      help: 'The sweep ends when the smoothed loss exceeds this times its lowest',
      unit: '× lowest',
      step: 1,
    }),
  })
  .superRefine(({ start, end }, context) => {
    if (end <= start)
      context.addIssue({
        code: 'custom',
        path: ['end'],
        message: `must be more than the first rate ${start}, found ${end}`,
      })
  })
  .meta({
    label: 'Learning-rate finder',
    help: 'Sweeps the rate over a few updates and suggests where to start',
    paper: 'Smith, arXiv 1506.01186, §3.3',
  })
export type FinderConfig = z.output<typeof FinderConfig>

/**
 * The rate of each update of the sweep: start · (end/start)^(i/n), or start + (end − start) · i/n; n is updates − 1
 * where the end is to be used.
 */
export function sweepRates({ start, end, updates, spacing, reachEnd }: FinderConfig): readonly number[] {
  const intervals = reachEnd ? updates - 1 : updates
  return Array.from({ length: updates }, (_, index) => {
    const part = index / intervals
    return spacing === 'exponential' ? start * (end / start) ** part : start + (end - start) * part
  })
}

/**
 * Whether the sweep is over: the smoothed loss is not a finite number or exceeds `stopFactor` times the lowest before
 * it (fastai's rule).
 */
export const hasDiverged = (smoothedLoss: number, lowest: number, stopFactor: number): boolean =>
  !Number.isFinite(smoothedLoss) || smoothedLoss > stopFactor * lowest

/** A rate that a sweep suggests, and the point of the given curve that it was read from. */
interface Suggestion {
  readonly rate: number
  readonly index: number
}

/** What each rule makes of a sweep; null where the rule finds nothing to go by. */
export interface Suggestions {
  readonly steep: Suggestion | null
  readonly minimum: Suggestion | null
  readonly valley: Suggestion | null
  readonly slide: Suggestion | null
}

/**
 * The part of a sweep that suggestions are read from: without the first tenth of the planned updates, the last five
 * points, and all from the first loss that is not finite.
 */
export function usablePart(
  losses: readonly number[],
  plannedUpdates: number,
): { readonly start: number; readonly end: number } {
  const broken = losses.findIndex((loss) => !Number.isFinite(loss))
  const start = Math.floor(plannedUpdates / 10)
  return { start, end: Math.max(start, Math.min(losses.length - 5, broken === -1 ? losses.length : broken)) }
}

/**
 * The suggestions of a sweep from its rates and smoothed losses, over the usable part; all null where the loss never
 * falls below its first value there.
 */
export function suggestRates(rates: readonly number[], losses: readonly number[], plannedUpdates: number): Suggestions {
  const { start, end } = usablePart(losses, plannedUpdates)
  const part = losses.slice(start, end)
  const lowest = lowestIndex(part)
  if (lowest <= 0) return { steep: null, minimum: null, valley: null, slide: null }
  const suggestion = (index: number, divisor: number): Suggestion | null => {
    const rate = rates[start + index]
    return rate === undefined ? null : { rate: rate / divisor, index: start + index }
  }
  const slide = slideIndex(part)
  return {
    steep: suggestion(steepestIndex(rates.slice(start, end), part), 1),
    // A tenth of where the loss is lowest: there it is already about to rise.
    minimum: suggestion(lowest, 10),
    valley: suggestion(valleyIndex(part), 1),
    slide: slide === null ? null : suggestion(slide, 1),
  }
}

/** The first index of the lowest value; −1 for none. */
export const lowestIndex = (losses: readonly number[]): number =>
  losses.reduce((best, loss, index) => (best === -1 || loss < (losses[best] ?? Infinity) ? index : best), -1)

/**
 * Where the loss falls fastest over ln(rate), by forward differences: the left point of the first steepest interval.
 */
export function steepestIndex(rates: readonly number[], losses: readonly number[]): number {
  const slopes = losses
    .slice(1)
    .map((loss, index) => (loss - (losses[index] ?? NaN)) / Math.log((rates[index + 1] ?? NaN) / (rates[index] ?? NaN)))
  const steepest = Math.min(...slopes)
  // Equal falls differ in their last digits, which must not decide.
  return slopes.findIndex((slope) => slope <= steepest + 1e-9 * Math.abs(steepest))
}

/**
 * A point about half way down the longest valley: with the longest strictly falling subsequence of length n ending at
 * e, from e − n a third on and half a third more, as fastai counts.
 */
export function valleyIndex(losses: readonly number[]): number {
  const lengths = losses.map(() => 1)
  let end = 0
  losses.forEach((loss, index) => {
    for (let before = 0; before < index; before += 1) {
      if (loss < (losses[before] ?? NaN)) lengths[index] = Math.max(lengths[index] ?? 1, (lengths[before] ?? 0) + 1)
    }
    if ((lengths[index] ?? 0) > (lengths[end] ?? 0)) end = index
  })
  // The first longest subsequence has start 0 where nothing falls; a falling list as long as all points gives −1, which
  // must not wrap around.
  const longest = lengths[end] ?? 1
  const start = longest === 1 ? 0 : end - longest
  const third = (end - start) / 3
  return Math.max(0, start + Math.floor(third) + Math.floor(third / 2))
}

const slideWidth = 15
const slideThreshold = 0.005

/**
 * From the right, an interval of 15 points moves left until the slopes at its ends differ by at most 0.005; the left
 * end just before that. Null with fewer than 16 points.
 */
export function slideIndex(losses: readonly number[]): number | null {
  if (losses.length <= slideWidth) return null
  const slopes = slopesOf(losses)
  let left = losses.length - 1 - slideWidth
  let found = left
  while (left >= 0 && Math.abs((slopes[left + slideWidth] ?? 0) - (slopes[left] ?? 0)) > slideThreshold) {
    found = left
    left -= 1
  }
  return found
}

// Central differences, one-sided at the ends.
function slopesOf(values: readonly number[]): readonly number[] {
  const at = (index: number): number => values[index] ?? NaN
  const last = values.length - 1
  return values.map((_, index) => {
    if (index === 0) return at(1) - at(0)
    return index === last ? at(last) - at(last - 1) : (at(index + 1) - at(index - 1)) / 2
  })
}
