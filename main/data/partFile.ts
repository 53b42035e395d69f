import { dirname } from 'node:path'
import { durableWrite } from '../files/durableWrite'
import { fileError } from '../files/fileError'
import { errorCode, writeFully, type FileSystem, type OpenFile } from '../files/fs'

interface Origin {
  readonly address: string
  readonly validator: string | null
}

/**
 * A file on its way: NAME.part, and beside it where its bytes came from. It outlives this process, so that a later one
 * goes on.
 */
export interface PartFile {
  readonly path: string
  readonly length: () => number
  /** The validator of the answer that the bytes came from, if they came from this address. */
  readonly validatorFor: (address: string) => Promise<string | null>
  readonly remember: (origin: Origin) => Promise<void>
  readonly append: (bytes: Uint8Array) => Promise<void>
  /** Forgets all bytes. */
  readonly empty: () => Promise<void>
  readonly sync: () => Promise<void>
  readonly close: () => Promise<void>
  /** Removes it, closed or not. */
  readonly remove: () => Promise<void>
  /** Gives it its name, for good. */
  readonly rename: (target: string) => Promise<void>
}

async function openOrMake(fs: FileSystem, path: string): Promise<OpenFile> {
  try {
    return await fs.open(path, 'r+')
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    return await fs.open(path, 'wx')
  }
}

/** Opens the part of a file, or begins one. */
export async function openPart(path: string, fs: FileSystem): Promise<PartFile> {
  const originPath = `${path}.json`
  const saving = async <T>(work: () => Promise<T>): Promise<T> =>
    await work().catch((error: unknown) => {
      throw fileError('save', path, error)
    })
  const gone = async (one: string): Promise<void> =>
    await fs.unlink(one).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw fileError('remove', one, error)
    })
  const file = await saving(() => openOrMake(fs, path))
  let length = (await saving(() => file.stat())).bytes
  let isOpen = true
  const close = async (): Promise<void> => {
    if (!isOpen) return
    isOpen = false
    await file.close()
  }
  return {
    path,
    close,
    length: () => length,
    validatorFor: async (address) => {
      try {
        const origin = JSON.parse(new TextDecoder().decode(await fs.readFile(originPath))) as unknown
        return typeof origin === 'object' &&
          origin !== null &&
          'address' in origin &&
          'validator' in origin &&
          origin.address === address &&
          typeof origin.validator === 'string'
          ? origin.validator
          : null
      } catch {
        // Without it the range is asked for all the same: the checksum has the last word.
        return null
      }
    },
    remember: (origin) => durableWrite(originPath, new TextEncoder().encode(`${JSON.stringify(origin)}\n`), { fs }),
    append: (bytes) =>
      saving(async () => {
        await writeFully(file, bytes, length)
        length += bytes.byteLength
      }),
    empty: () =>
      saving(async () => {
        await file.truncate(0)
        length = 0
      }),
    sync: () => saving(() => file.sync()),
    remove: async () => {
      await close()
      await gone(path)
      await gone(originPath)
    },
    rename: async (target) => {
      await close()
      await saving(() => fs.rename(path, target))
      await gone(originPath)
      await saving(() => fs.syncFolder(dirname(target)))
    },
  }
}
