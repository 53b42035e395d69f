/*
 * Plain double-precision versions of the training operations, written for clarity: what the engines are compared with.
 */

/** Row-major numbers with a shape. */
export interface Block {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

/** Reproducible numbers between −1 and 1 that are not near a kink of relu or a tie of max pooling. */
export const numbers = (shape: readonly number[], seed: number): Block => {
  const size = shape.reduce((a, b) => a * b, 1)
  return {
    shape,
    data: Array.from({ length: size }, (_, i) => {
      const s = Math.sin(12.9898 * (i + 1) + 78.233 * seed) * 43758.5453
      return Math.fround(2 * (s - Math.floor(s)) - 1)
    }),
  }
}

const offset = (shape: readonly number[], ...index: readonly number[]): number =>
  index.reduce((at, i, axis) => at * shape[axis]! + i, 0)

function build(shape: readonly number[], value: (...index: number[]) => number): Block {
  const data: number[] = []
  const visit = (index: number[]): void => {
    if (index.length === shape.length) data.push(value(...index))
    else for (let i = 0; i < shape[index.length]!; i++) visit([...index, i])
  }
  visit([])
  return { shape, data }
}

const sum = (count: number, term: (i: number) => number): number => {
  let total = 0
  for (let i = 0; i < count; i++) total += term(i)
  return total
}

export function conv2d(x: Block, filter: Block, stride: number, padding: number): Block {
  const [count, height, width, channels] = x.shape as [number, number, number, number]
  const [kernel, , , outputs] = filter.shape as [number, number, number, number]
  const along = (size: number): number => Math.floor((size + 2 * padding - kernel) / stride) + 1
  const pixel = (n: number, row: number, column: number, channel: number): number =>
    row < 0 || column < 0 || row >= height || column >= width ? 0 : x.data[offset(x.shape, n, row, column, channel)]!
  return build([count, along(height), along(width), outputs], (n, row, column, output) =>
    sum(kernel, (i) =>
      sum(kernel, (j) =>
        sum(
          channels,
          (c) =>
            pixel(n!, row! * stride + i - padding, column! * stride + j - padding, c) *
            filter.data[offset(filter.shape, i, j, c, output!)]!,
        ),
      ),
    ),
  )
}

export const biasAdd = (x: Block, bias: Block): Block => ({
  shape: x.shape,
  data: x.data.map((value, i) => value + bias.data[i % bias.data.length]!),
})

export const relu = (x: Block): Block => ({ shape: x.shape, data: x.data.map((value) => Math.max(0, value)) })

export function maxPool(x: Block, size: number): Block {
  const [count, height, width, channels] = x.shape as [number, number, number, number]
  return build([count, Math.floor(height / size), Math.floor(width / size), channels], (n, row, column, c) => {
    let largest = -Infinity
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++)
        largest = Math.max(largest, x.data[offset(x.shape, n!, row! * size + i, column! * size + j, c!)]!)
    return largest
  })
}

/**
 * Windows of `size` pixels that begin at every stride-th one, shifted so that what reaches over the border is spread
 * evenly, the smaller half first.
 */
export function overlappingPool(x: Block, size: number, stride: number): Block {
  const [count, height, width, channels] = x.shape as [number, number, number, number]
  const outputs = (along: number): number => Math.ceil(along / stride)
  const before = (along: number): number => Math.floor(Math.max(0, (outputs(along) - 1) * stride + size - along) / 2)
  return build([count, outputs(height), outputs(width), channels], (n, row, column, c) => {
    let largest = -Infinity
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const [y, z] = [row! * stride + i - before(height), column! * stride + j - before(width)]
        if (y >= 0 && z >= 0 && y < height && z < width)
          largest = Math.max(largest, x.data[offset(x.shape, n!, y, z, c!)]!)
      }
    }
    return largest
  })
}

export function globalAveragePool(x: Block): Block {
  const [count, height, width, channels] = x.shape as [number, number, number, number]
  return build(
    [count, channels],
    (n, c) => sum(height, (i) => sum(width, (j) => x.data[offset(x.shape, n!, i, j, c!)]!)) / (height * width),
  )
}

export function padChannels(x: Block, stride: number, channels: number): Block {
  const [count, height, width, before] = x.shape as [number, number, number, number]
  const shift = Math.floor((channels - before) / 2)
  return build([count, Math.ceil(height / stride), Math.ceil(width / stride), channels], (n, row, column, c) => {
    const from = c! - shift
    return from < 0 || from >= before ? 0 : x.data[offset(x.shape, n!, row! * stride, column! * stride, from)]!
  })
}

export interface Statistics {
  readonly mean: number[]
  readonly biased: number[]
  readonly unbiased: number[]
}

/** Mean and variances of each channel of the images from … to − 1. */
export function statistics(x: Block, from: number, to: number): Statistics {
  const channels = x.shape.at(-1)!
  const perImage = x.data.length / x.shape[0]!
  const of = (c: number): number[] => x.data.slice(from * perImage, to * perImage).filter((_, i) => i % channels === c)
  const columns = Array.from({ length: channels }, (_, c) => of(c))
  const mean = columns.map((values) => sum(values.length, (i) => values[i]!) / values.length)
  const squares = columns.map((values, c) => sum(values.length, (i) => (values[i]! - mean[c]!) ** 2))
  const count = columns[0]!.length
  return { mean, biased: squares.map((s) => s / count), unbiased: squares.map((s) => s / Math.max(1, count - 1)) }
}

export function batchNorm(x: Block, gamma: Block, beta: Block, epsilon: number, ghostSizes: readonly number[]): Block {
  const channels = x.shape.at(-1)!
  const perImage = x.data.length / x.shape[0]!
  const data: number[] = []
  let from = 0
  for (const size of ghostSizes) {
    const { mean, biased } = statistics(x, from, from + size)
    for (let i = from * perImage; i < (from + size) * perImage; i++) {
      const c = i % channels
      data.push((gamma.data[c]! * (x.data[i]! - mean[c]!)) / Math.sqrt(biased[c]! + epsilon) + beta.data[c]!)
    }
    from += size
  }
  return { shape: x.shape, data }
}

export function softmaxCrossEntropy(logits: Block, labels: readonly number[]): Block {
  const [count, classes] = logits.shape as [number, number]
  return build([count], (n) => {
    const row = logits.data.slice(n! * classes, (n! + 1) * classes)
    const largest = Math.max(...row)
    return Math.log(sum(classes, (c) => Math.exp(row[c]! - largest))) + largest - row[labels[n!]!]!
  })
}

/** The gradient of Σ dy · f(inputs) for each input, by central differences. */
export function numericGradients(f: (...inputs: Block[]) => Block, inputs: readonly Block[], dy: Block): Block[] {
  const h = 1e-5
  return inputs.map((input, k) => ({
    shape: input.shape,
    data: input.data.map((value, i) => {
      const shifted = (by: number): number => {
        const data = [...input.data]
        data[i] = value + by
        const y = f(...inputs.map((other, j) => (j === k ? { shape: input.shape, data } : other)))
        return sum(y.data.length, (n) => y.data[n]! * dy.data[n]!)
      }
      return (shifted(h) - shifted(-h)) / (2 * h)
    }),
  }))
}

/** The largest difference, relative to the largest reference value or 1. */
export function distance(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Infinity
  let largest = 0
  let scale = 1
  for (let i = 0; i < expected.length; i++) {
    // Written so that NaN counts as a difference.
    if (!(Math.abs(found[i]! - expected[i]!) <= largest)) largest = Math.abs(found[i]! - expected[i]!)
    scale = Math.max(scale, Math.abs(expected[i]!))
  }
  return Number.isNaN(largest) ? Infinity : largest / scale
}
