import { describe, expect, it } from 'vitest'
import { NetworkConfig, NetworkOptions } from '../../core/config/network'
import { describeNetwork, dropoutParts, dropoutWidth, networkFor, weightsOf } from '../../core/network'
import type { ImageShape, Layer } from '../../core/networks/layer'

type NetworkInput = Parameters<typeof NetworkConfig.parse>[0]

const build = (network: NetworkInput, shape: ImageShape, classes = 10, options: object = {}) =>
  networkFor(NetworkConfig.parse(network), NetworkOptions.parse(options), shape, classes)

const cifar: ImageShape = [32, 32, 3]
const mnist: ImageShape = [28, 28, 1]
const digits: ImageShape = [8, 8, 1]

// Published counts where there are any, otherwise counted by hand from the layers (weights, biases, γ, β).
const counts: readonly [NetworkInput, ImageShape, number, number][] = [
  [{ type: 'resnet', depth: 8 }, cifar, 10, 75_290],
  [{ type: 'resnet', depth: 14 }, cifar, 10, 172_506],
  [{ type: 'resnet', depth: 20 }, cifar, 10, 269_722],
  [{ type: 'resnet', depth: 32 }, cifar, 10, 464_154],
  [{ type: 'resnet', depth: 44 }, cifar, 10, 658_586],
  [{ type: 'resnet', depth: 56 }, cifar, 10, 853_018],
  [{ type: 'resnet', depth: 110 }, cifar, 10, 1_727_962],
  [{ type: 'resnet', depth: 8, shortcut: 'projection' }, cifar, 10, 78_042],
  [{ type: 'resnet', depth: 14, shortcut: 'projection' }, cifar, 10, 175_258],
  [{ type: 'resnet', depth: 20, shortcut: 'projection' }, cifar, 10, 272_474],
  [{ type: 'resnet', depth: 32, shortcut: 'projection' }, cifar, 10, 466_906],
  [{ type: 'resnet', depth: 44, shortcut: 'projection' }, cifar, 10, 661_338],
  [{ type: 'resnet', depth: 56, shortcut: 'projection' }, cifar, 10, 855_770],
  [{ type: 'resnet', depth: 110, shortcut: 'projection' }, cifar, 10, 1_730_714],
  [{ type: 'wideResnet', depth: 16, width: 4 }, cifar, 10, 2_748_890],
  [{ type: 'wideResnet', depth: 28, width: 10 }, cifar, 10, 36_479_194],
  [{ type: 'resnet9' }, cifar, 10, 6_573_120],
  [{ type: 'lenet' }, cifar, 10, 62_006],
  [{ type: 'lenet' }, [32, 32, 1], 10, 61_706],
  [{ type: 'lenet' }, mnist, 10, 61_706],
  [{ type: 'mlp', hidden: [512, 256] }, cifar, 10, 1_707_274],
  [{ type: 'mlp', hidden: [256, 128] }, mnist, 10, 235_146],
  [{ type: 'mlp', hidden: [128] }, mnist, 10, 101_770],
  [{ type: 'mlp', hidden: [512, 512, 512, 512, 512], batchNorm: true }, mnist, 10, 1_462_794],
  [{ type: 'mlp', hidden: [] }, digits, 10, 650],
  [{ type: 'vggSmall' }, cifar, 10, 551_018],
  [{ type: 'tinyCnn' }, cifar, 10, 94_762],
  [{ type: 'conv4' }, cifar, 10, 106_538],
  [{ type: 'conv4' }, cifar, 100, 475_268],
  [{ type: 'keskarC1' }, cifar, 10, 1_757_834],
  [{ type: 'keskarC1' }, cifar, 100, 1_775_204],
  [{ type: 'keskarC2' }, cifar, 10, 14_991_946],
  [{ type: 'keskarC2' }, cifar, 100, 15_038_116],
  [{ type: 'vgg9' }, cifar, 10, 2_789_706],
  [{ type: 'reducedAlexnet' }, cifar, 10, 2_259_914],
  // 3×3 pixels are left in front of the dense layers.
  [{ type: 'reducedAlexnet' }, [24, 24, 3], 10, 1_801_162],
]

describe('networkFor', () => {
  it.each(counts)('builds %j for %j and %d classes with %d parameters', (network, shape, classes, parameters) => {
    expect(describeNetwork(build(network, shape, classes), shape).parameters).toBe(parameters)
  })

  it.each(counts)('gives every tensor of %j its own name', (network, shape, classes) => {
    const names = weightsOf(build(network, shape, classes), shape).map((weight) => weight.name)
    expect(new Set(names).size).toBe(names.length)
  })

  it.each<[ImageShape]>([[digits], [[1, 1, 1]], [[7, 3, 3]], [mnist], [[64, 48, 3]]])(
    'ends every network in class scores for images of %j',
    (shape) => {
      const types: NetworkInput[] = [
        { type: 'mlp' },
        { type: 'lenet' },
        { type: 'conv4' },
        { type: 'tinyCnn' },
        { type: 'vggSmall' },
        { type: 'resnet' },
        { type: 'resnet', shortcut: 'projection' },
        { type: 'wideResnet' },
        { type: 'resnet9' },
        { type: 'keskarC1' },
        { type: 'keskarC2' },
        { type: 'vgg9' },
        { type: 'reducedAlexnet' },
      ]
      for (const network of types) {
        const { layers } = describeNetwork(build(network, shape, 7), shape)
        expect(layers.at(-1)?.outputShape, JSON.stringify(network)).toEqual([1, 1, 7])
        expect(layers.every((layer) => layer.outputShape.every((size) => size >= 1))).toBe(true)
      }
    },
  )

  it('names the weights as PyTorch does', () => {
    const names = weightsOf(build({ type: 'resnet', depth: 8, shortcut: 'projection' }, cifar), cifar).map(
      (weight) => weight.name,
    )
    expect(names.slice(0, 6)).toEqual([
      'conv1.weight',
      'bn1.weight',
      'bn1.bias',
      'bn1.running_mean',
      'bn1.running_var',
      'layer1.0.conv1.weight',
    ])
    expect(names).toContain('layer2.0.downsample.0.weight')
    expect(names).toContain('layer2.0.downsample.1.running_var')
    expect(names.slice(-2)).toEqual(['fc.weight', 'fc.bias'])
  })

  it('halves the image twice in a residual network', () => {
    const { layers } = describeNetwork(build({ type: 'resnet', depth: 8 }, cifar), cifar)
    const blocks = layers.filter((layer) => layer.kind === 'residual').map((layer) => layer.outputShape)
    expect(blocks).toEqual([
      [32, 32, 16],
      [16, 16, 32],
      [8, 8, 64],
    ])
  })

  it('starts only the last batch norm of each block at zero when asked to', () => {
    const zeros = weightsOf(build({ type: 'resnet', depth: 14 }, cifar, 10, { zeroLastGamma: true }), cifar)
      .filter((weight) => weight.role === 'gamma' && weight.initial === 0)
      .map((weight) => weight.name)
    expect(zeros).toEqual(
      ['layer1.0', 'layer1.1', 'layer2.0', 'layer2.1', 'layer3.0', 'layer3.1'].map((block) => `${block}.bn2.weight`),
    )
  })

  it('drops features before the last dense layer', () => {
    const layers = build({ type: 'conv4' }, digits, 10, { dropout: 0.5 })
    expect(layers.at(-2)).toEqual({ type: 'dropout', fraction: 0.5 })
    expect(dropoutWidth(layers, digits)).toBe(2 * 2 * 64)
    expect(dropoutWidth(build({ type: 'conv4' }, digits), digits)).toBe(0)
  })

  it('knows what each dropout layer of C1 and C2 sees', () => {
    const parts = (type: 'keskarC1' | 'keskarC2', ownDropout = true) =>
      dropoutParts(build({ type, ownDropout }, cifar), cifar)
    expect(parts('keskarC1')).toEqual([
      { width: 384, fraction: 0.5 },
      { width: 192, fraction: 0.5 },
    ])
    expect(parts('keskarC2').map(({ fraction }) => fraction)).toEqual([
      0.3, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.5, 0.5,
    ])
    expect(parts('keskarC2')[0]!.width).toBe(32 * 32 * 64)
    expect(parts('keskarC2', false)).toEqual([])
  })

  it('leaves a pooling out where one pixel is left', () => {
    const { layers } = describeNetwork(build({ type: 'resnet9' }, digits), digits)
    expect(layers.filter((layer) => layer.kind === 'maxPool')).toHaveLength(3)
  })
})

describe('describeNetwork', () => {
  const plain = (name: string, filters: number, bias: boolean, kernel = 3): Layer => ({
    type: 'conv',
    name,
    filters,
    kernel,
    stride: 1,
    padding: 'same',
    bias,
  })
  const head = (bias: boolean): Layer[] => [
    { type: 'globalAveragePool' },
    { type: 'dense', name: 'fc', units: 10, bias },
  ]
  // A batch norm without γ has as many parameters as the biases of the convolution before it.
  const shifted = (...filters: readonly number[]): Layer[] => filters.map((one, i) => plain(`conv${i + 1}`, one, true))

  it.each<[string, readonly Layer[], number]>([
    ['hlb-CIFAR10', [plain('whiten', 24, false, 2), ...shifted(64, 64, 256, 256, 512, 512), ...head(false)], 4_333_984],
    ['airbench94', [plain('whiten', 24, true, 2), ...shifted(64, 64, 256, 256, 256, 256), ...head(false)], 1_971_640],
  ])('counts what the authors count in %s', (_, layers, parameters) => {
    expect(describeNetwork(layers, cifar).parameters).toBe(parameters)
  })

  it.each([
    [10, 1_388_490],
    [100, 1_405_860],
  ])('counts the form of C1 without biases and with a 7×7 map, for %d classes', (classes, parameters) => {
    const norm = (name: string): Layer => ({
      type: 'batchNorm',
      name,
      gamma: 1,
      epsilon: 1e-5,
      newValueWeight: 0.1,
      ghostStatistics: 'divided',
    })
    const block = (i: number): Layer[] => [
      plain(`conv${i}`, 64, false, 5),
      { type: 'maxPool', size: 3, stride: 2 },
      norm(`bn${i}`),
    ]
    const hidden = (i: number, units: number): Layer[] => [
      { type: 'dense', name: `fc${i}`, units, bias: false },
      norm(`bn${i + 2}`),
    ]
    const layers: readonly Layer[] = [
      ...block(1),
      ...block(2),
      { type: 'flatten' },
      ...hidden(1, 384),
      ...hidden(2, 192),
      { type: 'dense', name: 'fc3', units: classes, bias: true },
    ]
    // Pooling without a border leaves 7×7 of 32×32 pixels; with one, as here, of 28×28.
    expect(describeNetwork(layers, [28, 28, 3]).parameters).toBe(parameters)
  })

  it('lists what comes out of each layer', () => {
    const rows = describeNetwork(build({ type: 'conv4' }, cifar), cifar).layers
    expect(rows.map((row) => row.name)).toEqual([
      'conv1',
      'relu1',
      'conv2',
      'relu2',
      'maxPool1',
      'conv3',
      'relu3',
      'conv4',
      'relu4',
      'maxPool2',
      'flatten1',
      'fc',
    ])
    expect(rows[4]).toEqual({ name: 'maxPool1', kind: 'maxPool', outputShape: [16, 16, 32], parameters: 0 })
    expect(rows[11]).toEqual({ name: 'fc', kind: 'dense', outputShape: [1, 1, 10], parameters: 40_970 })
  })

  it('counts fan in and fan out with the receptive field', () => {
    const [, , weight] = weightsOf(build({ type: 'conv4' }, cifar), cifar)
    expect(weight).toMatchObject({ name: 'conv2.weight', shape: [3, 3, 32, 32], fanIn: 288, fanOut: 288 })
  })
})
