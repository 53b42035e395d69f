import { describe, expect, it } from 'vitest'
import { drawAugmentation, noDraw } from '../../core/augmentationDraws'
import { DataConfig } from '../../core/config/data'
import { batchFiller } from '../../main/data/batches'
import type { DatasetInfo } from '../../core/datasetInfo'

// A 4×5 image with two channels, so that no two axes can be mixed up unseen: channel 0 numbers the pixels, channel 1 is
// 200 less that.
const [height, width, channels] = [4, 5, 3] as const
const pixel = (y: number, x: number, channel: number): number =>
  channel === 0 ? 10 * y + x + 1 : channel === 1 ? 200 - 10 * y - x : 77
const image = Uint8Array.from({ length: height * width * channels }, (_, i) =>
  pixel(Math.floor(i / (width * channels)), Math.floor(i / channels) % width, i % channels),
)
const copies = 40
const split = {
  images: Uint8Array.from({ length: copies * image.length }, (_, i) => image[i % image.length]!),
  labels: Uint16Array.from({ length: copies }, (_, i) => i),
}
const info: DatasetInfo = {
  name: 'test',
  classes: [],
  shape: [height, width, channels],
  counts: { train: copies, validation: 0, test: 0 },
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
  fingerprint: '',
}
const configOf = (augmentation: object, normalisation = 'none'): DataConfig =>
  DataConfig.parse({ normalisation, augmentation })
const filled = (config: DataConfig, indices: readonly number[], epoch: number | null, seed = 3): Float32Array => {
  const out = { images: new Float32Array(indices.length * image.length), labels: new Int32Array(indices.length) }
  batchFiller(config, info)(split, indices, epoch, seed, out)
  expect([...out.labels]).toEqual(indices)
  return out.images
}
const bytes = (values: Float32Array): number[] => Array.from(values, (value) => Math.round(value * 255))
const drawOf = (config: DataConfig, epoch: number, index: number, seed = 3) =>
  drawAugmentation(config.augmentation, info.shape, seed, epoch, index, noDraw(config.augmentation.pad))
const everyIndex = Array.from({ length: copies }, (_, i) => i)

/** What crop and flip are by definition, pixel by pixel. */
function expectedImage(
  config: DataConfig,
  epoch: number,
  index: number,
  outside: (y: number, x: number, channel: number) => number,
): number[] {
  const { top, left, flip } = drawOf(config, epoch, index)
  const { pad } = config.augmentation
  const out: number[] = []
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++) {
        const sy = y + top - pad
        const sx = (flip ? width - 1 - x : x) + left - pad
        out.push(sy >= 0 && sy < height && sx >= 0 && sx < width ? pixel(sy, sx, channel) : outside(sy, sx, channel))
      }
    }
  }
  return out
}

describe('filling a batch', () => {
  it('normalises each channel by its own mean and deviation', () => {
    const grey = { images: Uint8Array.of(0, 0, 0, 128, 128, 128, 255, 255, 255), labels: Uint16Array.of(0, 1, 2) }
    const out = { images: new Float32Array(9), labels: new Int32Array(3) }
    batchFiller(configOf({}, 'perChannel'), { ...info, shape: [1, 1, 3] })(grey, [0, 1, 2], null, 0, out)
    const expected = [-1.98947, -1.98029, -1.7068, 0.0427562, 0.0811718, 0.2119786, 2.05911, 2.12649, 2.11583]
    expected.forEach((value, i) => expect(out.images[i]).toBeCloseTo(value, 4))
  })

  it.each<[string, number, number, readonly number[]]>([
    ['CIFAR-10 by the deviation of pixels', 0.4914, 0.247, [-1.98947, 0.0427562, 2.05911]],
    ['CIFAR-10 by the mean deviation of images', 0.4914, 0.2023, [-2.42907, 0.0522036, 2.51409]],
    ['MNIST', 0.1307, 0.3081, [-0.4242129, 1.2050009, 2.8214865]],
    ['Fashion-MNIST', 0.286, 0.353, [-0.8101983, 0.6117869, 2.0226629]],
  ])('normalises bytes 0, 128 and 255 of %s', (_, mean, std, expected) => {
    const out = { images: new Float32Array(3), labels: new Int32Array(3) }
    const fill = batchFiller(configOf({}, 'perChannel'), { ...info, shape: [1, 1, 1], mean: [mean], std: [std] })
    fill({ images: Uint8Array.of(0, 128, 255), labels: Uint16Array.of(0, 1, 2) }, [0, 1, 2], null, 0, out)
    // The published values of CIFAR-10 have six digits, the others seven.
    expected.forEach((value, i) =>
      expect(Math.abs(out.images[i]! / value - 1)).toBeLessThan(mean === 0.4914 ? 3e-6 : 1e-6),
    )
  })

  it('only centres a channel that is the same everywhere', () => {
    const out = { images: new Float32Array(image.length), labels: new Int32Array(1) }
    batchFiller(configOf({}, 'perChannel'), { ...info, mean: [0, 0, 77 / 255], std: [1, 1, 0] })(
      split,
      [0],
      null,
      0,
      out,
    )
    expect(out.images.every(Number.isFinite)).toBe(true)
    expect(out.images[2]).toBeCloseTo(0, 6)
  })

  it('leaves the images alone without an epoch, whatever the augmentation', () => {
    const config = configOf({ pad: 2, flip: true, rotation: 15, cutout: 2 })
    expect(bytes(filled(config, [4], null))).toEqual([...image])
  })

  it('crops and flips as drawn: zeros outside', () => {
    const config = configOf({ pad: 2, flip: true })
    const values = bytes(filled(config, everyIndex, 1))
    everyIndex.forEach((index) =>
      expect(values.slice(index * image.length, (index + 1) * image.length)).toEqual(
        expectedImage(config, 1, index, () => 0),
      ),
    )
  })

  it('mirrors outside where asked', () => {
    const config = configOf({ pad: 2, flip: true, padding: 'reflect' })
    const mirror = (position: number, size: number): number =>
      position < 0 ? -position : position >= size ? 2 * size - 2 - position : position
    const values = bytes(filled(config, everyIndex, 1))
    everyIndex.forEach((index) =>
      expect(values.slice(index * image.length, (index + 1) * image.length)).toEqual(
        expectedImage(config, 1, index, (y, x, channel) => pixel(mirror(y, height), mirror(x, width), channel)),
      ),
    )
  })

  it('pads with black before normalising and with the mean after', () => {
    const cornerOf = (padding: string): number => {
      const config = configOf({ pad: 2, padding }, 'perChannel')
      const index = everyIndex.find((i) => drawOf(config, 0, i).top === 0) ?? -1
      return filled(config, [index], 0)[0]!
    }
    expect(cornerOf('zeroBefore')).toBeCloseTo(-1.98947, 4)
    expect(cornerOf('zeroAfter')).toBe(0)
  })

  it('flips twice to what it was', () => {
    const config = configOf({ flip: true })
    const index = everyIndex.find((i) => drawOf(config, 0, i).flip) ?? -1
    const once = Uint8Array.from(bytes(filled(config, [index], 0)))
    expect([...once]).not.toEqual([...image])
    const again = { images: new Float32Array(image.length), labels: new Int32Array(1) }
    const twice = { images: new Uint8Array(copies * image.length), labels: split.labels }
    twice.images.set(once, index * image.length)
    batchFiller(config, info)(twice, [index], 0, 3, again)
    expect(bytes(again.images)).toEqual([...image])
  })

  it('cuts out an 8×8 corner where the centre of a 16×16 square is the first pixel', () => {
    const square: DatasetInfo = { ...info, shape: [32, 32, 1], mean: [0.5], std: [0.25] }
    const white = { images: new Uint8Array(1024).fill(255), labels: new Uint16Array(1) }
    const config = configOf({ cutout: 16 }, 'perChannel')
    const erased = (row: number, column: number): { zeros: number; first: number } => {
      const epoch =
        Array.from({ length: 20_000 }, (_, i) => i).find((i) => {
          const draw = drawAugmentation(config.augmentation, square.shape, 0, i, 0, noDraw(0))
          return draw.cutoutRow === row && draw.cutoutColumn === column
        }) ?? null
      expect(epoch).not.toBeNull()
      const out = { images: new Float32Array(1024), labels: new Int32Array(1) }
      batchFiller(config, square)(white, [0], epoch, 0, out)
      return { zeros: out.images.filter((value) => value === 0).length, first: out.images[7 * 32 + 7]! }
    }
    expect(erased(0, 0)).toEqual({ zeros: 64, first: 0 })
    expect(erased(16, 16)).toEqual({ zeros: 256, first: 2 })
  })

  it('does not change an image turned by 0°', () => {
    const config = configOf({ rotation: 1e-12, pad: 2 })
    const plain = configOf({ pad: 2 })
    const [turned, cropped] = [filled(config, everyIndex, 2), filled(plain, everyIndex, 2)]
    turned.forEach((value, i) => expect(Math.abs(value - cropped[i]!)).toBeLessThan(1e-5))
  })

  it('turns counter-clockwise about the centre, with bilinear values and zeros from outside', () => {
    const size = 9
    const square: DatasetInfo = { ...info, shape: [size, size, 1], mean: [0], std: [1] }
    const ramp = {
      images: Uint8Array.from({ length: 500 * 81 }, (_, i) => 20 + 10 * (Math.floor(i / size) % size) + 5 * (i % size)),
      labels: new Uint16Array(500),
    }
    const config = configOf({ rotation: 30 })
    for (const index of [0, 1, 2, 3]) {
      const { angle } = drawAugmentation(config.augmentation, square.shape, 7, 0, index, noDraw(0))
      const out = { images: new Float32Array(81), labels: new Int32Array(1) }
      batchFiller(config, square)(ramp, [index], 0, 7, out)
      // A ramp stays a ramp under rotation, and bilinear sampling of a ramp is exact wherever all four neighbours lie
      // inside.
      for (let y = 2; y < 7; y++) {
        for (let x = 2; x < 7; x++) {
          const [dx, dy] = [x - 4, y - 4]
          const sx = 4 + dx * Math.cos(angle) - dy * Math.sin(angle)
          const sy = 4 + dx * Math.sin(angle) + dy * Math.cos(angle)
          expect(out.images[y * size + x]! * 255).toBeCloseTo(20 + 10 * sy + 5 * sx, 3)
        }
      }
      expect(Math.abs(angle)).toBeGreaterThan(0.01)
      expect(out.images[0]! * 255).toBeLessThan(20)
    }
  })

  it('moves three channels as it moves each alone', () => {
    const config = configOf({ pad: 1, flip: true, rotation: 40, cutout: 1, padding: 'zeroBefore' }, 'perChannel')
    for (const index of everyIndex.slice(0, 10)) {
      const together = filled(config, [index], 2)
      for (const channel of [0, 1, 2]) {
        const alone = { images: split.images.filter((_, i) => i % channels === channel), labels: split.labels }
        const out = { images: new Float32Array(height * width), labels: new Int32Array(1) }
        batchFiller(config, {
          ...info,
          shape: [height, width, 1],
          mean: [info.mean[channel]!],
          std: [info.std[channel]!],
        })(alone, [index], 2, 3, out)
        out.images.forEach((value, i) => {
          expect(together[i * channels + channel]).toBeCloseTo(value, 5)
        })
      }
    }
  })

  it('does the same in one batch or many, and refuses an image that is not there', () => {
    const config = configOf({ pad: 2, flip: true, rotation: 15, cutout: 3 }, 'perChannel')
    const together = filled(config, [5, 6, 7], 4)
    const alone = [5, 6, 7].flatMap((index) => [...filled(config, [index], 4)])
    expect([...together]).toEqual(alone)
    expect(() => filled(config, [copies], 0)).toThrow(`Image ${copies} was asked for, the split has ${copies}`)
    const small = { images: new Float32Array(3), labels: new Int32Array(1) }
    expect(() => batchFiller(config, info)(split, [0], null, 0, small)).toThrow('its buffer has 3')
  })
})
