import { z } from 'zod'

const batchNormFlag = z.boolean().default(false).meta({
  label: 'Batch norm',
  help: 'Batch norm between every layer and its activation; it takes the place of the bias of a convolution',
})

const mlp = z
  .strictObject({
    type: z.literal('mlp'),
    hidden: z.array(z.number().int().min(1).max(8192)).max(8).default([512, 256]).meta({
      label: 'Hidden layers',
      unit: 'units',
      help: 'Width of each hidden layer, from the images to the classes',
    }),
    batchNorm: batchNormFlag,
  })
  .meta({
    label: 'Multilayer perceptron',
    help: 'Fully connected layers with ReLU; [512, 512, 512, 512, 512] with batch norm is the F1 of Keskar and Hoffer',
    paper: 'Keskar et al. 2016, arXiv 1609.04836',
  })

const lenet = z.strictObject({ type: z.literal('lenet') }).meta({
  label: 'LeNet-5',
  help: 'Two 5×5 convolutions with max pooling, dense layers of 120 and 84, ReLU. Quick on any machine',
  paper: 'LeCun et al. 1998',
})

const conv4 = z
  .strictObject({ type: z.literal('conv4'), batchNorm: batchNormFlag })
  .meta({ label: '4-conv CNN', help: 'Four 3×3 convolutions (32, 32, 64, 64), two max poolings, one dense layer' })

const tinyCnn = z.strictObject({ type: z.literal('tinyCnn') }).meta({
  label: 'Tiny CNN',
  help: 'Three 3×3 convolutions (32, 64, 128) with batch norm, max pooling between them, global average pooling',
})

const vggSmall = z.strictObject({ type: z.literal('vggSmall') }).meta({
  label: 'VGG small',
  help: 'Six 3×3 convolutions (32, 32, 64, 64, 128, 128) with batch norm, three max poolings, a dense layer of 128',
  paper: 'Simonyan and Zisserman 2014, arXiv 1409.1556',
})

const resnet = z
  .strictObject({
    type: z.literal('resnet'),
    depth: z.literal([8, 14, 20, 32, 44, 56, 110]).default(8).meta({
      label: 'Depth',
      unit: 'layers',
      help: 'Weighted layers: 6n + 2, with n blocks in each of the three stages',
    }),
    shortcut: z
      .enum(['pad', 'projection'])
      .default('pad')
      .meta({
        label: 'Shortcut',
        help:
          'Where the shape changes: skip pixels and pad channels with zeros (option A, no weights), or a 1×1 ' +
          'convolution with batch norm (option B)',
      }),
  })
  .meta({
    label: 'ResNet',
    help: 'The residual networks for small images: 16, 32 and 64 channels, basic blocks, global average pooling',
    paper: 'He et al. 2015, arXiv 1512.03385, §4.2',
  })

const wideResnet = z
  .strictObject({
    type: z.literal('wideResnet'),
    depth: z.literal([10, 16, 22, 28]).default(16).meta({
      label: 'Depth',
      unit: 'layers',
      help: 'Weighted layers: 6n + 4, with n blocks in each of the three stages',
    }),
    width: z
      .number()
      .int()
      .min(1)
      .max(10)
      .default(4)
      .meta({ label: 'Width', help: 'Channels are 16, 32 and 64 times this' }),
  })
  .meta({
    label: 'Wide ResNet',
    help:
      'Residual networks with batch norm before the convolutions and more channels; 16-4 is the one of Smith et ' +
      'al., and by name that of Hoffer et al.',
    paper: 'Zagoruyko and Komodakis 2016, arXiv 1605.07146',
  })

const resnet9 = z.strictObject({ type: z.literal('resnet9') }).meta({
  label: 'ResNet-9',
  help: 'The quick network of the DAWNBench entries: 64 to 512 channels, two residual blocks, logits times 0.125',
  paper: 'Page 2018, How to train your ResNet',
})

const ownDropout = z
  .boolean()
  .default(true)
  .meta({ label: 'Its own dropout', help: 'The dropout layers that the published network has; off to compare without' })

const keskarC1 = z.strictObject({ type: z.literal('keskarC1'), ownDropout }).meta({
  label: 'C1 / C3 (Keskar)',
  help:
    'Two 5×5 convolutions of 64 with batch norm and overlapping pools, dense layers of 384 and 192 with ' +
    'dropout 0.5; C1 on CIFAR-10 and C3 on CIFAR-100',
  paper: 'Keskar et al. 2016, arXiv 1609.04836, appendix B',
})

const keskarC2 = z.strictObject({ type: z.literal('keskarC2'), ownDropout }).meta({
  label: 'C2 / C4 (Keskar)',
  help:
    'VGG-16 with batch norm, dropout and one dense layer of 512; C2 on CIFAR-10 and C4 on CIFAR-100. Large: 15 ' +
    'million weights',
  paper: 'Keskar et al. 2016, arXiv 1609.04836, appendix B',
})

const vgg9 = z.strictObject({ type: z.literal('vgg9') }).meta({
  label: 'VGG-9',
  help:
    'Seven 3×3 convolutions (64, 64, 128, 128, 256, 256, 256) with batch norm, three max poolings, a dense ' +
    'layer of 256',
  paper: 'Li et al. 2018, arXiv 1712.09913',
})

const reducedAlexnet = z.strictObject({ type: z.literal('reducedAlexnet'), batchNorm: batchNormFlag }).meta({
  label: 'Reduced AlexNet (approximation)',
  help:
    'Five convolutions and two dense layers of 256, after the network of Masters and Luschi. An approximation: ' +
    'kernel sizes and channels are our reading, not published ones',
  paper: 'Masters and Luschi 2018, arXiv 1804.07612',
})

/**
 * The network to train, by its `type`. Adding one: its options here, its layers in `core/networks/`, an entry in
 * `networkFor`, a row in the parameter table test.
 */
export const NetworkConfig = z.discriminatedUnion('type', [
  mlp,
  lenet,
  conv4,
  tinyCnn,
  vggSmall,
  resnet,
  wideResnet,
  resnet9,
  keskarC1,
  keskarC2,
  vgg9,
  reducedAlexnet,
])
export type NetworkConfig = z.output<typeof NetworkConfig>

/**
 * Batch normalisation (Ioffe and Szegedy 2015); how a ghost batch moves the running statistics is `ghostStatistics`.
 */
export const BatchNormConfig = z.strictObject({
  newValueWeight: z
    .number()
    .gt(0)
    .max(1)
    .default(0.1)
    .meta({
      label: 'Batch norm: weight of the new value',
      help:
        'Share of each batch in the running mean and variance: PyTorch calls it momentum; Keras calls 1 − this ' +
        'momentum (0.1 here is 0.9 there, 0.01 is 0.99)',
      step: 0.01,
    }),
  epsilon: z
    .number()
    .gt(0)
    .max(1)
    .default(1e-5)
    .meta({ label: 'Batch norm: epsilon', help: 'Added to the variance before its square root is taken', log: true }),
  ghostStatistics: z
    .enum(['divided', 'sequential'])
    .default('divided')
    .meta({
      label: 'Batch norm: ghost statistics',
      help:
        'With K ghost batches an update moves the running statistics K times: with the weight divided by K (as ' +
        'much memory as without ghosts), or with the full weight each time (almost no memory for large K)',
      paper: 'Hoffer et al. 2017, arXiv 1705.08741, Algorithm 1',
    }),
})
export type BatchNormConfig = z.output<typeof BatchNormConfig>

/**
 * How the weights of convolutions and dense layers start; biases start at 0 (with `torch`: uniform like the weights),
 * batch norm at γ = 1, β = 0.
 */
export const InitialisationConfig = z.strictObject({
  method: z
    .enum(['heNormal', 'heUniform', 'glorotNormal', 'glorotUniform', 'lecunNormal', 'orthogonal', 'torch'])
    .default('heNormal')
    .meta({
      label: 'Initial weights',
      help:
        'Spread of the random initial weights. He: variance 2/fan; Glorot: 2/(fan in + fan out); LeCun: 1/fan; ' +
        'orthogonal with gain √2; torch: uniform in ±1/√(fan in), the default of PyTorch',
      paper: 'He et al. 2015, arXiv 1502.01852',
    }),
  fan: z
    .enum(['in', 'out'])
    .default('in')
    .meta({ label: 'Fan', help: 'Count the inputs or the outputs of a unit: for He and LeCun only' }),
})
export type InitialisationConfig = z.output<typeof InitialisationConfig>

/** What every network has in common, whatever its `type`. */
export const NetworkOptions = z.strictObject({
  batchNorm: BatchNormConfig.prefault({}),
  initialisation: InitialisationConfig.prefault({}),
  zeroLastGamma: z
    .boolean()
    .default(false)
    .meta({
      label: 'Zero the last γ',
      help:
        'Start the last batch norm of every residual block at γ = 0, so that each block starts as the identity. ' +
        'For the ResNets, whose blocks end in batch norm; in other networks it does nothing',
      paper: 'Goyal et al. 2017, arXiv 1706.02677, §5.1',
    }),
  dropout: z.number().min(0).max(0.95).default(0).meta({
    label: 'Dropout',
    help: 'Fraction of the features before the last layer that is set to zero while training',
    step: 0.05,
  }),
})
export type NetworkOptions = z.output<typeof NetworkOptions>
