import type { Random } from '../random'
import { type Landscape, norm } from './landscape'

/** How the highest loss within a box is searched. */
export interface SearchOptions {
  /** Steps from each start at most; Keskar et al. let L-BFGS-B take 10. */
  readonly iterations: number
  /** Random corners of the box that the search starts from, besides its centre. */
  readonly restarts: number
  readonly random: Random
}

/** The loss in the centre of a box, the highest one found within, and what that took. */
export interface AscentResult {
  readonly here: number
  readonly highest: number
  readonly iterations: number
  readonly evaluations: number
}

/**
 * The highest of f(z) that projected gradient ascent finds for |z_i| ≤ box_i, from 0 and from random corners, compared
 * with f(0).
 */
export function highestIn(
  landscape: Landscape,
  box: Float64Array,
  { iterations, restarts, random }: SearchOptions,
): AscentResult {
  const counted = { evaluations: 0 }
  const loss = (z: Float64Array): number => {
    counted.evaluations++
    return landscape.loss(z)
  }
  const gradient = (z: Float64Array): Float64Array => {
    counted.evaluations++
    return landscape.gradient(z)
  }
  const here = loss(new Float64Array(box.length))
  let highest = here
  let taken = 0
  for (let start = 0; start <= restarts; start++) {
    let z: Float64Array =
      start === 0 ? new Float64Array(box.length) : box.map((width) => (random.uniform() < 0.5 ? -width : width))
    let value = start === 0 ? here : loss(z)
    for (let i = 0; i < iterations; i++) {
      const next = climb(loss, z, value, gradient(z), box)
      if (next === undefined) break
      ;({ z, value } = next)
      taken++
    }
    // A NaN is no height; an infinite loss is one.
    if (value > highest) highest = value
  }
  return { here, highest, iterations: taken, evaluations: counted.evaluations }
}

const shortest = 2 ** -10

/**
 * One step up: to the corner that the gradient points to, where a convex loss is never lower; or else along the
 * gradient in units of the box, ever shorter, and back onto the box where that leaves it. Undefined where nothing is
 * higher.
 */
function climb(
  loss: (z: Float64Array) => number,
  z: Float64Array,
  value: number,
  gradient: Float64Array,
  box: Float64Array,
): { readonly z: Float64Array; readonly value: number } | undefined {
  const pull = gradient.map((g, i) => g * (box[i] ?? 0))
  const largest = pull.reduce((most, p) => Math.max(most, Math.abs(p)), 0)
  if (!(largest > 0) || !Number.isFinite(norm(pull))) return undefined
  const tried = (step: number): Float64Array =>
    z.map((old, i) => {
      const width = box[i] ?? 0
      const p = pull[i] ?? 0
      return step === Infinity
        ? p === 0
          ? old
          : Math.sign(p) * width
        : Math.max(-width, Math.min(width, old + (step * width * p) / largest))
    })
  for (const step of [Infinity, ...powers(2, shortest)]) {
    const next = tried(step)
    const found = loss(next)
    if (found > value) return { z: next, value: found }
  }
  return undefined
}

function* powers(from: number, to: number): Generator<number> {
  for (let step = from; step >= to; step /= 4) yield step
}
