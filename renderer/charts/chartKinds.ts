import type { ChartKind, XAxis } from './columns'

export const axisTitles: Readonly<Record<XAxis, string>> = {
  update: 'updates',
  epoch: 'epochs',
  examples: 'examples seen',
  seconds: 'training time',
}

/** How a quantity is named and written on its axis; `splits`: measured on training and validation images apart. */
export const kinds: Readonly<
  Record<
    ChartKind,
    {
      readonly title: string
      readonly unit: string
      readonly splits: boolean
      readonly zero: boolean
      readonly format: string
    }
  >
> = {
  loss: { title: 'loss (nats)', unit: '', splits: true, zero: false, format: '.4~g' },
  accuracy: { title: 'accuracy (%)', unit: ' %', splits: true, zero: false, format: '.2f' },
  learningRate: { title: 'learning rate', unit: '', splits: false, zero: true, format: '.5~g' },
  gradientNorm: { title: 'gradient norm', unit: '', splits: false, zero: true, format: '.4~g' },
  imagesPerSecond: { title: 'images/s', unit: ' images/s', splits: false, zero: true, format: '.4~s' },
  batchSize: { title: 'batch size (images)', unit: ' images', splits: false, zero: true, format: 'd' },
  noiseScale: { title: 'ηN/(B(1−μ))', unit: '', splits: false, zero: true, format: '.4~g' },
  rateToBatch: { title: 'η/B', unit: '', splits: false, zero: true, format: '.4~g' },
  distance: { title: '‖w − w₀‖', unit: '', splits: false, zero: true, format: '.4~g' },
}

/** A chart's name as its heading and its file's name. */
export const chartName: Readonly<Record<ChartKind, string>> = {
  loss: 'Loss',
  accuracy: 'Accuracy',
  learningRate: 'Learning rate',
  batchSize: 'Batch size',
  noiseScale: 'Noise scale',
  rateToBatch: 'Rate over batch size',
  gradientNorm: 'Gradient norm',
  imagesPerSecond: 'Speed',
  distance: 'Distance from the initial weights',
}
