/** How SGD moves one weight; what the trainer does to tensors, in numbers. */
export interface SgdMotion {
  /** η at each update, counted from 0. */
  readonly rate: (update: number) => number
  readonly momentum: number
  readonly nesterov?: boolean
  readonly decay?: { readonly by: number; readonly type: 'coupled' | 'decoupled' }
  /** Where the rate stands: outside the buffer, inside it, or inside with the correction for a rate that changes. */
  readonly buffer?: 'outside' | 'inside' | 'corrected'
}

/** The gradient at a weight, before an update. */
export type GradientAt = (weight: number, update: number) => number

/**
 * A weight after each of some updates of SGD: v ← μv + g, w ← w − ηv, or with the rate inside, v ← μ(η/η_before)v + ηg,
 * w ← w − v (Goyal et al. 2017, 1706.02677, §3; Sutskever et al. 2013 in PyTorch's form for Nesterov).
 */
export function sgdPath(
  from: number,
  gradientAt: GradientAt,
  updates: number,
  { rate, momentum, nesterov = false, decay, buffer = 'outside' }: SgdMotion,
): readonly number[] {
  let [weight, velocity] = [from, 0]
  return Array.from({ length: updates }, (_, update) => {
    const eta = rate(update)
    const gradient = gradientAt(weight, update) + (decay?.type === 'coupled' ? decay.by * weight : 0)
    const push = buffer === 'outside' ? gradient : eta * gradient
    const kept = buffer === 'corrected' && update > 0 ? momentum * (eta / rate(update - 1)) : momentum
    velocity = kept * velocity + push
    const step = nesterov ? push + momentum * velocity : velocity
    if (decay?.type === 'decoupled') weight *= 1 - eta * decay.by
    weight -= buffer === 'outside' ? eta * step : step
    return weight
  })
}

/** How Adam moves one weight. */
export interface AdamMotion {
  readonly rate: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly decay?: { readonly by: number; readonly type: 'coupled' | 'decoupled' }
}

/**
 * A weight after each of some updates of Adam, or of AdamW where the decay is decoupled (Kingma & Ba 2014, 1412.6980,
 * Algorithm 1; Loshchilov & Hutter 2017, 1711.05101).
 */
export function adamPath(
  from: number,
  gradientAt: GradientAt,
  updates: number,
  { rate, beta1, beta2, epsilon, decay }: AdamMotion,
): readonly number[] {
  let [weight, mean, square] = [from, 0, 0]
  return Array.from({ length: updates }, (_, update) => {
    const gradient = gradientAt(weight, update) + (decay?.type === 'coupled' ? decay.by * weight : 0)
    mean = beta1 * mean + (1 - beta1) * gradient
    square = beta2 * square + (1 - beta2) * gradient ** 2
    const direction = mean / (1 - beta1 ** (update + 1)) / (Math.sqrt(square / (1 - beta2 ** (update + 1))) + epsilon)
    weight = (decay?.type === 'decoupled' ? (1 - rate * decay.by) * weight : weight) - rate * direction
    return weight
  })
}

const length = (values: readonly number[]): number => Math.hypot(...values)

/**
 * LARS's ratio τ‖w‖/(‖g‖ + λ‖w‖ + 1e-8), which a layer's rate is multiplied by (You et al. 2017, 1708.03888, Algorithm
 * 1).
 */
export const larsRatio = ({
  trust,
  weightNorm,
  gradientNorm,
  decay,
}: {
  readonly trust: number
  readonly weightNorm: number
  readonly gradientNorm: number
  readonly decay: number
}): number => (trust * weightNorm) / (gradientNorm + decay * weightNorm + 1e-8)

/**
 * The first update of a layer by LAMB: r = g/(|g| + ε) + λw, of which it goes η‖w‖/‖r‖ (You et al. 2019, 1904.00962);
 * the same without the ratio is AdamW's.
 */
export function firstLamb(
  weights: readonly number[],
  gradient: readonly number[],
  { rate, decay, epsilon }: { readonly rate: number; readonly decay: number; readonly epsilon: number },
) {
  const adam = gradient.map((g, index) => g / (Math.abs(g) + epsilon) + decay * (weights[index] ?? 0))
  const ratio = length(weights) / length(adam)
  const moved = (factor: number): readonly number[] =>
    weights.map((weight, index) => weight - rate * factor * (adam[index] ?? 0))
  return { ratio, lamb: moved(ratio), adam: moved(1) }
}

/** The gradient shortened to a length: g · min(1, c/(‖g‖ + 1e-6)) (Pascanu et al. 2012, 1211.5063). */
export const clippedByNorm = (gradient: readonly number[], limit: number): readonly number[] =>
  gradient.map((g) => g * Math.min(1, limit / (length(gradient) + 1e-6)))

/** Each component cut to ±c. */
export const clippedByValue = (gradient: readonly number[], limit: number): readonly number[] =>
  gradient.map((g) => Math.max(-limit, Math.min(limit, g)))

/** The gradient of an output unit shortened to c · max(‖w‖, 1e-3) (Brock et al. 2021, 2102.06171, §4.1). */
export const clippedByUnit = (
  gradient: readonly number[],
  weights: readonly number[],
  limit: number,
): readonly number[] =>
  gradient.map((g) => g * Math.min(1, (limit * Math.max(length(weights), 1e-3)) / Math.max(length(gradient), 1e-6)))

/**
 * ‖Δw‖/‖w‖ after each of some updates of plain SGD with decay on weights whose length the loss does not depend on, as
 * behind batch norm: the gradient is at right angles to them and falls with their length, so ‖w‖² ← (1 − ηλ)²‖w‖² +
 * η²‖g‖²/‖w‖². It settles near √(2ηλ) (Wan et al. 2020, 2006.08419).
 */
export function exampleUpdateRatios(
  updates: number,
  {
    rate,
    decay,
    length: from,
    gradient,
  }: { readonly rate: number; readonly decay: number; readonly length: number; readonly gradient: number },
): Float64Array {
  const ratios = new Float64Array(updates)
  let squared = from ** 2
  for (let update = 0; update < updates; update++) {
    const turn = (rate * gradient) / squared
    ratios[update] = turn
    squared *= (1 - rate * decay) ** 2 + turn ** 2
  }
  return ratios
}
