/** A loss ½h(w − a)² of one weight. */
export interface Bowl {
  /** h. */
  readonly curvature: number
  /** a. */
  readonly centre: number
}

/** Weights of simulated workers after each update, and the weight that large-batch SGD has. */
export interface Workers {
  readonly workers: readonly (readonly number[])[]
  readonly together: readonly number[]
}

/**
 * Workers that train on a bowl each, their weights averaged after the updates that `averages` names and their momentum
 * buffers never, beside one weight that follows the mean of the gradients at every update (Lin et al. 2018, 1808.07217,
 * and their code).
 */
export function localSgd(
  bowls: readonly Bowl[],
  updates: number,
  {
    rate,
    momentum,
    from,
    averages,
  }: {
    readonly rate: number
    readonly momentum: number
    readonly from: number
    readonly averages: (update: number) => boolean
  },
): Workers {
  const pull = ({ curvature, centre }: Bowl, weight: number): number => curvature * (weight - centre)
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  let own = bowls.map(() => ({ weight: from, velocity: 0 }))
  let one = { weight: from, velocity: 0 }
  const step = ({ weight, velocity }: typeof one, gradient: number) => {
    const next = momentum * velocity + gradient
    return { weight: weight - rate * next, velocity: next }
  }
  const rows = Array.from({ length: updates }, (_, update) => {
    own = own.map((worker, index) => step(worker, pull(bowls[index] ?? { curvature: 0, centre: 0 }, worker.weight)))
    const centre = mean(own.map(({ weight }) => weight))
    if (averages(update)) own = own.map(({ velocity }) => ({ weight: centre, velocity }))
    one = step(one, mean(bowls.map((bowl) => pull(bowl, one.weight))))
    return { workers: own.map(({ weight }) => weight), together: one.weight }
  })
  return {
    workers: bowls.map((_, index) => rows.map(({ workers }) => workers[index] ?? NaN)),
    together: rows.map(({ together }) => together),
  }
}

/**
 * The expected loss ½ Σ h·e² before each update of SGD on a bowl with several curvatures, while the rate is swept: e² ←
 * (1 − ηh)²e² + η²hs/B, where s is the variance of one image's gradient over its curvature. It starts at 1 (the noisy
 * quadratic model, Zhang et al. 2019, 1907.04164).
 */
export function sweptLoss(
  rates: readonly number[],
  {
    curvatures,
    noise,
    batchSize,
  }: { readonly curvatures: readonly number[]; readonly noise: number; readonly batchSize: number },
): readonly number[] {
  const scale = 2 / curvatures.length
  let squares = curvatures.map((h) => scale / h)
  return rates.map((rate) => {
    const loss = squares.reduce((sum, square, index) => sum + 0.5 * (curvatures[index] ?? 0) * square, 0)
    squares = squares.map((square, index) => {
      const h = curvatures[index] ?? 0
      return (1 - rate * h) ** 2 * square + (rate ** 2 * h * noise) / batchSize
    })
    return loss
  })
}

/**
 * A loss with two minima of height 0 at two weights, each as curved as said, and a ridge between: −ln(e^(−½h₁‖w − w₁‖²)
 * + e^(−½h₂‖w − w₂‖²)), cut at 0.
 */
export const twoWells =
  (wells: readonly { readonly at: Float64Array; readonly curvature: number }[]) =>
  (weights: Float64Array): number =>
    Math.max(
      0,
      -Math.log(
        wells.reduce(
          (sum, { at, curvature }) =>
            sum +
            Math.exp(
              -0.5 * curvature * at.reduce((squared, place, i) => squared + ((weights[i] ?? 0) - place) ** 2, 0),
            ),
          0,
        ),
      ),
    )
