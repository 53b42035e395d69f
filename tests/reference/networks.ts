import {
  add,
  addBias,
  averagePool,
  convolve,
  flat,
  map,
  maxPool,
  momentsOf,
  multiply,
  normalise,
  overlappingPool,
  relu,
  subsample,
  type Images,
  type Moments,
} from './images'

/**
 * The networks' forward passes longhand, each from its paper or from the code that its authors published, on the plain
 * layers of `images.ts` and without the product's lists of layers, which are compared with them. Weights have the
 * product's names.
 */

export interface Pass {
  readonly weights: ReadonlyMap<string, Float64Array>
  /** Batch norm takes its statistics from these images (training), or the running ones. */
  readonly statistics: 'batch' | 'running'
  /** Zeros where dropout drops, the columns of all its layers side by side; undefined while it drops nothing. */
  readonly mask: { readonly width: number; readonly data: ArrayLike<number> } | undefined
}

/**
 * What a pass does besides its scores: the tensors that it read, the columns of the mask that it used, and what each
 * batch norm saw.
 */
export interface Trace {
  readonly read: Set<string>
  columns: number
  readonly moments: Map<string, Moments & { readonly values: number }>
}

interface Layers {
  /** A convolution that keeps the size (divided by the stride): (kernel − 1)/2 zeros on every side, no bias. */
  readonly conv: (x: Images, name: string, filters: number, kernel: number, stride: number) => Images
  readonly bias: (x: Images, name: string) => Images
  readonly valid: (x: Images, name: string, filters: number, kernel: number) => Images
  readonly dense: (x: Images, name: string, units: number) => Images
  readonly norm: (x: Images, name: string) => Images
  readonly drop: (x: Images, fraction: number) => Images
}

export type Forward = (x: Images, layers: Layers) => Images

/** Scores of a pass, with its trace. */
export function run(forward: Forward, images: Images, pass: Pass): { readonly scores: Images; readonly trace: Trace } {
  const trace: Trace = { read: new Set(), columns: 0, moments: new Map() }
  return { scores: forward(images, layersOf(pass, trace)), trace }
}

function layersOf({ weights, statistics, mask }: Pass, trace: Trace): Layers {
  const tensor = (name: string): Float64Array => {
    const found = weights.get(name)
    if (!found) throw new Error(`The network has no tensor ${name}`)
    trace.read.add(name)
    return found
  }
  return {
    conv: (x, name, filters, kernel, stride) =>
      convolve(x, tensor(`${name}.weight`), { filters, kernel, stride, padding: (kernel - 1) / 2 }),
    valid: (x, name, filters, kernel) =>
      convolve(x, tensor(`${name}.weight`), { filters, kernel, stride: 1, padding: 0 }),
    bias: (x, name) => addBias(x, tensor(`${name}.bias`)),
    dense: (x, name, units) => multiply(x, tensor(`${name}.weight`), units),
    norm: (x, name) => {
      const running = { mean: tensor(`${name}.running_mean`), variance: tensor(`${name}.running_var`) }
      const moments = statistics === 'batch' ? momentsOf(x) : running
      trace.moments.set(name, { ...moments, values: x.data.length / x.channels })
      return normalise(x, moments, tensor(`${name}.weight`), tensor(`${name}.bias`))
    },
    drop: (x, fraction) => {
      if (!mask) return x
      const [first, own] = [trace.columns, x.data.length / x.count]
      trace.columns += own
      return map(x, (value, _, index) =>
        mask.data[Math.floor(index / own) * mask.width + first + (index % own)] === 0 ? 0 : value / (1 - fraction),
      )
    },
  }
}

const times = (count: number, one: (i: number) => void): void => {
  for (let i = 0; i < count; i++) one(i)
}

/**
 * He et al. 2015 (1512.03385), §4.2, with the basic block of fig. 2: a 3×3 convolution, three stages of (depth − 2)/6
 * blocks with 16, 32, 64 channels, the first block of the second and third at stride 2, average pooling. Shortcut A
 * pads, B projects (§4.1; with batch norm behind it, as behind every convolution, §3.4).
 */
export const resnet =
  (depth: number, option: 'A' | 'B'): Forward =>
  (images, { conv, norm, dense, bias }) => {
    let x = relu(norm(conv(images, 'conv1', 16, 3, 1), 'bn1'))
    for (const [stage, filters] of [16, 32, 64].entries()) {
      times((depth - 2) / 6, (block) => {
        const name = `layer${stage + 1}.${block}`
        const halves = stage > 0 && block === 0
        const inner = relu(norm(conv(x, `${name}.conv1`, filters, 3, halves ? 2 : 1), `${name}.bn1`))
        const branch = norm(conv(inner, `${name}.conv2`, filters, 3, 1), `${name}.bn2`)
        const projected = (): Images => norm(conv(x, `${name}.downsample.0`, filters, 1, 2), `${name}.downsample.1`)
        const shortcut = !halves ? x : option === 'A' ? subsample(x, filters) : projected()
        x = relu(add(branch, shortcut))
      })
    }
    return bias(dense(averagePool(x), 'fc', 10), 'fc')
  }

/**
 * Zagoruyko & Komodakis 2016 (1605.07146), §2 and table 1, block B(3,3) in the order BN-ReLU-conv; as in their code the
 * 1×1 shortcut of a block that changes the number of channels comes from behind the block's first ReLU, and an identity
 * from in front of its batch norm.
 */
export const wideResnet =
  (depth: number, width: number): Forward =>
  (images, { conv, norm, dense, bias }) => {
    let x = conv(images, 'conv1', 16, 3, 1)
    for (const [stage, filters] of [16 * width, 32 * width, 64 * width].entries()) {
      times((depth - 4) / 6, (block) => {
        const name = `layer${stage + 1}.${block}`
        const stride = stage > 0 && block === 0 ? 2 : 1
        const first = relu(norm(x, `${name}.bn1`))
        const second = relu(norm(conv(first, `${name}.conv1`, filters, 3, stride), `${name}.bn2`))
        const branch = conv(second, `${name}.conv2`, filters, 3, 1)
        x = add(branch, x.channels === filters ? x : conv(first, `${name}.shortcut`, filters, 1, stride))
      })
    }
    return bias(dense(averagePool(relu(norm(x, 'bn'))), 'fc', 10), 'fc')
  }

/**
 * Page 2018, from the published `dawn.py`: convolution, batch norm and ReLU; pooling behind the first three that widen;
 * a residual block of two more behind the first and third, whose sum has no ReLU of its own; the largest of 4×4 pixels,
 * no bias, × 0.125.
 */
export const resnet9: Forward = (images, { conv, norm, dense }) => {
  const step = (x: Images, name: string, filters: number): Images =>
    relu(norm(conv(x, `${name}.conv`, filters, 3, 1), `${name}.bn`))
  const residual = (x: Images, name: string): Images => {
    const first = relu(norm(conv(x, `${name}.conv1`, x.channels, 3, 1), `${name}.bn1`))
    return add(x, relu(norm(conv(first, `${name}.conv2`, x.channels, 3, 1), `${name}.bn2`)))
  }
  const first = residual(maxPool(step(step(images, 'prep', 64), 'layer1', 128), 2), 'layer1.residual')
  const second = maxPool(step(first, 'layer2', 256), 2)
  const third = residual(maxPool(step(second, 'layer3', 512), 2), 'layer3.residual')
  // Of 16 pixels only two are left by then.
  return map(dense(maxPool(third, Math.min(4, third.height)), 'fc', 10), (score) => 0.125 * score)
}

/** A numbered convolution with what belongs behind it. */
type Block = (x: Images, index: number, filters: number, kernel: number) => Images

const withBias =
  ({ conv, bias, norm }: Layers): Block =>
  (x, index, filters, kernel) =>
    relu(norm(bias(conv(x, `conv${index}`, filters, kernel, 1), `conv${index}`), `bn${index}`))

const hidden =
  ({ dense, bias, norm }: Layers) =>
  (x: Images, index: number, units: number): Images =>
    relu(norm(bias(dense(x, `fc${index}`, units), `fc${index}`), `fc${index}_bn`))

/**
 * Keskar et al. 2016 (1609.04836), appendix B, from the published `shallownet`: both pools and both dropouts behind the
 * ReLU.
 */
export const keskarC1: Forward = (images, layers) => {
  const [block, full] = [withBias(layers), hidden(layers)]
  const first = overlappingPool(block(images, 1, 64, 5))
  const second = overlappingPool(block(first, 2, 64, 5))
  const third = layers.drop(full(second, 1, 384), 0.5)
  const fourth = layers.drop(full(third, 2, 192), 0.5)
  return layers.bias(layers.dense(fourth, 'fc3', 10), 'fc3')
}

/**
 * The same, from the published `deepnet`: every convolution but the last of a stage is followed by dropout, 0.3 in the
 * first stage; 0.5 before and behind the dense layer.
 */
export const keskarC2: Forward = (images, layers) => {
  const [block, full, { drop }] = [withBias(layers), hidden(layers), layers]
  // An image that is one pixel already, as 16 pixels are at last, cannot be halved.
  const halve = (x: Images): Images => (x.height > 1 ? maxPool(x, 2) : x)
  let x = drop(block(images, 1, 64, 3), 0.3)
  x = halve(block(x, 2, 64, 3))
  x = drop(block(x, 3, 128, 3), 0.4)
  x = halve(block(x, 4, 128, 3))
  x = drop(block(x, 5, 256, 3), 0.4)
  x = drop(block(x, 6, 256, 3), 0.4)
  x = halve(block(x, 7, 256, 3))
  x = drop(block(x, 8, 512, 3), 0.4)
  x = drop(block(x, 9, 512, 3), 0.4)
  x = halve(block(x, 10, 512, 3))
  x = drop(block(x, 11, 512, 3), 0.4)
  x = drop(block(x, 12, 512, 3), 0.4)
  x = halve(block(x, 13, 512, 3))
  x = drop(full(drop(x, 0.5), 1, 512), 0.5)
  return layers.bias(layers.dense(x, 'fc2', 10), 'fc2')
}

/** Li et al. 2018 (1712.09913), from the published `VGG9`. */
export const vgg9: Forward = (images, layers) => {
  const block = withBias(layers)
  let x = maxPool(block(block(images, 1, 64, 3), 2, 64, 3), 2)
  x = maxPool(block(block(x, 3, 128, 3), 4, 128, 3), 2)
  x = maxPool(block(block(block(x, 5, 256, 3), 6, 256, 3), 7, 256, 3), 2)
  return layers.bias(layers.dense(hidden(layers)(x, 1, 256), 'fc2', 10), 'fc2')
}

/**
 * Our reading of Masters & Luschi 2018 (1804.07612): the authors publish no layers, so this is what the product says
 * that it approximates.
 */
export const reducedAlexnet =
  (batchNorm: boolean): Forward =>
  (images, layers) => {
    const { conv, bias, dense } = layers
    const block: Block = batchNorm
      ? withBias(layers)
      : (x, index, filters, kernel) => relu(bias(conv(x, `conv${index}`, filters, kernel, 1), `conv${index}`))
    const full = (x: Images, name: string): Images => relu(bias(dense(x, name, 256), name))
    let x = overlappingPool(block(images, 1, 64, 9))
    x = overlappingPool(block(x, 2, 64, 3))
    x = block(block(x, 3, 128, 5), 4, 256, 3)
    x = overlappingPool(block(x, 5, 256, 3))
    return bias(dense(full(full(x, 'fc1'), 'fc2'), 'fc3', 10), 'fc3')
  }

/**
 * Perceptron with batch norm before each ReLU; five layers of 512 are F1 of Keskar et al. 2016, appendix B, and of the
 * code of Hoffer et al. 2017.
 */
export const normedMlp =
  (...sizes: readonly number[]): Forward =>
  (images, { dense, bias, norm }) => {
    let x = flat(images)
    for (const [i, units] of sizes.entries())
      x = relu(norm(bias(dense(x, `fc${i + 1}`, units), `fc${i + 1}`), `bn${i + 1}`))
    return bias(dense(x, `fc${sizes.length + 1}`, 10), `fc${sizes.length + 1}`)
  }

/**
 * LeNet-5 (LeCun et al. 1998) with ReLUs and max pooling: C1, S2, C3, S4, C5, F6. Images of 32 pixels are not padded;
 * the 28 of MNIST get two more on every side, which makes 32.
 */
export const lenet: Forward = (images, { conv, valid, bias, dense }) => {
  const first = images.height >= 32 ? valid(images, 'conv1', 6, 5) : conv(images, 'conv1', 6, 5, 1)
  const second = valid(maxPool(relu(bias(first, 'conv1')), 2), 'conv2', 16, 5)
  // C5 sees all of its 5×5 pixels at once.
  const features = maxPool(relu(bias(second, 'conv2')), 2)
  return bias(
    dense(relu(bias(dense(relu(bias(dense(features, 'fc1', 120), 'fc1')), 'fc2', 84), 'fc2')), 'fc3', 10),
    'fc3',
  )
}

const withoutBias =
  ({ conv, norm }: Layers) =>
  (x: Images, index: number, filters: number): Images =>
    relu(norm(conv(x, `conv${index}`, filters, 3, 1), `bn${index}`))

/** 32, 32, M, 64, 64, M: biases, or batch norm in their place. */
export const conv4 =
  (batchNorm: boolean): Forward =>
  (images, layers) => {
    const { conv, bias, dense } = layers
    const block = batchNorm
      ? withoutBias(layers)
      : (x: Images, index: number, filters: number): Images =>
          relu(bias(conv(x, `conv${index}`, filters, 3, 1), `conv${index}`))
    const half = maxPool(block(block(images, 1, 32), 2, 32), 2)
    return bias(dense(maxPool(block(block(half, 3, 64), 4, 64), 2), 'fc', 10), 'fc')
  }

/** 32, M, 64, M, 128, the mean over all pixels. */
export const tinyCnn: Forward = (images, layers) => {
  const block = withoutBias(layers)
  const half = maxPool(block(images, 1, 32), 2)
  return layers.bias(layers.dense(averagePool(block(maxPool(block(half, 2, 64), 2), 3, 128)), 'fc', 10), 'fc')
}

/** 32, 32, M, 64, 64, M, 128, 128, M and a dense layer of 128 without batch norm. */
export const vggSmall: Forward = (images, layers) => {
  const [block, { dense, bias }] = [withoutBias(layers), layers]
  let x = maxPool(block(block(images, 1, 32), 2, 32), 2)
  x = maxPool(block(block(x, 3, 64), 4, 64), 2)
  x = maxPool(block(block(x, 5, 128), 6, 128), 2)
  return bias(dense(relu(bias(dense(x, 'fc1', 128), 'fc1')), 'fc2', 10), 'fc2')
}
