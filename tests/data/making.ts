import { createWriteStream, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { encode } from 'jpeg-js'
import { PNG } from 'pngjs'
import { pack, type Header } from 'tar-stream'
import { DataConfig } from '../../core/config/data'
import { type Dataset, type Loading, loadDataset } from '../../main/data/dataset'
import { atEndOfFile, removeFolder } from '../support/cleanup'

export const resources = resolve(__dirname, '../../resources')

/** A new empty folder, removed after the tests of the file. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'batchlab-data-'))
  atEndOfFile(() => removeFolder(folder))
  return folder
}

/** Writes files by their paths below a folder. */
export function write(folder: string, files: Readonly<Record<string, Uint8Array>>): string {
  for (const [name, bytes] of Object.entries(files)) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes)
  }
  return folder
}

export const load = async (config: unknown, loading: Partial<Loading> = {}): Promise<Dataset> =>
  await loadDataset(DataConfig.parse(config), { cacheFolder: newFolder(), resources, ...loading })

/** The sentence with which a load is refused. */
export async function refusal(config: unknown, loading: Partial<Loading> = {}): Promise<string> {
  try {
    await load(config, loading)
  } catch (error) {
    if (error instanceof Error && error.name === 'DataError') return error.message
    throw error
  }
  throw new Error('The data set was not refused')
}

export function idxImages(count: number, rows: number, columns: number, pixels: Uint8Array, magic = 2051): Buffer {
  const header = Buffer.alloc(16)
  ;[magic, count, rows, columns].forEach((value, i) => header.writeUInt32BE(value, 4 * i))
  return Buffer.concat([header, pixels])
}

export function idxLabels(labels: readonly number[], count = labels.length): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(2049, 0)
  header.writeUInt32BE(count, 4)
  return Buffer.concat([header, Buffer.from(labels)])
}

/** A CIFAR batch: of each record its label bytes, then planes filled by `pixel(record, channel, position)`. */
export function cifarBatch(
  labels: readonly (readonly number[])[],
  pixel: (record: number, channel: number, position: number) => number,
): Buffer {
  return Buffer.concat(
    labels.map((own, record) =>
      Buffer.concat([
        Buffer.from(own),
        ...[0, 1, 2].map((channel) =>
          Buffer.from(Uint8Array.from({ length: 1024 }, (_, position) => pixel(record, channel, position))),
        ),
      ]),
    ),
  )
}

/**
 * A PNG of one colour, or of given RGBA pixels; colour types as in PNG: 0 grey, 2 colour, 4 grey + alpha, 6 colour +
 * alpha.
 */
export function png(
  width: number,
  height: number,
  rgba: readonly number[] | Uint8Array,
  colorType: 0 | 2 | 4 | 6 = 2,
  bitDepth: 8 | 16 = 8,
): Buffer {
  const image = new PNG({ width, height })
  for (let i = 0; i < image.data.length; i++) image.data[i] = rgba[i % rgba.length] ?? 0
  return PNG.sync.write(bitDepth === 8 ? image : Object.assign(image, { data: wide(image.data) }), {
    colorType,
    bitDepth,
    inputColorType: 6,
  } as object)
}

/** 8-bit values as 16-bit samples in the order that pngjs takes them. */
function wide(data: Uint8Array): Buffer {
  const samples = Uint16Array.from(data, (value) => value * 257)
  return Buffer.from(samples.buffer)
}

export function jpeg(width: number, height: number, rgba: readonly number[], quality = 95): Buffer {
  const data = Uint8Array.from({ length: 4 * width * height }, (_, i) => rgba[i % rgba.length] ?? 0)
  return Buffer.from(encode({ width, height, data }, quality).data)
}

/** Two classes of coloured 4×4 PNGs: `count` of red and of blue, each a little different. */
export const redAndBlue = (count: number, prefix = ''): Record<string, Buffer> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      [`${prefix}blue/${i}.png`, png(4, 4, [0, i, 255, 255])],
      [`${prefix}red/${i}.png`, png(4, 4, [255, i, 0, 255])],
    ]).flat(),
  )

export async function tar(
  file: string,
  entries: readonly { readonly header: Partial<Header> & { name: string }; readonly bytes?: Uint8Array }[],
  gzip = true,
): Promise<string> {
  const archive = pack()
  for (const { header, bytes } of entries) archive.entry(header as Header, Buffer.from(bytes ?? []))
  archive.finalize()
  await (gzip ? pipeline(archive, createGzip(), createWriteStream(file)) : pipeline(archive, createWriteStream(file)))
  return file
}
