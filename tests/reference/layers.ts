import type { SgdState } from './sgd'

/**
 * Rules that look at a layer's norms, and limits on gradients, on plain arrays, written from the formulas: the
 * optimizers under test are compared with them.
 */

const at = (values: readonly number[], index: number): number => values[index] ?? 0
const norm = (values: readonly number[]): number => Math.hypot(...values)

/** LARS's local rate τ‖w‖/(‖g‖ + λ‖w‖ + ε) (1708.03888); 1 where either norm is 0. */
export function larsRatio(
  weights: readonly number[],
  gradient: readonly number[],
  trust: number,
  weightDecay: number,
): number {
  const [w, g] = [norm(weights), norm(gradient)]
  return w > 0 && g > 0 ? (trust * w) / (g + weightDecay * w + 1e-8) : 1
}

/** One LARS step with the rate inside the buffer, as in the paper: v ← μv + η·local·(g + λw), w ← w − v. */
export function larsStep(
  state: SgdState,
  gradient: readonly number[],
  {
    learningRate,
    momentum,
    weightDecay,
    trust,
  }: { readonly learningRate: number; readonly momentum: number; readonly weightDecay: number; readonly trust: number },
): SgdState {
  const ratio = larsRatio(state.weights, gradient, trust, weightDecay)
  const buffer = gradient.map(
    (g, index) =>
      momentum * at(state.buffer, index) + learningRate * ratio * (g + weightDecay * at(state.weights, index)),
  )
  return { weights: state.weights.map((w, index) => w - at(buffer, index)), buffer }
}

export interface AdamState {
  readonly weights: readonly number[]
  readonly first: readonly number[]
  readonly second: readonly number[]
  readonly updates: number
}

/** Bias-corrected moments after one more gradient: β = (0.9, 0.999), as in Adam and LAMB. */
function adamMoments(
  state: AdamState,
  gradient: readonly number[],
): { readonly state: AdamState; readonly first: readonly number[]; readonly second: readonly number[] } {
  const first = gradient.map((g, index) => 0.9 * at(state.first, index) + 0.1 * g)
  const second = gradient.map((g, index) => 0.999 * at(state.second, index) + 0.001 * g * g)
  const updates = state.updates + 1
  return {
    state: { ...state, first, second, updates },
    first: first.map((m) => m / (1 - 0.9 ** updates)),
    second: second.map((v) => v / (1 - 0.999 ** updates)),
  }
}

export const startAdam = (weights: readonly number[]): AdamState => ({ weights, first: [], second: [], updates: 0 })

/**
 * One LAMB step: r = m̂/(√v̂ + 1e-6) + λw, w ← w − η·(‖w‖/‖r‖)·r (1904.00962); the ratio is 1 where either norm is 0.
 */
export function lambStep(
  state: AdamState,
  gradient: readonly number[],
  { learningRate, weightDecay }: { readonly learningRate: number; readonly weightDecay: number },
) {
  const moments = adamMoments(state, gradient)
  const direction = state.weights.map(
    (w, index) => at(moments.first, index) / (Math.sqrt(at(moments.second, index)) + 1e-6) + weightDecay * w,
  )
  const ratio = norm(state.weights) > 0 && norm(direction) > 0 ? norm(state.weights) / norm(direction) : 1
  return {
    direction,
    ratio,
    state: {
      ...moments.state,
      weights: state.weights.map((w, index) => w - learningRate * ratio * at(direction, index)),
    },
  }
}

/** One AdamW step: w ← (1 − ηλ)w − η·m̂/(√v̂ + 1e-8) (1711.05101). */
export function adamwStep(
  state: AdamState,
  gradient: readonly number[],
  { learningRate, weightDecay }: { readonly learningRate: number; readonly weightDecay: number },
): AdamState {
  const moments = adamMoments(state, gradient)
  const weights = state.weights.map(
    (w, index) =>
      (1 - learningRate * weightDecay) * w -
      (learningRate * at(moments.first, index)) / (Math.sqrt(at(moments.second, index)) + 1e-8),
  )
  return { ...moments.state, weights }
}

/** One Adam step with the decay in the gradient: w ← w − η·m̂/(√v̂ + 1e-8) (1412.6980). */
export function adamStep(
  state: AdamState,
  gradient: readonly number[],
  { learningRate, weightDecay }: { readonly learningRate: number; readonly weightDecay: number },
): AdamState {
  const moments = adamMoments(
    state,
    gradient.map((g, index) => g + weightDecay * at(state.weights, index)),
  )
  return {
    ...moments.state,
    weights: state.weights.map(
      (w, index) => w - (learningRate * at(moments.first, index)) / (Math.sqrt(at(moments.second, index)) + 1e-8),
    ),
  }
}

/** All tensors shortened together: g · min(1, c/(‖g‖ + 1e-6)). */
export function clipNorm(tensors: readonly (readonly number[])[], limit: number): readonly (readonly number[])[] {
  const factor = Math.min(1, limit / (norm(tensors.flat()) + 1e-6))
  return tensors.map((tensor) => tensor.map((g) => factor * g))
}

/** Each component cut to ± the limit. */
export const clipValue = (gradient: readonly number[], limit: number): readonly number[] =>
  gradient.map((g) => Math.max(-limit, Math.min(limit, g)))

/** Adaptive clipping by output unit: a row longer than clip · max(‖W_i‖, 1e-3) is shortened to that (2102.06171). */
export const clipAdaptively = (
  rows: readonly (readonly number[])[],
  gradients: readonly (readonly number[])[],
  clip: number,
): readonly (readonly number[])[] =>
  gradients.map((gradient, index) => {
    const limit = clip * Math.max(norm(rows[index] ?? []), 1e-3)
    return norm(gradient) > limit ? gradient.map((g) => (g * limit) / norm(gradient)) : gradient
  })

/** Cross-entropy with a share ε of the target spread over all C classes: (1 − ε)(−log p_y) + ε · mean(−log p). */
export function smoothedCrossEntropy(logits: readonly number[], label: number, epsilon: number): number {
  const largest = Math.max(...logits)
  const logSum = largest + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0))
  const losses = logits.map((logit) => logSum - logit)
  return (1 - epsilon) * at(losses, label) + (epsilon * losses.reduce((sum, loss) => sum + loss, 0)) / losses.length
}

/** Equal-weight running average of weights (SWA, 1803.05407): w̄ ← w̄ + (w − w̄)/(n + 1). */
export const averageWeights = (values: readonly number[]): number =>
  values.reduce((average, value, count) => average + (value - average) / (count + 1), 0)

/** Statistics of batch norm averaged with equal weight per batch, the variance unbiased, as torch's update_bn does. */
export function reestimate(batches: readonly (readonly number[])[]): {
  readonly mean: number
  readonly variance: number
} {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1)
  return { mean: mean(batches.map(mean)), variance: mean(batches.map(variance)) }
}
