// The right half of the slider is where the difference is: 0.9, 0.99, 0.999 stand a third apart.

/** The smoothing at a place of the slider, 0…1. */
export const smoothingAt = (place: number): number => (place <= 0 ? 0 : Number((1 - 10 ** (-3 * place)).toFixed(4)))

/** The place of a smoothing on the slider. */
export const smoothingPlace = (smoothing: number): number => (smoothing <= 0 ? 0 : -Math.log10(1 - smoothing) / 3)

/**
 * The bias-corrected exponential average of `core/measure`'s `smooth`, in the memory of its values: traces are long,
 * and a live one is smoothed four times a second.
 */
export function smoothInPlace(values: Float64Array, keep: number): Float64Array {
  let average = 0
  let weight = 0
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? NaN
    if (!Number.isFinite(value)) continue
    average = keep * average + (1 - keep) * value
    weight = keep * weight + (1 - keep)
    values[index] = average / weight
  }
  return values
}
