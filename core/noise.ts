/** What the noise of stochastic gradient descent depends on. */
export interface NoiseInputs {
  /** η, at this update. */
  readonly learningRate: number
  /** N. */
  readonly trainingImages: number
  /** B, at this update. */
  readonly batchSize: number
  /** μ, at this update. */
  readonly momentum: number
}

/**
 * The noise scale g ≈ ηN/(B(1 − μ)), in units of the learning rate (Smith & Le 2017, 1710.06451; Smith et al. 2017,
 * 1711.00489, for N ≫ B).
 */
export const noiseScale = ({ learningRate, trainingImages, batchSize, momentum }: NoiseInputs): number =>
  (learningRate * trainingImages) / (batchSize * (1 - momentum))

/**
 * The noise scale without the approximation: η(N/B − 1)/(1 − μ), 0 for the full batch (Smith & Le 2017, 1710.06451).
 */
export const exactNoiseScale = ({ learningRate, trainingImages, batchSize, momentum }: NoiseInputs): number =>
  (learningRate * (trainingImages / batchSize - 1)) / (1 - momentum)

/**
 * η/B, per image: larger is said to lead to wider minima (Jastrzębski et al. 2017, 1711.04623, η/S); He et al. 2019
 * bound its inverse.
 */
export const rateToBatch = (learningRate: number, batchSize: number): number => learningRate / batchSize

/**
 * The variance σ² of multiplicative noise z ~ N(1, σ²) per image that gives a large batch the noise of a small one:
 * B_L/B_S − 1 (after Hoffer et al. 2017, 1705.08741, §4).
 */
export const multiplicativeNoiseVariance = (largeBatch: number, smallBatch: number): number =>
  largeBatch / smallBatch - 1

/**
 * Squared gradient norms at two batch sizes, of mean gradients before clipping and weight decay; the small one averaged
 * over several small batches.
 */
export interface GradientNorms {
  readonly smallBatch: number
  readonly smallSquaredNorm: number
  readonly bigBatch: number
  readonly bigSquaredNorm: number
}

/**
 * Unbiased estimates of the trace of the gradient's covariance per image, S, and of the squared norm of the true
 * gradient, |G|², which may come out below 0.
 */
export interface GradientMoments {
  readonly spread: number
  readonly squaredNorm: number
}

/**
 * |G|² = (B_b|G_b|² − B_s|G_s|²)/(B_b − B_s) and S = (|G_s|² − |G_b|²)/(1/B_s − 1/B_b) (McCandlish et al. 2018,
 * 1812.06162, App. A.1).
 */
export function gradientMoments({
  smallBatch,
  smallSquaredNorm,
  bigBatch,
  bigSquaredNorm,
}: GradientNorms): GradientMoments {
  if (!(bigBatch > smallBatch)) throw new Error(`The larger batch must be larger than ${smallBatch}, found ${bigBatch}`)
  return {
    squaredNorm: (bigBatch * bigSquaredNorm - smallBatch * smallSquaredNorm) / (bigBatch - smallBatch),
    spread: (smallSquaredNorm - bigSquaredNorm) / (1 / smallBatch - 1 / bigBatch),
  }
}

/**
 * Exponential averages of S and |G|², kept apart because the ratio of means is wanted, not the mean of ratios; plain
 * data, so a checkpoint can hold it.
 */
export interface NoiseAverage {
  readonly spread: number
  readonly squaredNorm: number
  /** What has been forgotten of the zero at the start, 1 − keep^n, for the bias correction. */
  readonly weight: number
}

/** The average before the first estimate. */
export const noNoiseAverage: NoiseAverage = { spread: 0, squaredNorm: 0, weight: 0 }

/** The averages after one more estimate; `keep` in 0…1 is the weight of what was there. */
export const averageNoise = (average: NoiseAverage, moments: GradientMoments, keep: number): NoiseAverage => ({
  spread: keep * average.spread + (1 - keep) * moments.spread,
  squaredNorm: keep * average.squaredNorm + (1 - keep) * moments.squaredNorm,
  weight: keep * average.weight + (1 - keep),
})

/**
 * The simple noise scale B_simple = S/|G|², in images, from averaged moments (McCandlish et al. 2018); null while |G|²
 * is not above 0.
 */
export const simpleNoiseScale = ({ spread, squaredNorm }: GradientMoments): number | null =>
  squaredNorm > 0 ? spread / squaredNorm : null

/**
 * The simple noise scale after each of some measurements in a row, S and |G|² averaged apart with weight `keep` for
 * what was there; null until it is known.
 */
export function plannedNoiseScales(
  measured: readonly (GradientMoments | null)[],
  keep: number,
): readonly (number | null)[] {
  let average = noNoiseAverage
  return measured.map((moments) => {
    if (moments !== null) average = averageNoise(average, moments, keep)
    return simpleNoiseScale(average)
  })
}

/** What a critical batch size B_noise says of a batch size B (McCandlish et al. 2018, §2.2 and §2.3). */
export interface BatchEconomy {
  /** η_opt/η_max = 1/(1 + B_noise/B). */
  readonly rate: number
  /** Updates over the fewest possible: 1 + B_noise/B. */
  readonly updates: number
  /** Examples over the fewest possible: 1 + B/B_noise. */
  readonly examples: number
}

/**
 * The best rate, the updates and the examples needed at a batch size, each relative to its limit; (updates −
 * 1)(examples − 1) = 1.
 */
export const batchEconomy = (batchSize: number, noiseBatch: number): BatchEconomy => ({
  rate: 1 / (1 + noiseBatch / batchSize),
  updates: 1 + noiseBatch / batchSize,
  examples: 1 + batchSize / noiseBatch,
})

/** A straight line through points: y = intercept + slope · x, with the share R² of the variance that it explains. */
export interface LineFit {
  readonly intercept: number
  readonly slope: number
  readonly r2: number
}

/**
 * The ultra-slow diffusion fit d = a + b·ln t of the distance from the initial weights over updates t ≥ 1 (Hoffer et
 * al. 2017, 1705.08741, §3); null with fewer than two updates.
 */
export function fitDiffusion(updates: readonly number[], distances: readonly number[]): LineFit | null {
  const points = updates.flatMap((update, index) => {
    const y = distances[index]
    return update >= 1 && y !== undefined && Number.isFinite(y) ? [{ x: Math.log(update), y }] : []
  })
  return fitLine(points)
}

/** What the diffusion fit needs of the end of an epoch. */
export interface Travelled {
  readonly moment: { readonly update: number }
  readonly distance: number | null
  readonly learningRate: number
  readonly batchSize: number
}

/** A diffusion fit over the first `epochs` of a run, and its value at any update. */
export interface Diffusion extends LineFit {
  readonly epochs: number
  readonly at: (update: number) => number
}

// Two points always lie on a line, so a fit through them says nothing.
const fewestPoints = 3

/**
 * The diffusion fit over the initial phase of a run, before η/B first falls (Hoffer et al. 2017, 1705.08741, §3); null
 * with fewer than three distances in it.
 */
export function diffusionOf(epochs: readonly Travelled[]): Diffusion | null {
  const ratios = epochs.map(({ learningRate, batchSize }) => rateToBatch(learningRate, batchSize))
  const fall = ratios.findIndex((ratio, i) => i > 0 && ratio < (ratios[i - 1] ?? 0) * (1 - 1e-9))
  const phase = (fall === -1 ? epochs : epochs.slice(0, fall)).filter(
    ({ distance, moment }) => distance !== null && Number.isFinite(distance) && moment.update >= 1,
  )
  const fit =
    phase.length < fewestPoints
      ? null
      : fitDiffusion(
          phase.map(({ moment }) => moment.update),
          phase.map(({ distance }) => distance ?? NaN),
        )
  return fit && { ...fit, epochs: phase.length, at: (update) => fit.intercept + fit.slope * Math.log(update) }
}

/** Ordinary least squares; null where the points do not define a line. */
function fitLine(points: readonly { readonly x: number; readonly y: number }[]): LineFit | null {
  const count = points.length
  if (count < 2) return null
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / count
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / count
  const xx = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0)
  const xy = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0)
  const yy = points.reduce((sum, { y }) => sum + (y - meanY) ** 2, 0)
  if (xx === 0) return null
  // Points on a level line are explained entirely: there is nothing left to explain.
  return { slope: xy / xx, intercept: meanY - (xy / xx) * meanX, r2: yy === 0 ? 1 : (xy * xy) / (xx * yy) }
}
