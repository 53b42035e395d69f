import { statSync } from 'node:fs'
import { fromFdPromise, getFileNameLowLevel, type Entry, type ZipFile } from 'yauzl'
import { errorText } from '../../core/errorText'
import { openFileNow } from '../files/guard'
import { noFiles, ratioMatters, unreadable, type ArchiveEntry, type ArchiveLimits } from './archiveEntry'
import { BrokenImage } from './imageFile'
import { DataError, sourcePath } from './dataError'

// Type bits of a Unix mode, which many programs keep in the upper half of an entry's attributes.
const [typeBits, link] = [0o170000, 0o120000]

/**
 * Goes through a ZIP by its directory. Sizes are the directory's; the library stops unpacking an entry at the size that
 * was announced, and entries that share their bytes (as in ZIPs that unpack to more than any disk holds) are together
 * longer than the file, which is seen before anything is unpacked.
 */
export async function* zipEntries(file: string, limits: ArchiveLimits): AsyncGenerator<ArchiveEntry> {
  const { size: held } = statSync(file)
  const zip = await fromFdPromise(openFileNow(file), {
    autoClose: false,
    lazyEntries: true,
    decodeStrings: false,
  }).catch((error: unknown) => {
    throw unreadable(file, error)
  })
  try {
    if (zip.entryCount === 0) throw noFiles(file)
    if (zip.entryCount > limits.entries)
      throw new DataError(sourcePath, `${file}: expected at most ${limits.entries} entries, found ${zip.entryCount}`)
    let [packed, inflated] = [0, 0]
    for await (const entry of zip.eachEntry()) {
      packed += entry.compressedSize
      inflated += entry.uncompressedSize
      const tooMany =
        packed > held
          ? `at most the ${held} bytes of the file in all of its entries, found ${packed}`
          : inflated > limits.bytes
            ? `at most ${limits.bytes} bytes, found ${inflated}`
            : inflated > ratioMatters && inflated > limits.ratio * packed
              ? `at most ${limits.ratio} bytes for each compressed byte, found ${inflated} from ${packed}`
              : null
      if (tooMany !== null) throw new DataError(sourcePath, `${file} unpacks to too much: expected ${tooMany}`)
      yield entryOf(zip, entry)
    }
  } catch (error) {
    throw unreadable(file, error)
  } finally {
    zip.close()
  }
}

function entryOf(zip: ZipFile, entry: Entry): ArchiveEntry {
  const name = getFileNameLowLevel(
    entry.generalPurposeBitFlag,
    entry.fileName as unknown as Buffer,
    entry.extraFields,
    false,
  )
  const mode = entry.versionMadeBy >> 8 === 3 ? (entry.externalFileAttributes >>> 16) & typeBits : 0
  return {
    name,
    size: entry.uncompressedSize,
    type: name.endsWith('/') ? 'directory' : mode === link ? 'symlink' : 'file',
    bytes: async (most) => await bytesOf(zip, entry, most),
  }
}

async function bytesOf(zip: ZipFile, entry: Entry, most = Infinity): Promise<Buffer> {
  if (entry.isEncrypted()) throw new BrokenImage('is encrypted; unpack the archive with its password first')
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    throw new BrokenImage(
      `is compressed with method ${entry.compressionMethod}, expected 0 (stored) or 8 (deflated); ` +
        'pack the archive anew',
    )
  }
  const chunks: Buffer[] = []
  let found = 0
  try {
    const stream = await zip.openReadStreamPromise(entry)
    // Leaving the loop early destroys the stream.
    for await (const chunk of stream) {
      chunks.push(chunk as Buffer)
      found += (chunk as Buffer).length
      if (found >= most) break
    }
  } catch (error) {
    throw new BrokenImage(`cannot be unpacked (${errorText(error)})`)
  }
  return Buffer.concat(chunks)
}
