/**
 * Plain stochastic gradient descent on an array of weights, written from the formulas: the optimizers under test are
 * compared with it.
 */
export interface SgdOptions {
  readonly learningRate: number
  readonly momentum: number
  readonly weightDecay: number
  readonly nesterov: boolean
  /** coupled: g + λw before momentum (PyTorch). decoupled: w shrinks by 1 − ηλ beside the step (1711.05101). */
  readonly decay: 'coupled' | 'decoupled'
}

export interface SgdState {
  readonly weights: readonly number[]
  /** Empty before the first step, when PyTorch sets the buffer to the gradient. */
  readonly buffer: readonly number[]
}

const at = (values: readonly number[], index: number): number => values[index] ?? 0

/** The rate outside the buffer: b ← μb + d, w ← w − η·b, or w − η·(d + μb) with Nesterov. */
export const sgd = {
  start: (weights: readonly number[]): SgdState => ({ weights, buffer: [] }),
  step(
    state: SgdState,
    gradient: readonly number[],
    { learningRate, momentum, weightDecay, nesterov, decay }: SgdOptions,
  ): SgdState {
    const direction = gradient.map((g, index) => (decay === 'coupled' ? g + weightDecay * at(state.weights, index) : g))
    const buffer = direction.map((d, index) => momentum * at(state.buffer, index) + d)
    const weights = state.weights.map((w, index) => {
      const step = nesterov ? at(direction, index) + momentum * at(buffer, index) : at(buffer, index)
      return (decay === 'decoupled' ? (1 - learningRate * weightDecay) * w : w) - learningRate * step
    })
    return { weights, buffer }
  },
}

/**
 * The rate inside the buffer (Caffe): v ← μ·c·v + ηg, w ← w − v; c = η/η_before is Goyal et al.'s momentum correction
 * (1706.02677, §3), 1 without it.
 */
export function innerRateWeights(
  start: number,
  gradients: readonly number[],
  rates: readonly number[],
  momentum: number,
  corrected: boolean,
): readonly number[] {
  let weight = start
  let buffer = 0
  return gradients.map((gradient, index) => {
    const rate = at(rates, index)
    const correction = corrected && index > 0 ? rate / at(rates, index - 1) : 1
    buffer = momentum * correction * buffer + rate * gradient
    weight -= buffer
    return weight
  })
}

/**
 * The weights after each update of plain post-local or synchronous SGD on ½h(w − a)² per worker; buffers stay with
 * their workers, only weights are averaged.
 */
export function localSgd(
  workers: readonly { readonly curvature: number; readonly center: number }[],
  {
    learningRate,
    momentum,
    steps,
    averageEvery,
  }: {
    readonly learningRate: number
    readonly momentum: number
    readonly steps: number
    readonly averageEvery: number
  },
): { readonly weight: number; readonly workers: readonly number[] } {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const weights = workers.map(() => 0)
  const buffers = workers.map(() => 0)
  let before: readonly number[] = weights
  for (let step = 1; step <= steps; step += 1) {
    workers.forEach(({ curvature, center }, index) => {
      buffers[index] = momentum * at(buffers, index) + curvature * (at(weights, index) - center)
      weights[index] = at(weights, index) - learningRate * at(buffers, index)
    })
    before = [...weights]
    if (step % averageEvery === 0) weights.fill(mean(weights))
  }
  return { weight: mean(weights), workers: before }
}
