/**
 * The layers of image networks on flat arrays in double precision, one loop nest each: the networks under test are
 * compared with what is put together from these.
 */

/** Images row by row with their channels last; vectors of features are images of one pixel. */
export interface Images {
  readonly count: number
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly data: Float64Array
}

export const imagesOf = (
  [count, height, width, channels]: readonly [number, number, number, number],
  data: ArrayLike<number>,
): Images => ({ count, height, width, channels, data: Float64Array.from(data) })

const empty = (count: number, height: number, width: number, channels: number): Images => ({
  count,
  height,
  width,
  channels,
  data: new Float64Array(count * height * width * channels),
})

const at = ({ height, width, channels }: Images, n: number, row: number, column: number): number =>
  ((n * height + row) * width + column) * channels

const each = ({ count, height, width }: Images, visit: (n: number, row: number, column: number) => void): void => {
  for (let n = 0; n < count; n++)
    for (let row = 0; row < height; row++) for (let column = 0; column < width; column++) visit(n, row, column)
}

/** A square convolution with `padding` zeros on every side; its filter is [row, column, in, out]. */
export function convolve(
  x: Images,
  filter: Float64Array,
  {
    filters,
    kernel,
    stride,
    padding,
  }: { readonly filters: number; readonly kernel: number; readonly stride: number; readonly padding: number },
): Images {
  if (filter.length !== kernel * kernel * x.channels * filters)
    throw new Error(
      `A ${kernel}×${kernel} convolution from ${x.channels} to ${filters} channels has other weights than ` +
        `these ${filter.length}`,
    )
  const outputs = (size: number): number => Math.floor((size + 2 * padding - kernel) / stride) + 1
  const y = empty(x.count, outputs(x.height), outputs(x.width), filters)
  const filled = new Int32Array(x.channels)
  each(y, (n, row, column) => {
    const sums = y.data.subarray(at(y, n, row, column), at(y, n, row, column) + filters)
    for (let i = 0; i < kernel; i++) {
      for (let j = 0; j < kernel; j++) {
        const [from, to] = [row * stride + i - padding, column * stride + j - padding]
        if (from < 0 || to < 0 || from >= x.height || to >= x.width) continue
        addProducts(sums, x.data, at(x, n, from, to), filled, filter, (i * kernel + j) * x.channels * filters)
      }
    }
  })
  return y
}

/**
 * Adds Σ x[c] · w[c, o] to each sum: over the x that are not 0, whose places `filled` is to hold, and four at a time.
 * Half of what comes from a ReLU is 0, and one at a time takes five times as long.
 */
function addProducts(
  sums: Float64Array,
  x: Float64Array,
  from: number,
  filled: Int32Array,
  weights: Float64Array,
  first: number,
): void {
  const [outputs, channels] = [sums.length, filled.length]
  let count = 0
  for (let c = 0; c < channels; c++) {
    filled[count] = c
    if (x[from + c] !== 0) count++
  }
  let k = 0
  for (; k + 3 < count; k += 4) {
    const [a, b, c, d] = [filled[k]!, filled[k + 1]!, filled[k + 2]!, filled[k + 3]!]
    const [xa, xb, xc, xd] = [x[from + a]!, x[from + b]!, x[from + c]!, x[from + d]!]
    const [wa, wb, wc, wd] = [first + a * outputs, first + b * outputs, first + c * outputs, first + d * outputs]
    for (let o = 0; o < outputs; o++)
      sums[o]! += xa * weights[wa + o]! + xb * weights[wb + o]! + xc * weights[wc + o]! + xd * weights[wd + o]!
  }
  for (; k < count; k++) {
    const c = filled[k]!
    for (let o = 0; o < outputs; o++) sums[o]! += x[from + c]! * weights[first + c * outputs + o]!
  }
}

/** All numbers of an image times a matrix [in, out]. */
export const multiply = (x: Images, weights: Float64Array, units: number): Images =>
  convolve(flat(x), weights, { filters: units, kernel: 1, stride: 1, padding: 0 })

/** Each image as one pixel whose channels are its rows' pixels' channels. */
export const flat = (x: Images): Images => ({
  count: x.count,
  height: 1,
  width: 1,
  channels: x.height * x.width * x.channels,
  data: x.data,
})

export const map = (x: Images, change: (value: number, channel: number, index: number) => number): Images => ({
  ...x,
  data: x.data.map((value, index) => change(value, index % x.channels, index)),
})

export const addBias = (x: Images, bias: Float64Array): Images => map(x, (value, channel) => value + bias[channel]!)

export const relu = (x: Images): Images => map(x, (value) => Math.max(0, value))

export function add(x: Images, y: Images): Images {
  if (x.height !== y.height || x.width !== y.width || x.channels !== y.channels)
    throw new Error(`${x.height}×${x.width}×${x.channels} and ${y.height}×${y.width}×${y.channels} cannot be added`)
  return map(x, (value, _, index) => value + y.data[index]!)
}

export interface Moments {
  readonly mean: Float64Array
  readonly variance: Float64Array
}

/** Mean and biased variance of each channel over all images and pixels. */
export function momentsOf(x: Images): Moments {
  const values = x.data.length / x.channels
  const mean = new Float64Array(x.channels)
  const variance = new Float64Array(x.channels)
  x.data.forEach((value, i) => {
    mean[i % x.channels]! += value / values
  })
  x.data.forEach((value, i) => {
    variance[i % x.channels]! += (value - mean[i % x.channels]!) ** 2 / values
  })
  return { mean, variance }
}

/** γ · (x − mean)/√(variance + ε) + β (Ioffe & Szegedy 2015, Algorithm 1), with the ε of PyTorch. */
export function normalise(x: Images, { mean, variance }: Moments, gamma: Float64Array, beta: Float64Array): Images {
  const factor = gamma.map((value, c) => value / Math.sqrt(variance[c]! + 1e-5))
  return map(x, (value, c) => (value - mean[c]!) * factor[c]! + beta[c]!)
}

/**
 * The largest of each window of `size` pixels that begins at every stride-th pixel from the first one on; what reaches
 * over the border counts nothing.
 */
function pool(x: Images, size: number, stride: number, outputs: (along: number) => number): Images {
  const y = empty(x.count, outputs(x.height), outputs(x.width), x.channels)
  each(y, (n, row, column) => {
    const to = at(y, n, row, column)
    y.data.fill(-Infinity, to, to + x.channels)
    for (let i = row * stride; i < Math.min(row * stride + size, x.height); i++) {
      for (let j = column * stride; j < Math.min(column * stride + size, x.width); j++) {
        const from = at(x, n, i, j)
        for (let c = 0; c < x.channels; c++) y.data[to + c] = Math.max(y.data[to + c]!, x.data[from + c]!)
      }
    }
  })
  return y
}

/** Windows side by side, as many as fit. */
export const maxPool = (x: Images, size: number): Images => pool(x, size, size, (along) => Math.floor(along / size))

/**
 * 3×3 windows at every second pixel of an even number, ⌈n/2⌉ along each side: `same` in Keras, which then has its one
 * pixel of padding behind.
 */
export function overlappingPool(x: Images): Images {
  if (x.height % 2 > 0 || x.width % 2 > 0) throw new Error('With an odd number of pixels the windows begin elsewhere')
  return pool(x, 3, 2, (along) => along / 2)
}

/** The mean over all pixels. */
export function averagePool(x: Images): Images {
  const y = empty(x.count, 1, 1, x.channels)
  each(x, (n, row, column) => {
    for (let c = 0; c < x.channels; c++)
      y.data[n * x.channels + c]! += x.data[at(x, n, row, column) + c]! / (x.height * x.width)
  })
  return y
}

/** Every second pixel, the new channels zero, as many before as behind: option A of He et al. 2015. */
export function subsample(x: Images, channels: number): Images {
  const y = empty(x.count, Math.ceil(x.height / 2), Math.ceil(x.width / 2), channels)
  each(y, (n, row, column) => {
    for (let c = 0; c < x.channels; c++)
      y.data[at(y, n, row, column) + (channels - x.channels) / 2 + c] = x.data[at(x, n, 2 * row, 2 * column) + c]!
  })
  return y
}

/** The mean over the images of −log softmax(scores)[label]. */
export function crossEntropy(scores: Images, labels: ArrayLike<number>): number {
  let total = 0
  for (let n = 0; n < scores.count; n++) {
    const row = [...scores.data.subarray(n * scores.channels, (n + 1) * scores.channels)]
    const largest = Math.max(...row)
    total += largest + Math.log(row.reduce((sum, score) => sum + Math.exp(score - largest), 0)) - row[labels[n]!]!
  }
  return total / scores.count
}
