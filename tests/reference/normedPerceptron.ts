import { meanOf, type Example, type Parameters, type Pass } from './perceptron'

/**
 * A perceptron whose hidden layer has batch norm behind it, forwards and backwards in double precision, written from
 * the formulas of Ioffe & Szegedy 2015 (1502.03167), in ghost batches (Hoffer et al. 2017, Algorithm 1): whole
 * trainings are compared with it. Matrices are row-major, [in, out].
 */

/** Mean and unbiased variance of each hidden unit in one ghost. */
export interface GhostStatistics {
  readonly mean: readonly number[]
  readonly variance: readonly number[]
}

const epsilon = 1e-5
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const part = (parameters: Parameters, name: string): readonly number[] => parameters[name] ?? []
const column = (rows: readonly (readonly number[])[], unit: number): number[] => rows.map((row) => row[unit] ?? NaN)

function affine(inputs: ArrayLike<number>, weights: readonly number[], bias: readonly number[]): number[] {
  return bias.map((b, o) => {
    let total = b
    for (let i = 0; i < inputs.length; i++) total += (inputs[i] ?? 0) * (weights[i * bias.length + o] ?? 0)
    return total
  })
}

function softmax(scores: readonly number[]): number[] {
  const largest = Math.max(...scores)
  const exponentials = scores.map((score) => Math.exp(score - largest))
  return exponentials.map((value) => value / sum(exponentials))
}

/** Σ inputs ⊗ pulls, and Σ pulls. */
function outer(
  inputs: readonly ArrayLike<number>[],
  gradients: readonly (readonly number[])[],
): { readonly weight: number[]; readonly bias: number[] } {
  const [ins, outs] = [inputs[0]?.length ?? 0, gradients[0]?.length ?? 0]
  const weight = new Array<number>(ins * outs).fill(0)
  inputs.forEach((input, n) => {
    for (let i = 0; i < ins; i++)
      for (let o = 0; o < outs; o++)
        weight[i * outs + o] = (weight[i * outs + o] ?? 0) + (input[i] ?? 0) * (gradients[n]?.[o] ?? 0)
  })
  return { weight, bias: Array.from({ length: outs }, (_, o) => sum(column(gradients, o))) }
}

export function normedPerceptron(
  parameters: Parameters,
  examples: readonly Example[],
  ghostSizes: readonly number[],
): Pass & { readonly ghosts: readonly GhostStatistics[] } {
  const [gamma, beta, w2, b2] = ['bn1.weight', 'bn1.bias', 'fc2.weight', 'fc2.bias'].map((name) =>
    part(parameters, name),
  ) as [readonly number[], readonly number[], readonly number[], readonly number[]]
  const before = examples.map(({ pixels }) =>
    affine(pixels, part(parameters, 'fc1.weight'), part(parameters, 'fc1.bias')),
  )
  let from = 0
  const ranges = ghostSizes.map((size) => [from, (from += size)] as const)
  const ghosts = ranges.map(([start, end]) => {
    const rows = before.slice(start, end)
    const mean = gamma.map((_, h) => meanOf(column(rows, h)))
    const squares = gamma.map((_, h) => sum(column(rows, h).map((value) => (value - (mean[h] ?? NaN)) ** 2)))
    return {
      mean,
      deviation: squares.map((square) => Math.sqrt(square / rows.length + epsilon)),
      variance: squares.map((square) => square / (rows.length - 1)),
    }
  })
  const ghostOf = (n: number) => ghosts[ranges.findIndex(([, end]) => n < end)]
  const whitened = before.map((row, n) =>
    row.map((value, h) => (value - (ghostOf(n)?.mean[h] ?? NaN)) / (ghostOf(n)?.deviation[h] ?? NaN)),
  )
  const normed = whitened.map((row) => row.map((value, h) => (gamma[h] ?? NaN) * value + (beta[h] ?? NaN)))
  const hidden = normed.map((row) => row.map((value) => Math.max(0, value)))
  const scores = hidden.map((row) => affine(row, w2, b2))
  const probabilities = scores.map(softmax)
  const losses = examples.map(
    ({ target }, n) => -sum(target.map((share, c) => (share > 0 ? share * Math.log(probabilities[n]?.[c] ?? NaN) : 0))),
  )

  const scorePull = examples.map(({ target, weight }, n) =>
    (probabilities[n] ?? []).map((p, c) => (weight / examples.length) * (p - (target[c] ?? NaN))),
  )
  const normPull = scorePull.map((pull, n) =>
    (normed[n] ?? []).map((value, h) =>
      value > 0 ? sum(pull.map((one, c) => one * (w2[h * b2.length + c] ?? NaN))) : 0,
    ),
  )
  // Through each ghost's own mean and variance: (d − mean(d) − x̂ · mean(d · x̂)) / σ, with d = γ · pull.
  const hiddenPull = normPull.map((pull, n) =>
    pull.map((_, h) => {
      const [start, end] = ranges.find(([, to]) => n < to) ?? [0, 0]
      const d = column(normPull.slice(start, end), h).map((value) => value * (gamma[h] ?? NaN))
      const x = column(whitened.slice(start, end), h)
      return (
        ((d[n - start] ?? NaN) -
          meanOf(d) -
          (x[n - start] ?? NaN) * meanOf(d.map((value, k) => value * (x[k] ?? NaN)))) /
        (ghostOf(n)?.deviation[h] ?? NaN)
      )
    }),
  )
  const [first, second] = [
    outer(
      examples.map(({ pixels }) => pixels),
      hiddenPull,
    ),
    outer(hidden, scorePull),
  ]
  return {
    losses,
    scores,
    ghosts,
    gradients: {
      'fc1.weight': first.weight,
      'fc1.bias': first.bias,
      'fc2.weight': second.weight,
      'fc2.bias': second.bias,
      'bn1.weight': gamma.map((_, h) => sum(normPull.map((row, n) => (row[h] ?? NaN) * (whitened[n]?.[h] ?? NaN)))),
      'bn1.bias': gamma.map((_, h) => sum(column(normPull, h))),
    },
  }
}

/** Class scores by running statistics, as evaluation has them. */
export const normedScores = (parameters: Parameters, running: GhostStatistics, pixels: ArrayLike<number>): number[] =>
  affine(
    affine(pixels, part(parameters, 'fc1.weight'), part(parameters, 'fc1.bias')).map((value, h) =>
      Math.max(
        0,
        ((part(parameters, 'bn1.weight')[h] ?? NaN) * (value - (running.mean[h] ?? NaN))) /
          Math.sqrt((running.variance[h] ?? NaN) + epsilon) +
          (part(parameters, 'bn1.bias')[h] ?? NaN),
      ),
    ),
    part(parameters, 'fc2.weight'),
    part(parameters, 'fc2.bias'),
  )

/** Running statistics after some ghosts in turn, each an exponential average: r ← (1 − rate)r + rate · statistic. */
export const followed = (running: GhostStatistics, ghosts: readonly GhostStatistics[], rate: number): GhostStatistics =>
  ghosts.reduce(
    (so, ghost) => ({
      mean: so.mean.map((old, h) => (1 - rate) * old + rate * (ghost.mean[h] ?? NaN)),
      variance: so.variance.map((old, h) => (1 - rate) * old + rate * (ghost.variance[h] ?? NaN)),
    }),
    running,
  )
