import type { DataSource } from '../../core/config/data'
import { randomFor } from '../../core/random'
import { bytesFor, type LabelledImages, type RawImages } from './rawImages'

type Synthetic = Extract<DataSource, { type: 'synthetic' }>

const waves = 3
const amplitude = 30
const noise = 150

/** The waves that make a class: a few cycles in a few directions, different in each channel. */
function pattern(source: Synthetic, classIndex: number): Float32Array {
  const { size, channels } = source
  const values = new Float32Array(size * size * channels)
  for (let channel = 0; channel < channels; channel++) {
    const random = randomFor(0, 'synthetic', 0, classIndex, channel)
    for (let wave = 0; wave < waves; wave++) {
      const [across, down, phase] = [random.integer(7) - 3, random.integer(7) - 3, random.uniform()]
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          const at = (y * size + x) * channels + channel
          values[at] = (values[at] ?? 0) + amplitude * Math.sin(2 * Math.PI * ((across * x + down * y) / size + phase))
        }
      }
    }
  }
  return values
}

// Each image takes its noise from a random place of one long stretch, since drawing it pixel by pixel would take longer
// than training.
const noiseLength = 2 ** 20

function noiseStretch(extra: number): Float32Array {
  const random = randomFor(0, 'synthetic', 3)
  return Float32Array.from({ length: noiseLength + extra }, () => 2 * noise * (random.uniform() - 0.5))
}

/**
 * Each image is its class's pattern, moved by up to an eighth of its size, under noise, so it takes some learning to
 * tell.
 */
function draw(
  source: Synthetic,
  part: number,
  count: number,
  patterns: readonly Float32Array[],
  stretch: Float32Array,
): LabelledImages {
  const { size, channels, classes } = source
  const row = size * channels
  const images = new Uint8ClampedArray(count * size * row)
  const labels = Uint16Array.from({ length: count }, (_, image) => image % classes)
  const reach = Math.floor(size / 8)
  let at = 0
  for (let image = 0; image < count; image++) {
    const random = randomFor(0, 'synthetic', part, image)
    const values = patterns[image % classes] ?? stretch
    const down = random.integer(2 * reach + 1) - reach + size
    const right = (random.integer(2 * reach + 1) - reach + size) % size
    const hiss = random.integer(noiseLength) - at
    for (let y = 0; y < size; y++) {
      const from = ((y + down) % size) * row
      for (let i = right * channels; i < row; i++, at++)
        images[at] = 128 + (values[from + i] ?? 0) + (stretch[hiss + at] ?? 0)
      for (let i = 0; i < right * channels; i++, at++)
        images[at] = 128 + (values[from + i] ?? 0) + (stretch[hiss + at] ?? 0)
    }
  }
  return { images: new Uint8Array(images.buffer), labels }
}

/** Makes images for measuring speed: the same for the same settings on every machine. */
export function makeSynthetic(source: Synthetic): RawImages {
  const shape = [source.size, source.size, source.channels] as const
  bytesFor('Synthetic images', source.images + source.testImages, [...shape])
  const patterns = Array.from({ length: source.classes }, (_, index) => pattern(source, index))
  const stretch = noiseStretch(source.size * source.size * source.channels)
  return {
    ...draw(source, 1, source.images, patterns, stretch),
    test: draw(source, 2, source.testImages, patterns, stretch),
    name: 'Synthetic',
    classes: patterns.map((_, index) => `pattern ${index}`),
    shape: [...shape],
    skipped: [],
  }
}
