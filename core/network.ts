import type { NetworkConfig, NetworkOptions } from './config/network'
import { shapeAfter, type ImageShape, type Layer, type Norm } from './networks/layer'
import { keskarC1, keskarC2, reducedAlexnet, vgg9 } from './networks/papers'
import { conv4, lenet, mlp, tinyCnn, vggSmall } from './networks/plain'
import { resnet, resnet9, wideResnet } from './networks/residual'

/** The layers that a config asks for, for images of a shape (height, width, channels) and a number of classes. */
export function networkFor(
  network: NetworkConfig,
  options: NetworkOptions,
  shape: ImageShape,
  classes: number,
): Layer[] {
  const norm: Norm = (name, place) => ({
    type: 'batchNorm',
    name,
    gamma: options.zeroLastGamma && place === 'blockEnd' ? 0 : 1,
    ...options.batchNorm,
  })
  return withDropout(fitPools(layersOf(network, shape, classes, norm), shape), options.dropout)
}

function layersOf(network: NetworkConfig, shape: ImageShape, classes: number, norm: Norm): Layer[] {
  switch (network.type) {
    case 'mlp':
      return mlp(network.hidden, classes, network.batchNorm ? norm : undefined)
    case 'lenet':
      return lenet(shape, classes)
    case 'conv4':
      return conv4(classes, network.batchNorm ? norm : undefined)
    case 'tinyCnn':
      return tinyCnn(classes, norm)
    case 'vggSmall':
      return vggSmall(classes, norm)
    case 'resnet':
      return resnet(network.depth, network.shortcut, classes, norm)
    case 'wideResnet':
      return wideResnet(network.depth, network.width, classes, norm)
    case 'resnet9':
      return resnet9(classes, norm)
    case 'keskarC1':
      return keskarC1(classes, norm, network.ownDropout)
    case 'keskarC2':
      return keskarC2(classes, norm, network.ownDropout)
    case 'vgg9':
      return vgg9(classes, norm)
    case 'reducedAlexnet':
      return reducedAlexnet(classes, network.batchNorm ? norm : undefined)
  }
}

// Networks are written down for 32-pixel images; on smaller ones a pooling window shrinks to the image, and at one
// pixel it is left out.
function fitPools(layers: readonly Layer[], shape: ImageShape): Layer[] {
  const fitted: Layer[] = []
  let now = shape
  for (const layer of layers) {
    const fit = layer.type === 'maxPool' ? { ...layer, size: Math.min(layer.size, now[0], now[1]) } : layer
    if (fit.type === 'maxPool' && (fit.size === 1 || Math.max(now[0], now[1]) === 1)) continue
    fitted.push(fit)
    now = shapeAfter(fit, now)
  }
  return fitted
}

function withDropout(layers: readonly Layer[], fraction: number): Layer[] {
  if (fraction === 0) return [...layers]
  const classifier = layers.findLastIndex((layer) => layer.type === 'dense')
  return [...layers.slice(0, classifier), { type: 'dropout', fraction }, ...layers.slice(classifier)]
}

/** What a tensor of the network is; running statistics are state, not trained. */
type WeightRole = 'weight' | 'bias' | 'gamma' | 'beta' | 'runningMean' | 'runningVariance'

/** One tensor of a network: convolution weights are [height, width, in, out], dense weights [in, out]. */
export interface WeightSpec {
  readonly name: string
  readonly role: WeightRole
  readonly shape: readonly number[]
  readonly trainable: boolean
  /** Inputs and outputs of one unit, receptive field included (He et al. 2015, §2.2); 0 for batch norm. */
  readonly fanIn: number
  readonly fanOut: number
  /** The value that every element starts with, where it is not random. */
  readonly initial?: number
}

/** Every tensor of a network in the order of its layers, for images of a shape. */
export const weightsOf = (layers: readonly Layer[], shape: ImageShape): WeightSpec[] =>
  walk(layers, shape).flatMap(({ layer, input }) => layerWeights(layer, input))

function layerWeights(layer: Layer, input: ImageShape): WeightSpec[] {
  switch (layer.type) {
    case 'conv': {
      const area = layer.kernel ** 2
      return unit(
        layer.name,
        [layer.kernel, layer.kernel, input[2], layer.filters],
        area * input[2],
        area * layer.filters,
        layer.bias,
      )
    }
    case 'dense':
      return unit(layer.name, [input[2], layer.units], input[2], layer.units, layer.bias)
    case 'batchNorm': {
      const one = { shape: [input[2]], fanIn: 0, fanOut: 0 }
      return [
        { ...one, name: `${layer.name}.weight`, role: 'gamma', trainable: true, initial: layer.gamma },
        { ...one, name: `${layer.name}.bias`, role: 'beta', trainable: true, initial: 0 },
        { ...one, name: `${layer.name}.running_mean`, role: 'runningMean', trainable: false, initial: 0 },
        { ...one, name: `${layer.name}.running_var`, role: 'runningVariance', trainable: false, initial: 1 },
      ]
    }
    case 'relu':
    case 'maxPool':
    case 'globalAveragePool':
    case 'flatten':
    case 'dropout':
    case 'scale':
    case 'padChannels':
    case 'residual':
      return []
  }
}

function unit(name: string, shape: readonly number[], fanIn: number, fanOut: number, bias: boolean): WeightSpec[] {
  const weight: WeightSpec = { name: `${name}.weight`, role: 'weight', shape, trainable: true, fanIn, fanOut }
  return bias
    ? [weight, { name: `${name}.bias`, role: 'bias', shape: [shape.at(-1) ?? 0], trainable: true, fanIn, fanOut }]
    : [weight]
}

interface Visit {
  readonly layer: Layer
  readonly input: ImageShape
  readonly output: ImageShape
}

// A residual block's inner layers come before the block itself, so that rows read in the order of computation.
function walk(layers: readonly Layer[], shape: ImageShape): Visit[] {
  const visits: Visit[] = []
  let input = shape
  for (const layer of layers) {
    const output = shapeAfter(layer, input)
    if (layer.type === 'residual') visits.push(...walk(layer.body, input), ...walk(layer.shortcut, input))
    visits.push({ layer, input, output })
    input = output
  }
  return visits
}

/** One row of a network's summary. */
export interface LayerSummary {
  readonly name: string
  readonly kind: Layer['type']
  readonly outputShape: ImageShape
  /** Trainable numbers: weights, biases, γ and β; running statistics are not counted. */
  readonly parameters: number
}

/** A network's layers in order, with what comes out of each, and the number of trainable parameters. */
export function describeNetwork(
  layers: readonly Layer[],
  shape: ImageShape,
): { readonly layers: LayerSummary[]; readonly parameters: number } {
  const seen = new Map<string, number>()
  const rows = walk(layers, shape).map(({ layer, input, output }): LayerSummary => {
    const count = (seen.get(layer.type) ?? 0) + 1
    seen.set(layer.type, count)
    const parameters = layerWeights(layer, input)
      .filter((weight) => weight.trainable)
      .reduce((sum, weight) => sum + sizeOf(weight.shape), 0)
    return {
      name: 'name' in layer ? layer.name : `${layer.type}${count}`,
      kind: layer.type,
      outputShape: output,
      parameters,
    }
  })
  return { layers: rows, parameters: rows.reduce((sum, row) => sum + row.parameters, 0) }
}

/** Multiply-adds per image of each convolution and dense layer, in order; its two gradients take as many again each. */
export const multiplyAdds = (layers: readonly Layer[], shape: ImageShape): number[] =>
  walk(layers, shape).flatMap(({ layer, input, output }) => {
    if (layer.type === 'conv') return [layer.kernel ** 2 * input[2] * sizeOf(output)]
    return layer.type === 'dense' ? [input[2] * layer.units] : []
  })

/** The dropout of one layer: how many features per image it sees, and the fraction of them that it drops. */
export interface DropoutPart {
  readonly width: number
  readonly fraction: number
}

/**
 * What each dropout layer needs of an image's row in the mask, in the order of the layers; only layers outside residual
 * blocks drop.
 */
export const dropoutParts = (layers: readonly Layer[], shape: ImageShape): DropoutPart[] =>
  walk(layers, shape).flatMap(({ layer, input }) =>
    layer.type === 'dropout' ? [{ width: sizeOf(input), fraction: layer.fraction }] : [],
  )

/** Features per image that all dropout layers see together, 0 without one: the width of their mask. */
export const dropoutWidth = (layers: readonly Layer[], shape: ImageShape): number =>
  dropoutParts(layers, shape).reduce((sum, { width }) => sum + width, 0)

/** Elements of a tensor of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)
