import { join } from 'node:path'
import { readIdxImages, readIdxLabels } from './idx'
import type { RawImages } from './rawImages'

/** Reads the built-in digits; their values 0…16 become bytes round(255·v/16). See resources/digits/README.md. */
export async function readDigits(resources: string): Promise<RawImages> {
  const images = await readIdxImages(join(resources, 'digits', 'images-idx3-ubyte.gz'))
  const labels = await readIdxLabels(join(resources, 'digits', 'labels-idx1-ubyte.gz'))
  return {
    name: 'Handwritten digits',
    classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    shape: [images.rows, images.columns, 1],
    images: Uint8Array.from(images.pixels, (value) => Math.round((255 * value) / 16)),
    labels: Uint16Array.from(labels),
    testFraction: 1 / 5,
    skipped: [],
  }
}
