import { conv, dense, pool, relu, type Layer, type Norm } from './layer'

const flatten: Layer = { type: 'flatten' }
const overlappingPool: Layer = { type: 'maxPool', size: 3, stride: 2 }

const drop = (fraction: number): Layer[] => (fraction > 0 ? [{ type: 'dropout', fraction }] : [])

/**
 * A convolution with its bias, batch norm and ReLU: Keras and the code of Keskar et al. keep the bias that batch norm
 * cancels, and so do the counts.
 */
const normed = (index: number, filters: number, kernel: number, norm: Norm): Layer[] => [
  conv(`conv${index}`, filters, kernel, 1, true),
  norm(`bn${index}`, 'inner'),
  relu,
]

const denseNormed = (index: number, units: number, norm: Norm): Layer[] => [
  dense(`fc${index}`, units),
  norm(`fc${index}_bn`, 'inner'),
  relu,
]

/**
 * C1 of Keskar et al. 2016 (C3 with 100 classes): two 5×5 convolutions of 64 with overlapping pools, dense layers of
 * 384 and 192, dropout 0.5 after both.
 */
export const keskarC1 = (classes: number, norm: Norm, dropout: boolean): Layer[] => [
  ...normed(1, 64, 5, norm),
  overlappingPool,
  ...normed(2, 64, 5, norm),
  overlappingPool,
  flatten,
  ...denseNormed(1, 384, norm),
  ...drop(dropout ? 0.5 : 0),
  ...denseNormed(2, 192, norm),
  ...drop(dropout ? 0.5 : 0),
  dense('fc3', classes),
]

/**
 * C2 of Keskar et al. 2016 (C4 with 100 classes): the 13 convolutions of VGG-16 with batch norm, dropout between those
 * of a stage, a dense layer of 512.
 */
export function keskarC2(classes: number, norm: Norm, dropout: boolean): Layer[] {
  const stages = [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ]
  let index = 0
  const convolutions = stages.flatMap((stage, s) => [
    ...stage.flatMap((filters, i) => {
      index++
      return [...normed(index, filters, 3, norm), ...drop(dropout && i < stage.length - 1 ? (s === 0 ? 0.3 : 0.4) : 0)]
    }),
    pool,
  ])
  const half = drop(dropout ? 0.5 : 0)
  return [...convolutions, flatten, ...half, ...denseNormed(1, 512, norm), ...half, dense('fc2', classes)]
}

/**
 * VGG-9 of Li et al. 2018: 64, 64, 128, 128 and three times 256, a pooling after each width, a dense layer of 256 with
 * batch norm.
 */
export const vgg9 = (classes: number, norm: Norm): Layer[] => [
  ...normed(1, 64, 3, norm),
  ...normed(2, 64, 3, norm),
  pool,
  ...normed(3, 128, 3, norm),
  ...normed(4, 128, 3, norm),
  pool,
  ...normed(5, 256, 3, norm),
  ...normed(6, 256, 3, norm),
  ...normed(7, 256, 3, norm),
  pool,
  flatten,
  ...denseNormed(1, 256, norm),
  dense('fc2', classes),
]

/**
 * Our approximation of the reduced AlexNet of Masters and Luschi 2018: kernels of 9, 3, 5, 3, 3 pixels with 64, 64,
 * 128, 256, 256 channels at stride 1, overlapping pools after the first, second and fifth, two dense layers of 256. The
 * paper's exact layers are not published here.
 */
export function reducedAlexnet(classes: number, norm: Norm | undefined): Layer[] {
  const block = (index: number, filters: number, kernel: number): Layer[] =>
    norm ? normed(index, filters, kernel, norm) : [conv(`conv${index}`, filters, kernel, 1, true), relu]
  return [
    ...block(1, 64, 9),
    overlappingPool,
    ...block(2, 64, 3),
    overlappingPool,
    ...block(3, 128, 5),
    ...block(4, 256, 3),
    ...block(5, 256, 3),
    overlappingPool,
    flatten,
    dense('fc1', 256),
    relu,
    dense('fc2', 256),
    relu,
    dense('fc3', classes),
  ]
}
