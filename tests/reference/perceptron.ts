/**
 * A perceptron with one hidden layer of ReLUs and softmax cross-entropy, forwards and backwards in double precision,
 * written from the formulas: whole trainings are compared with it. Parameters have the names of the network's tensors
 * and are row-major, [in, out].
 */
export type Parameters = Readonly<Record<string, readonly number[]>>

export interface Example {
  readonly pixels: ArrayLike<number>
  /** The share of each class in the target; sums to 1. */
  readonly target: readonly number[]
  /** What its loss counts in the gradient. */
  readonly weight: number
  /** What each hidden unit is multiplied by, as dropout does; ones if not given. */
  readonly mask?: ArrayLike<number>
}

export interface Pass {
  /** Gradients of the weighted mean loss. */
  readonly gradients: Parameters
  /** −Σ target · log p of each example. */
  readonly losses: readonly number[]
  readonly scores: readonly (readonly number[])[]
}

const dot = (weights: readonly number[], outputs: number, output: number, inputs: ArrayLike<number>): number => {
  let sum = 0
  for (let i = 0; i < inputs.length; i++) sum += (weights[i * outputs + output] ?? 0) * (inputs[i] ?? 0)
  return sum
}

const affine = (inputs: ArrayLike<number>, weights: readonly number[], bias: readonly number[]): number[] =>
  bias.map((b, output) => b + dot(weights, bias.length, output, inputs))

const softmax = (scores: readonly number[]): number[] => {
  const largest = Math.max(...scores)
  const exponentials = scores.map((score) => Math.exp(score - largest))
  const sum = exponentials.reduce((a, b) => a + b, 0)
  return exponentials.map((value) => value / sum)
}

const parameter = (parameters: Parameters, name: string): readonly number[] => parameters[name] ?? []

export function perceptron(parameters: Parameters, examples: readonly Example[]): Pass {
  const [w1, b1, w2, b2] = ['fc1.weight', 'fc1.bias', 'fc2.weight', 'fc2.bias'].map((name) =>
    parameter(parameters, name),
  ) as [readonly number[], readonly number[], readonly number[], readonly number[]]
  const sums = {
    'fc1.weight': w1.map(() => 0),
    'fc1.bias': b1.map(() => 0),
    'fc2.weight': w2.map(() => 0),
    'fc2.bias': b2.map(() => 0),
  }
  const add = (into: number[], outputs: number, inputs: ArrayLike<number>, pull: readonly number[]): void => {
    for (let i = 0; i < inputs.length; i++)
      for (let o = 0; o < outputs; o++)
        into[i * outputs + o] = (into[i * outputs + o] ?? 0) + (inputs[i] ?? 0) * (pull[o] ?? 0)
  }
  const losses: number[] = []
  const all: (readonly number[])[] = []
  for (const { pixels, target, weight, mask } of examples) {
    const kept = (h: number): number => mask?.[h] ?? 1
    const before = affine(pixels, w1, b1)
    const hidden = before.map((value, h) => kept(h) * Math.max(0, value))
    const scores = affine(hidden, w2, b2)
    const probabilities = softmax(scores)
    losses.push(target.reduce((sum, share, c) => (share > 0 ? sum - share * Math.log(probabilities[c] ?? 0) : sum), 0))
    all.push(scores)
    const share = weight / examples.length
    const scorePull = probabilities.map((p, c) => share * (p - (target[c] ?? 0)))
    const hiddenPull = hidden.map((_, h) =>
      (before[h] ?? 0) > 0
        ? kept(h) * scorePull.reduce((sum, pull, c) => sum + pull * (w2[h * b2.length + c] ?? 0), 0)
        : 0,
    )
    add(sums['fc2.weight'], b2.length, hidden, scorePull)
    add(sums['fc2.bias'], b2.length, [1], scorePull)
    add(sums['fc1.weight'], b1.length, pixels, hiddenPull)
    add(sums['fc1.bias'], b1.length, [1], hiddenPull)
  }
  return { gradients: sums, losses, scores: all }
}

export const oneHot = (label: number, classes: number): number[] =>
  Array.from({ length: classes }, (_, c) => (c === label ? 1 : 0))

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** A function of each parameter, by name. */
export const mapParameters = (
  parameters: Parameters,
  change: (values: readonly number[], name: string) => readonly number[],
): Parameters => Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, change(values, name)]))
