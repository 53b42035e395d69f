import { conv, dense, pool, relu, type ImageShape, type Layer, type Norm } from './layer'

const flatten: Layer = { type: 'flatten' }

const convBlock = (index: number, filters: number, norm: Norm | undefined): Layer[] => [
  conv(`conv${index}`, filters, 3, 1, norm === undefined),
  ...(norm ? [norm(`bn${index}`, 'inner')] : []),
  relu,
]

/** Fully connected hidden layers and a classifier. */
export const mlp = (hidden: readonly number[], classes: number, norm: Norm | undefined): Layer[] => [
  flatten,
  ...hidden.flatMap((units, i) => [dense(`fc${i + 1}`, units), ...(norm ? [norm(`bn${i + 1}`, 'inner')] : []), relu]),
  dense(`fc${hidden.length + 1}`, classes),
]

/**
 * LeNet-5 with ReLU and max pooling. Its 5×5 windows eat 4 pixels each where the image is 32 pixels or more, as in
 * 1998; smaller images are padded instead (28 pixels: the first one only, the usual form for MNIST).
 */
export function lenet(shape: ImageShape, classes: number): Layer[] {
  const side = Math.min(shape[0], shape[1])
  const window = (name: string, filters: number, padding: 'same' | 'valid'): Layer => ({
    type: 'conv',
    name,
    filters,
    kernel: 5,
    stride: 1,
    padding,
    bias: true,
  })
  return [
    window('conv1', 6, side >= 32 ? 'valid' : 'same'),
    relu,
    pool,
    window('conv2', 16, side >= 28 ? 'valid' : 'same'),
    relu,
    pool,
    flatten,
    dense('fc1', 120),
    relu,
    dense('fc2', 84),
    relu,
    dense('fc3', classes),
  ]
}

/** Four 3×3 convolutions (32, 32, 64, 64), a pooling after each pair, one dense layer. */
export const conv4 = (classes: number, norm: Norm | undefined): Layer[] => [
  ...convBlock(1, 32, norm),
  ...convBlock(2, 32, norm),
  pool,
  ...convBlock(3, 64, norm),
  ...convBlock(4, 64, norm),
  pool,
  flatten,
  dense('fc', classes),
]

/** Three 3×3 convolutions (32, 64, 128) with batch norm, global average pooling. */
export const tinyCnn = (classes: number, norm: Norm): Layer[] => [
  ...convBlock(1, 32, norm),
  pool,
  ...convBlock(2, 64, norm),
  pool,
  ...convBlock(3, 128, norm),
  { type: 'globalAveragePool' },
  dense('fc', classes),
]

/** Pairs of 3×3 convolutions (32, 64, 128) with batch norm, a pooling after each pair, a dense layer of 128. */
export const vggSmall = (classes: number, norm: Norm): Layer[] => [
  ...[32, 64, 128].flatMap((filters, i) => [
    ...convBlock(2 * i + 1, filters, norm),
    ...convBlock(2 * i + 2, filters, norm),
    pool,
  ]),
  flatten,
  dense('fc1', 128),
  relu,
  dense('fc2', classes),
]
