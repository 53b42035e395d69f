import type { BatchNormConfig } from '../config/network'

/** Height, width, channels of one image, or [1, 1, features] after flattening or pooling. */
export type ImageShape = readonly [number, number, number]

/**
 * One layer of a network as plain data. Layers with weights have a name, and their weights are called as PyTorch calls
 * them (`conv1.weight`, `bn1.running_mean`, `fc.bias`); these are the names in checkpoints.
 */
export type Layer =
  /** Square convolution. Padding `same` adds ⌊kernel/2⌋ zeros on every side, as in PyTorch, whatever the stride. */
  | {
      readonly type: 'conv'
      readonly name: string
      readonly filters: number
      readonly kernel: number
      readonly stride: number
      readonly padding: 'same' | 'valid'
      readonly bias: boolean
    }
  | { readonly type: 'dense'; readonly name: string; readonly units: number; readonly bias: boolean }
  /** Batch norm over examples and pixels; `gamma` is the scale's initial value. */
  | ({ readonly type: 'batchNorm'; readonly name: string; readonly gamma: 0 | 1 } & Readonly<BatchNormConfig>)
  | { readonly type: 'relu' }
  /**
   * Square max pooling. Without a stride windows lie side by side and a border narrower than a window is left out; with
   * one they begin at every stride-th pixel and reach over the border (`same` in Keras).
   */
  | { readonly type: 'maxPool'; readonly size: number; readonly stride?: number }
  | { readonly type: 'globalAveragePool' }
  | { readonly type: 'flatten' }
  | { readonly type: 'dropout'; readonly fraction: number }
  | { readonly type: 'scale'; readonly factor: number }
  /** Every stride-th pixel, with zero channels added half before and half behind (He et al. 2015, §4.2, option A). */
  | { readonly type: 'padChannels'; readonly stride: number; readonly channels: number }
  /** body(x) + shortcut(x); an empty shortcut is the identity. */
  | {
      readonly type: 'residual'
      readonly name: string
      readonly body: readonly Layer[]
      readonly shortcut: readonly Layer[]
    }

/** Makes a batch norm layer: `blockEnd` is the last one of a residual branch, whose γ may start at zero. */
export type Norm = (name: string, place: 'inner' | 'blockEnd') => Layer

/** A k×k convolution that keeps the image's size (divided by the stride). */
export const conv = (name: string, filters: number, kernel: number, stride: number, bias: boolean): Layer => ({
  type: 'conv',
  name,
  filters,
  kernel,
  stride,
  padding: 'same',
  bias,
})

/** A fully connected layer with a bias. */
export const dense = (name: string, units: number): Layer => ({ type: 'dense', name, units, bias: true })

/** max(0, x). */
export const relu: Layer = { type: 'relu' }

/** 2×2 max pooling. */
export const pool: Layer = { type: 'maxPool', size: 2 }

/** The size and channels of an image (or feature vector) behind a layer. */
export function shapeAfter(layer: Layer, shape: ImageShape): ImageShape {
  const [height, width, channels] = shape
  switch (layer.type) {
    case 'conv': {
      const padding = layer.padding === 'same' ? 2 * Math.floor(layer.kernel / 2) : 0
      const along = (size: number): number => Math.floor((size + padding - layer.kernel) / layer.stride) + 1
      return [along(height), along(width), layer.filters]
    }
    case 'dense':
      return [1, 1, layer.units]
    case 'maxPool': {
      const along = (size: number): number =>
        layer.stride === undefined ? Math.floor(size / layer.size) : Math.ceil(size / layer.stride)
      return [along(height), along(width), channels]
    }
    case 'globalAveragePool':
      return [1, 1, channels]
    case 'flatten':
      return [1, 1, height * width * channels]
    case 'padChannels':
      return [Math.ceil(height / layer.stride), Math.ceil(width / layer.stride), layer.channels]
    case 'residual':
      return layer.body.reduce<ImageShape>((now, inner) => shapeAfter(inner, now), shape)
    case 'batchNorm':
    case 'relu':
    case 'dropout':
    case 'scale':
      return shape
  }
}
