import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/*
 * What must come out, worked out without the product's own reducers, rules and readers: a training that nobody disturbs
 * is recorded once, and whatever is done to another one with the same settings, its numbers are those, update for
 * update.
 */

/** One line of a run's log, read by nothing but JSON.parse. */
export interface Line {
  readonly type: string
  readonly [field: string]: unknown
}

/** The lines of a log; a last line without its end was never finished. */
export function linesOf(folder: string): readonly Line[] {
  const path = join(folder, 'events.ndjson')
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line)
}

interface Points {
  readonly update: readonly number[]
  readonly loss: readonly number[]
  readonly learningRate: readonly number[]
}
interface Moment {
  readonly update: number
  readonly epoch: number
  readonly position: number
}
interface Scored {
  readonly loss: number
  readonly accuracy: number
  readonly images: number
}
interface EpochLine {
  readonly epoch: number
  readonly moment: Moment
  readonly train: Scored
  readonly validation: Scored
}

/** What a log says in the end, after each new start has taken back what came after the moment that it went on from. */
export interface Story {
  readonly loss: ReadonlyMap<number, number>
  readonly rate: ReadonlyMap<number, number>
  readonly epochs: ReadonlyMap<number, EpochLine>
  readonly tests: Readonly<Record<string, { readonly epoch: number; readonly test: Scored } | undefined>>
  /** The last word: paused, ended with a reason, interrupted, extended, or nothing yet. */
  readonly last: string
}

export function storyOf(lines: readonly Line[]): Story {
  const loss = new Map<number, number>()
  const rate = new Map<number, number>()
  const epochs = new Map<number, EpochLine>()
  const tests: Record<string, { epoch: number; test: Scored }> = {}
  let last = ''
  for (const line of lines) {
    if (line.type === 'started') {
      const { update } = line['moment'] as Moment
      for (const table of [loss, rate]) for (const key of table.keys()) if (key > update) table.delete(key)
      for (const [key, { moment }] of epochs) if (moment.update > update) epochs.delete(key)
      last = 'running'
    }
    if (line.type === 'advanced') {
      const points = line['points'] as Points
      points.update.forEach((update, i) => {
        loss.set(update, points.loss[i] ?? NaN)
        rate.set(update, points.learningRate[i] ?? NaN)
      })
    }
    if (line.type === 'epochEnded') {
      const epoch = line['epoch'] as EpochLine
      epochs.set(epoch.epoch, epoch)
    }
    if (line.type === 'tested')
      tests[String(line['checkpoint'])] = { epoch: line['epoch'] as number, test: line['test'] as Scored }
    if (line.type === 'extended') last = 'extended'
    if (line.type === 'ended') last = String(line['reason'])
    if (line.type === 'paused' || line.type === 'interrupted') last = line.type
  }
  return { loss, rate, epochs, tests, last }
}

/** A checkpoint file: the moment it holds and a digest of its tensors; throws where the file is not whole. */
export function checkpointAt(path: string): { readonly moment: Moment; readonly tensors: string } {
  const bytes = readFileSync(path)
  const length = Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString('utf8')) as Record<
    string,
    { data_offsets: [number, number] }
  > & { __metadata__: { batchlab: string } }
  const { moment } = JSON.parse(header.__metadata__.batchlab) as { moment: Moment }
  const hash = createHash('sha256')
  let end = 0
  for (const name of Object.keys(header)
    .filter((key) => key !== '__metadata__')
    .sort()) {
    const [from, to] = header[name]?.data_offsets ?? [0, 0]
    end = Math.max(end, to)
    hash.update(name).update(bytes.subarray(8 + length + from, 8 + length + to))
  }
  if (bytes.length !== 8 + length + end)
    throw new Error(`${path} has ${bytes.length} bytes, its header tells of ${8 + length + end}`)
  return { moment, tensors: hash.digest('hex') }
}

/** The files of a run's checkpoints by their names without ending; a file in the making is none. */
export const checkpointFiles = (folder: string): readonly string[] =>
  (existsSync(join(folder, 'checkpoints')) ? readdirSync(join(folder, 'checkpoints')) : [])
    .filter((name) => name.endsWith('.safetensors') && !name.startsWith('.'))
    .map((name) => name.replace(/\.safetensors$/, ''))

/**
 * A small set of IDX files that a tiny network learns part of: three classes of noisy bars. Made without the product's
 * random numbers.
 */
export function makeImages(folder: string, writeFile: (path: string, bytes: Buffer) => void): void {
  let state = 12345
  const random = (): number => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648
  for (const [prefix, count] of [
    ['train', 96],
    ['t10k', 36],
  ] as const) {
    const images = Buffer.alloc(16 + count * 36)
    const labels = Buffer.alloc(8 + count)
    for (const [at, value] of [2051, count, 6, 6].entries()) images.writeUInt32BE(value, 4 * at)
    for (const [at, value] of [2049, count].entries()) labels.writeUInt32BE(value, 4 * at)
    for (let i = 0; i < count; i++) {
      const label = i % 3
      labels[8 + i] = label
      for (let p = 0; p < 36; p++) {
        const bar = Math.floor(p / 12) === label ? 60 : 0
        images[16 + i * 36 + p] = Math.floor(bar + 180 * random())
      }
    }
    writeFile(join(folder, `${prefix}-images-idx3-ubyte`), images)
    writeFile(join(folder, `${prefix}-labels-idx1-ubyte`), labels)
  }
}
