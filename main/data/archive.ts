import { closeSync, readSync } from 'node:fs'
import { pipeline, Transform } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { openFileNow, streamOf } from '../files/guard'
import { noFiles, ratioMatters, unreadable, type ArchiveEntry, type ArchiveLimits } from './archiveEntry'
import { DataError, sourcePath } from './dataError'
import { zipEntries } from './zip'

/** What kind of archive a file is by its first bytes, and how those that are not read can be made into one that is. */
const kinds: readonly { readonly start: string; readonly name: string; readonly unpackWith?: string }[] = [
  { start: 'PK\x03\x04', name: 'zip' },
  { start: 'PK\x05\x06', name: 'zip' },
  { start: 'PK\x07\x08', name: 'zip' },
  { start: '\x1f\x8b', name: 'gzip' },
  { start: 'BZh', name: 'bzip2', unpackWith: 'bunzip2' },
  { start: '\xfd7zXZ\0', name: 'xz', unpackWith: 'unxz' },
  { start: '\x28\xb5\x2f\xfd', name: 'Zstandard', unpackWith: 'unzstd' },
  { start: '\x04\x22\x4d\x18', name: 'LZ4', unpackWith: 'unlz4' },
  { start: '7z\xbc\xaf\x27\x1c', name: '7-Zip', unpackWith: '7z x' },
  { start: 'Rar!\x1a\x07', name: 'RAR', unpackWith: 'unrar x' },
]

function kindOf(file: string): (typeof kinds)[number] | null {
  const handle = openFileNow(file)
  try {
    const start = Buffer.alloc(8)
    const length = readSync(handle, start, 0, start.length, 0)
    return kinds.find((kind) => start.toString('latin1', 0, length).startsWith(kind.start)) ?? null
  } finally {
    closeSync(handle)
  }
}

/** Goes through a .tar, .tar.gz or .zip without unpacking it anywhere; names are never used as paths. */
export function archiveEntries(file: string, limits: ArchiveLimits): AsyncGenerator<ArchiveEntry> {
  const kind = kindOf(file)
  if (kind?.unpackWith !== undefined) {
    throw new DataError(
      sourcePath,
      `${file} is compressed with ${kind.name}, expected a folder, .zip, .tar or .tar.gz. Unpack it with ` +
        `“${kind.unpackWith}” first and choose what comes out`,
    )
  }
  return kind?.name === 'zip' ? zipEntries(file, limits) : tarEntries(file, kind?.name === 'gzip', limits)
}

async function* tarEntries(file: string, gzip: boolean, limits: ArchiveLimits): AsyncGenerator<ArchiveEntry> {
  const source = streamOf(file)
  const entries = extract()
  let inflated = 0
  const guard = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      inflated += chunk.length
      const tooMany =
        inflated > limits.bytes
          ? `at most ${limits.bytes} bytes`
          : inflated > ratioMatters && inflated > limits.ratio * source.bytesRead
            ? `at most ${limits.ratio} bytes for each compressed byte`
            : null
      if (tooMany === null) done(null, chunk)
      else
        done(
          new DataError(
            sourcePath,
            `${file} unpacks to too much: expected ${tooMany}, found ${inflated} bytes from ${source.bytesRead}`,
          ),
        )
    },
  })
  const stages = gzip ? [source, createGunzip(), guard] : [source, guard]
  pipeline(stages, (error) => {
    if (error) entries.destroy(error)
  })
  guard.pipe(entries)
  let count = 0
  try {
    for await (const entry of entries) {
      if (++count > limits.entries)
        throw new DataError(sourcePath, `${file}: expected at most ${limits.entries} entries, found more`)
      const { name, type, size = 0 } = entry.header
      const bytes = async (): Promise<Buffer> => {
        const chunks: Buffer[] = []
        try {
          for await (const chunk of entry) chunks.push(chunk as Buffer)
        } catch (error) {
          throw unreadable(file, error)
        }
        return Buffer.concat(chunks)
      }
      yield { name, type: type ?? 'file', size, bytes }
      entry.resume()
    }
    if (count === 0) throw noFiles(file)
  } catch (error) {
    throw unreadable(file, error)
  } finally {
    for (const stage of stages) stage.destroy()
    entries.destroy()
  }
}
