import * as tf from '@tensorflow/tfjs-core'

/** What both gradients of a convolution are told; `pad` is tfjs's: a word, or pixels on every side. */
interface ConvAttributes {
  readonly strides: number | [number, number]
  readonly pad: 'same' | 'valid' | number
}

type Shape4 = [number, number, number, number]

/**
 * Gives the portable backends of tfjs 4.22 the gradients that training needs. wasm has none of a convolution with
 * respect to the filter; with respect to the image wasm has a plain loop, and cpu has one that looks up every pixel
 * through its indices, tenfold slower than its forward pass. Both gradients are convolutions themselves, and the
 * forward convolutions are fast (wasm: XNNPACK). The gradient of max pooling loses every window whose largest value is
 * negative on wasm.
 */
export function registerGradientKernels(backendName: 'wasm' | 'cpu'): void {
  replace(backendName, 'Conv2DBackpropFilter', (inputs, attributes) => {
    const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D }
    const { strides, pad, filterShape } = attributes as unknown as ConvAttributes & { filterShape: Shape4 }
    return filterGradient(x, dy, convInfo(x.shape, filterShape, strides, pad))
  })
  replace(backendName, 'Conv2DBackpropInput', (inputs, attributes) => {
    const { dy, filter } = inputs as unknown as { dy: tf.Tensor4D; filter: tf.Tensor4D }
    const { strides, pad, inputShape } = attributes as unknown as ConvAttributes & { inputShape: Shape4 }
    return inputGradient(dy, filter, convInfo(inputShape, filter.shape, strides, pad))
  })
  replace(backendName, 'MaxPoolGrad', (inputs, attributes) => {
    const { dy, input } = inputs as unknown as { dy: tf.Tensor4D; input: tf.Tensor4D }
    const { filterSize, strides, pad } = attributes as unknown as ConvAttributes & {
      filterSize: number | [number, number]
    }
    return maxPoolGradient(dy, input, tf.backend_util.computePool2DInfo(input.shape, filterSize, strides, 1, pad))
  })
}

function replace(
  backendName: string,
  kernelName: string,
  kernel: (inputs: tf.NamedTensorInfoMap, attributes: object) => tf.Tensor,
): void {
  if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName)
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs }) => tf.tidy(() => kernel(inputs, attrs ?? {})),
  })
}

type ConvInfo = tf.backend_util.Conv2DInfo

const convInfo = (
  inShape: Shape4,
  filterShape: Shape4,
  strides: number | [number, number],
  pad: 'same' | 'valid' | number,
): ConvInfo => tf.backend_util.computeConv2DInfo(inShape, filterShape, strides, 1, pad)

/**
 * dw[i, j, a, b] = Σ over n, y, x of image[n, s·y + i − p, s·x + j − p, a] · dy[n, y, x, b]: a convolution of the image
 * with dy as its filter, in which examples play the part of channels and the stride becomes a dilation.
 */
function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, info: ConvInfo): tf.Tensor {
  const { top, left } = info.padInfo
  const bottom = paddingAfter(info, 'height')
  const right = paddingAfter(info, 'width')
  const images: tf.Tensor4D = tf.transpose(x, [3, 1, 2, 0])
  const gradient = tf.conv2d(
    fit(images, [top, bottom], [left, right]),
    tf.transpose(dy, [1, 2, 0, 3]),
    1,
    'valid',
    'NHWC',
    [info.strideHeight, info.strideWidth],
  )
  return tf.transpose(gradient, [1, 2, 0, 3])
}

// Exactly as much behind the image as the last window reaches: less than nothing when a stride leaves pixels over,
// which are then cut off.
const paddingAfter = (info: ConvInfo, side: 'height' | 'width'): number =>
  side === 'height'
    ? (info.outHeight - 1) * info.strideHeight + info.filterHeight - info.padInfo.top - info.inHeight
    : (info.outWidth - 1) * info.strideWidth + info.filterWidth - info.padInfo.left - info.inWidth

/** dx is dy, spread out by the stride, convolved with the filter turned by 180° and its channels exchanged. */
function inputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, info: ConvInfo): tf.Tensor {
  const spread = spreadOut(dy, info.strideHeight, info.strideWidth)
  const top = info.filterHeight - 1 - info.padInfo.top
  const left = info.filterWidth - 1 - info.padInfo.left
  const bottom = info.inHeight + info.filterHeight - 1 - spread.shape[1] - top
  const right = info.inWidth + info.filterWidth - 1 - spread.shape[2] - left
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2])
  return tf.conv2d(fit(spread, [top, bottom], [left, right]), turned as tf.Tensor4D, 1, 'valid')
}

/** Puts stride − 1 zeros behind every row and column. */
function spreadOut(dy: tf.Tensor4D, strideHeight: number, strideWidth: number): tf.Tensor4D {
  if (strideHeight === 1 && strideWidth === 1) return dy
  const [count, height, width, channels] = dy.shape
  const columns = tf.reshape(tf.concat([dy, tf.zeros([count, height, width, channels * (strideWidth - 1)])], 3), [
    count,
    height,
    width * strideWidth * channels,
  ])
  const rows = tf.concat([columns, tf.zeros([count, height, width * strideWidth * channels * (strideHeight - 1)])], 2)
  return tf.reshape(rows, [count, height * strideHeight, width * strideWidth, channels])
}

type Ends = readonly [number, number]

/** Adds zeros around images, or cuts pixels off where an end is negative. */
function fit(x: tf.Tensor4D, rows: Ends, columns: Ends): tf.Tensor4D {
  const cut = (ends: Ends): [number, number] => [Math.max(0, -ends[0]), Math.max(0, -ends[1])]
  const [rowCut, columnCut] = [cut(rows), cut(columns)]
  const add = (ends: Ends): [number, number] => [Math.max(0, ends[0]), Math.max(0, ends[1])]
  const [count, height, width, channels] = x.shape
  const kept = tf.slice(
    x,
    [0, rowCut[0], columnCut[0], 0],
    [count, height - rowCut[0] - rowCut[1], width - columnCut[0] - columnCut[1], channels],
  )
  return tf.pad(kept, [[0, 0], add(rows), add(columns), [0, 0]])
}

/** Each dy goes to the first largest pixel of its window, as in TensorFlow. */
function maxPoolGradient(dy: tf.Tensor4D, x: tf.Tensor4D, info: ConvInfo): tf.Tensor {
  const {
    batchSize,
    inHeight,
    inWidth,
    inChannels,
    outHeight,
    outWidth,
    strideHeight,
    strideWidth,
    filterHeight,
    filterWidth,
    padInfo,
  } = info
  const values = x.dataSync()
  const gradients = dy.dataSync()
  const dx = new Float32Array(values.length)
  let out = 0
  for (let n = 0; n < batchSize; n++) {
    for (let outRow = 0; outRow < outHeight; outRow++) {
      const top = outRow * strideHeight - padInfo.top
      for (let outColumn = 0; outColumn < outWidth; outColumn++) {
        const left = outColumn * strideWidth - padInfo.left
        for (let channel = 0; channel < inChannels; channel++) {
          let largest = -1
          for (let row = Math.max(0, top); row < Math.min(inHeight, top + filterHeight); row++) {
            for (let column = Math.max(0, left); column < Math.min(inWidth, left + filterWidth); column++) {
              const at = ((n * inHeight + row) * inWidth + column) * inChannels + channel
              if (largest < 0 || (values[at] ?? 0) > (values[largest] ?? 0)) largest = at
            }
          }
          dx[largest] = (dx[largest] ?? 0) + (gradients[out++] ?? 0)
        }
      }
    }
  }
  return tf.tensor4d(dx, x.shape)
}
