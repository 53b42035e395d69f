import { conv, dense, pool, relu, type Layer, type Norm } from './layer'

const branch = (name: string, filters: number, stride: number, norm: Norm): Layer[] => [
  conv(`${name}.conv1`, filters, 3, stride, false),
  norm(`${name}.bn1`, 'inner'),
  relu,
  conv(`${name}.conv2`, filters, 3, 1, false),
  norm(`${name}.bn2`, 'blockEnd'),
]

const stages = <T>(blocks: number, one: (stage: number, block: number) => T[]): T[] =>
  [0, 1, 2].flatMap((stage) => Array.from({ length: blocks }, (_, block) => one(stage, block)).flat())

/** ResNet for small images (He et al. 2015, §4.2): 3 stages of (depth − 2)/6 basic blocks with 16, 32, 64 channels. */
export function resnet(depth: number, shortcut: 'pad' | 'projection', classes: number, norm: Norm): Layer[] {
  const shortcutTo = (name: string, filters: number): Layer[] =>
    shortcut === 'pad'
      ? [{ type: 'padChannels', stride: 2, channels: filters }]
      : [conv(`${name}.downsample.0`, filters, 1, 2, false), norm(`${name}.downsample.1`, 'inner')]
  return [
    conv('conv1', 16, 3, 1, false),
    norm('bn1', 'inner'),
    relu,
    ...stages((depth - 2) / 6, (stage, block): Layer[] => {
      const name = `layer${stage + 1}.${block}`
      const filters = 16 * 2 ** stage
      const shrinks = stage > 0 && block === 0
      return [
        {
          type: 'residual',
          name,
          body: branch(name, filters, shrinks ? 2 : 1, norm),
          shortcut: shrinks ? shortcutTo(name, filters) : [],
        },
        relu,
      ]
    }),
    { type: 'globalAveragePool' },
    dense('fc', classes),
  ]
}

/**
 * Wide ResNet (Zagoruyko and Komodakis 2016): 3 stages of (depth − 4)/6 blocks with batch norm and ReLU before each
 * convolution; where the channels change, the 1×1 shortcut starts behind the block's first ReLU.
 */
export function wideResnet(depth: number, width: number, classes: number, norm: Norm): Layer[] {
  let channels = 16
  return [
    conv('conv1', 16, 3, 1, false),
    ...stages((depth - 4) / 6, (stage, block): Layer[] => {
      const name = `layer${stage + 1}.${block}`
      const filters = 16 * width * 2 ** stage
      const stride = stage > 0 && block === 0 ? 2 : 1
      const first = [norm(`${name}.bn1`, 'inner'), relu]
      const rest = [
        conv(`${name}.conv1`, filters, 3, stride, false),
        norm(`${name}.bn2`, 'inner'),
        relu,
        conv(`${name}.conv2`, filters, 3, 1, false),
      ]
      const changes = channels !== filters
      channels = filters
      return changes
        ? [
            ...first,
            { type: 'residual', name, body: rest, shortcut: [conv(`${name}.shortcut`, filters, 1, stride, false)] },
          ]
        : [{ type: 'residual', name, body: [...first, ...rest], shortcut: [] }]
    }),
    norm('bn', 'inner'),
    relu,
    { type: 'globalAveragePool' },
    dense('fc', classes),
  ]
}

/**
 * ResNet-9 of the DAWNBench entries (Page 2018): 64, 128, 256, 512 channels, two residual blocks, logits times 0.125.
 */
export function resnet9(classes: number, norm: Norm): Layer[] {
  const step = (name: string, filters: number): Layer[] => [
    conv(`${name}.conv`, filters, 3, 1, false),
    norm(`${name}.bn`, 'inner'),
    relu,
  ]
  // None of the norms counts as the block's end, whose γ may start at zero (Goyal et al. 2017, §5.1): that is for
  // blocks that end in batch norm. Here a ReLU follows, and passes nothing back where γ = β = 0, so that the block
  // would never learn.
  const block = (name: string, filters: number): Layer => ({
    type: 'residual',
    name,
    body: [...branch(name, filters, 1, (own) => norm(own, 'inner')), relu],
    shortcut: [],
  })
  return [
    ...step('prep', 64),
    ...step('layer1', 128),
    pool,
    block('layer1.residual', 128),
    ...step('layer2', 256),
    pool,
    ...step('layer3', 512),
    pool,
    block('layer3.residual', 512),
    { type: 'maxPool', size: 4 },
    { type: 'flatten' },
    { type: 'dense', name: 'fc', units: classes, bias: false },
    { type: 'scale', factor: 0.125 },
  ]
}
