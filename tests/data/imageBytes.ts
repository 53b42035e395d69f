import { load, newFolder, png, refusal, write } from './making'

/** Loads one image as the only one of its class, beside a class of a white PNG, and gives its pixels as it was read. */
export async function pixelsOf(name: string, bytes: Uint8Array, more: object = {}) {
  const white = png(1, 1, [255, 255, 255, 255])
  const dataset = await load({
    source: {
      type: 'folder',
      path: write(newFolder(), { [`train/a/${name}`]: bytes, 'train/b/0.png': white, 'test/b/0.png': white }),
      ...more,
    },
    validationFraction: 0,
  })
  const [height, width, channels] = dataset.info.shape
  const first = [...dataset.train.images.subarray(0, height * width * channels)]
  return {
    height,
    width,
    pixels: Array.from({ length: height * width }, (_, i) => first.slice(i * channels, (i + 1) * channels)),
    about: dataset.about,
  }
}

export async function refused(name: string, bytes: Uint8Array): Promise<string> {
  const white = png(1, 1, [255, 255, 255, 255])
  return await refusal({
    source: { type: 'folder', path: write(newFolder(), { [`a/${name}`]: bytes, 'a/0.png': white, 'b/0.png': white }) },
  })
}
