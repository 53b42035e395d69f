import { basename, dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { PublishedFile } from '../../content/publishedData'
import { sweepUnfinished } from '../files/durableWrite'
import { fileError } from '../files/fileError'
import { diskFs, makeDurableFolder, type FileSystem } from '../files/fs'
import { acquireLock } from '../files/lock'
import { checksumsOf, differenceFrom } from './checksums'
import { openPart, type PartFile } from './partFile'
import { AddressFailed, addressOf, askFor, bodyBytes, ConnectionBroke, networkError, validatorOf } from './webRequest'

/**
 * A file that was not fetched. `refused`: what was asked for cannot be; `failed`: no address served it; `stopped`:
 * somebody asked to stop, and the part is kept.
 */
export class DownloadError extends Error {
  override readonly name = 'DownloadError'

  constructor(
    readonly kind: 'refused' | 'failed' | 'stopped',
    message: string,
  ) {
    super(message)
  }
}

export interface DownloadOptions {
  readonly signal?: AbortSignal
  /** Bytes that are here. */
  readonly onProgress?: (bytes: number) => void
  /** Something that a person may want to know: a connection that broke, an address that is given up. */
  readonly onNote?: (sentence: string) => void
  /** How long nothing may come before a connection counts as broken. */
  readonly stallMs?: number
  /**
   * How long to wait before each further try of one address that brings nothing new; an address is given up after the
   * last.
   */
  readonly waitsMs?: readonly number[]
  readonly fs?: FileSystem
}
type Settled = DownloadOptions & Required<Pick<DownloadOptions, 'stallMs' | 'waitsMs' | 'fs'>>

export interface Downloaded {
  readonly path: string
  /** The address it came from; null where it was here already. */
  readonly from: string | null
}

const stopIfAsked = ({ signal }: DownloadOptions): void => {
  if (signal?.aborted === true)
    throw new DownloadError(
      'stopped',
      'The download was stopped; what is here is kept, and the next one goes on from it',
    )
}

/** Whether the file is here; one of that name with other contents is neither used nor replaced. */
async function isPresent(target: string, file: PublishedFile): Promise<boolean> {
  const found = await checksumsOf(target)
  if (found === null) return false
  const difference = differenceFrom(file, found)
  if (difference !== '')
    throw new DownloadError(
      'refused',
      `${target} is not the published file: ${difference}. Move it away, or name another folder`,
    )
  return true
}

/**
 * Whether something of its download lies beside a file: who fetched it was killed after it had its name, or is about to
 * end.
 */
const hasBelongings = async (target: string, fs: FileSystem): Promise<boolean> =>
  (await fs.list(dirname(target))).some(
    (name) => name.startsWith(`${basename(target)}.part`) || name.startsWith(`.${basename(target)}.part`),
  )

/**
 * Fetches one published file into a folder, from the first of the addresses that serves it. It grows as NAME.part,
 * which a later call goes on with, and has its name only once its checksums are the published ones.
 */
export async function downloadFile(
  file: PublishedFile,
  folder: string,
  bases: readonly string[],
  options: DownloadOptions = {},
): Promise<Downloaded> {
  const settled: Settled = { stallMs: 30_000, waitsMs: [1000, 2000, 4000, 8000, 16_000], fs: diskFs, ...options }
  const addresses = bases.map((base) => checkedAddress(base, file.name))
  const target = join(folder, file.name)
  if ((await isPresent(target, file)) && !(await hasBelongings(target, settled.fs))) return { path: target, from: null }
  await makeDurableFolder(settled.fs, folder).catch((error: unknown) => {
    throw fileError('make the folder', folder, error)
  })
  const lock = await acquireLock(`${target}.part.lock`)
  if (lock.type === 'busy') throw new DownloadError('refused', `${file.name}: ${lock.message}`)
  try {
    await sweepUnfinished(folder, settled.fs).catch(() => undefined)
    // Whoever held the lock before may just have finished it.
    const isHere = await isPresent(target, file)
    const part = await openPart(`${target}.part`, settled.fs)
    try {
      if (isHere) {
        await part.remove()
        return { path: target, from: null }
      }
      settled.onProgress?.(part.length())
      const from = await fromFirst(addresses, file, part, settled)
      await part.rename(target)
      return { path: target, from }
    } finally {
      await part.close()
    }
  } finally {
    await lock.release()
  }
}

function checkedAddress(base: string, name: string): string {
  try {
    return addressOf(base, name)
  } catch (error) {
    throw error instanceof AddressFailed ? new DownloadError('refused', error.message) : error
  }
}

async function fromFirst(
  addresses: readonly string[],
  file: PublishedFile,
  part: PartFile,
  options: Settled,
): Promise<string> {
  const failures: string[] = []
  for (const [index, address] of addresses.entries()) {
    try {
      await fromAddress(address, file, part, options)
      return address
    } catch (error) {
      if (!(error instanceof AddressFailed)) throw error
      failures.push(error.message)
      if (index + 1 < addresses.length) options.onNote?.(`${error.message}; trying the next address`)
    }
  }
  // An empty part is of no use to anybody.
  if (part.length() === 0) await part.remove()
  throw new DownloadError('failed', `${file.name} could not be fetched. ${failures.join('. ')}`)
}

/**
 * Leaves the part whole and checked. Bytes that a part held before may have come from elsewhere: if they were wrong,
 * the address gets a second chance.
 */
async function fromAddress(address: string, file: PublishedFile, part: PartFile, options: Settled): Promise<void> {
  for (;;) {
    const isOwn = part.length() === 0
    if (part.length() > file.bytes) await part.empty()
    const restarted = part.length() < file.bytes ? await fill(address, file, part, options) : false
    await part.sync()
    options.onProgress?.(part.length())
    const difference = differenceFrom(file, (await checksumsOf(part.path)) ?? { bytes: 0, md5: 'none', sha256: 'none' })
    if (difference === '') return
    await part.empty()
    const where =
      isOwn || restarted
        ? `${address} does not serve the published file`
        : `${basename(part.path)} continued from ${address} is not the published file`
    if (isOwn || restarted) throw new AddressFailed(`${where}: ${difference}`)
    options.onNote?.(`${where}; beginning anew`)
  }
}

/**
 * Tries until the part has its full length, as long as each few tries bring something new; returns whether it began
 * anew.
 */
async function fill(address: string, file: PublishedFile, part: PartFile, options: Settled): Promise<boolean> {
  const { waitsMs, signal, onNote } = options
  let restarted = false
  let furthest = part.length()
  let answered = false
  for (let fruitless = 0; ;) {
    stopIfAsked(options)
    try {
      await receive(address, file, part, options, {
        answered: () => {
          answered = true
        },
        restarted: () => {
          restarted = true
        },
      })
      return restarted
    } catch (error) {
      stopIfAsked(options)
      if (!(error instanceof ConnectionBroke)) throw error
      fruitless = part.length() > furthest ? 1 : fruitless + 1
      furthest = Math.max(furthest, part.length())
      const delay = waitsMs[fruitless - 1]
      const sentence = `${error.message} after ${part.length()} of ${file.bytes} bytes`
      // A host that was never there is no reason to wait: the next address may be.
      if (delay === undefined || (error.offline && !answered))
        throw new AddressFailed(error.offline && !answered ? error.message : sentence)
      onNote?.(`${sentence}; trying again in ${delay / 1000} s`)
      await wait(delay, undefined, { ref: true, ...(signal === undefined ? {} : { signal }) }).catch(() => undefined)
    }
  }
}

interface Heard {
  readonly answered: () => void
  readonly restarted: () => void
}

/** One request: appends what comes. Settles when the part has its full length. */
async function receive(
  address: string,
  file: PublishedFile,
  part: PartFile,
  { stallMs, signal, onProgress }: Settled,
  heard: Heard,
): Promise<void> {
  const from = part.length()
  const validator = from > 0 ? await part.validatorFor(address) : null
  const response = await askFor(address, { from, validator, stallMs, signal }).catch((error: unknown) => {
    throw networkError(address, error)
  })
  try {
    heard.answered()
    if (
      response.statusCode === 416 ||
      (response.statusCode === 206 && startOf(response.headers['content-range']) !== from)
    ) {
      await part.empty()
      if (from === 0) throw new AddressFailed(`${address} answers with a range that was not asked for`)
      heard.restarted()
      throw new ConnectionBroke(`${address} cannot go on from byte ${from}`)
    }
    const announced =
      Number(response.headers['content-length'] ?? Number.NaN) + (response.statusCode === 206 ? from : 0)
    if (!Number.isNaN(announced) && announced !== file.bytes)
      throw new AddressFailed(`${address}: expected a file of ${file.bytes} bytes, found one of ${announced}`)
    if (response.statusCode === 200 && from > 0) {
      await part.empty()
      heard.restarted()
    }
    const chunks = bodyBytes(response)
    await part.remember({ address, validator: validatorOf(response) })
    for await (const chunk of networkChunks(chunks, address)) {
      if (part.length() + chunk.length > file.bytes) {
        await part.empty()
        throw new AddressFailed(`${address}: expected a file of ${file.bytes} bytes, found more`)
      }
      await part.append(chunk)
      onProgress?.(part.length())
    }
    if (part.length() < file.bytes) throw new ConnectionBroke(`${address} ended`)
  } finally {
    response.destroy()
  }
}

// Errors of the network get their name here, so that those of the disk keep theirs.
async function* networkChunks(source: AsyncIterable<Buffer>, address: string): AsyncGenerator<Buffer> {
  try {
    yield* source
  } catch (error) {
    throw networkError(address, error)
  }
}

const startOf = (range: string | undefined): number => Number(/^bytes (\d+)-/.exec(range ?? '')?.[1] ?? Number.NaN)
