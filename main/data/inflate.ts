import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { errorText } from '../../core/errorText'
import { diskFs, readFully } from '../files/fs'
import { streamOf } from '../files/guard'
import { DataError, sourcePath } from './dataError'

// The most that one byte of a deflate stream can stand for (RFC 1951: 258 bytes from 2 bits).
const deflateRatio = 1032

/** Whether a file is compressed with gzip, by its first bytes. */
async function isGzip(file: string): Promise<boolean> {
  const handle = await diskFs.open(file, 'r')
  try {
    const start = Buffer.alloc(2)
    return (await readFully(handle, start, 0)) === 2 && start.readUInt16BE(0) === 0x1f8b
  } finally {
    await handle.close()
  }
}

/**
 * Reads a file, compressed or not, whose first `headBytes` bytes say how long it is. The length is held against the
 * file's size before anything is allocated, and reading stops at the first byte too many, so neither a lying header nor
 * a bomb costs memory.
 */
export async function readWithHeader(
  file: string,
  headBytes: number,
  lengthFrom: (head: Buffer) => number,
): Promise<Buffer> {
  const { bytes: size } = await diskFs.stat(file)
  const compressed = await isGzip(file)
  const chunks: Buffer[] = []
  let found = 0
  let expected: number | undefined
  // Kept here, because a pipeline whose consumer throws reports that it was aborted.
  let refused: unknown
  const checked = (length: number): number => {
    if (compressed ? length > size * deflateRatio : length !== size) {
      throw new DataError(
        sourcePath,
        `${file}: its header announces ${length} bytes, found ` +
          `${compressed ? `only ${size} compressed bytes, which cannot hold them` : `${size}`}`,
      )
    }
    return length
  }
  const collect = async (source: AsyncIterable<Buffer>): Promise<void> => {
    try {
      for await (const chunk of source) {
        chunks.push(chunk)
        found += chunk.length
        if (expected === undefined && found >= headBytes)
          expected = checked(lengthFrom(Buffer.concat(chunks).subarray(0, headBytes)))
        if (expected !== undefined && found > expected)
          throw new DataError(sourcePath, `${file}: its header announces ${expected} bytes, found more`)
      }
    } catch (error) {
      refused ??= error
      throw error
    }
  }
  try {
    await (compressed ? pipeline(streamOf(file), createGunzip(), collect) : pipeline(streamOf(file), collect))
  } catch (error) {
    if (refused instanceof DataError) throw refused
    throw new DataError(
      sourcePath,
      `${file} cannot be read: ${errorText(error)} after ${found} ` +
        `bytes${expected === undefined ? '' : `, expected ${expected}`}`,
    )
  }
  if (expected === undefined)
    throw new DataError(sourcePath, `${file}: expected a header of ${headBytes} bytes, found ${found} bytes`)
  if (found < expected)
    throw new DataError(sourcePath, `${file}: its header announces ${expected} bytes, found ${found}`)
  return Buffer.concat(chunks, found)
}
