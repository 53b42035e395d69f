// The right half of the slider is where the difference is: 0.9, 0.99, 0.999 stand a third apart.

/** The smoothing at a place of the slider, 0…1. */
export const smoothingAt = (place: number): number => (place <= 0 ? 0 : Number((1 - 10 ** (-3 * place)).toFixed(4)))

/** The place of a smoothing on the slider. */
export const placeOf = (smoothing: number): number => (smoothing <= 0 ? 0 : -Math.log10(1 - smoothing) / 3)
