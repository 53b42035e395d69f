import { createReadStream } from 'node:fs'
import { pipeline, Transform } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { isGzip } from './inflate'
import { DataRefused, reasonOf, sourcePath } from './refusal'

/** A file in an archive. `bytes` must be called, if at all, before the next entry is asked for. */
export interface ArchiveEntry {
  readonly name: string
  /** tar's word for what it is: 'file', 'directory', 'symlink', 'link' … */
  readonly type: string
  readonly size: number
  readonly bytes: () => Promise<Buffer>
}

/** What an archive may cost at most before it is taken for a bomb. */
export interface ArchiveLimits {
  readonly entries: number
  readonly bytes: number
  /** Inflated bytes per compressed byte, once there are more than 64 MiB. */
  readonly ratio: number
}
export const archiveLimits: ArchiveLimits = { entries: 1_000_000, bytes: 4 * 1024 ** 3, ratio: 200 }
const ratioMatters = 64 * 1024 ** 2

const unreadable = (file: string, error: unknown): DataRefused =>
  error instanceof DataRefused ? error : new DataRefused(sourcePath, `${file} cannot be read as an archive: ${reasonOf(error)}`)

/** Goes through a .tar or .tar.gz without unpacking it anywhere; names are never used as paths. */
export async function* archiveEntries(file: string, limits: ArchiveLimits): AsyncGenerator<ArchiveEntry> {
  const gzip = await isGzip(file)
  const source = createReadStream(file)
  const entries = extract()
  let inflated = 0
  const guard = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      inflated += chunk.length
      const tooMany = inflated > limits.bytes ? `at most ${limits.bytes} bytes`
        : inflated > ratioMatters && inflated > limits.ratio * source.bytesRead ? `at most ${limits.ratio} bytes for each compressed byte` : null
      if (tooMany === null) done(null, chunk)
      else done(new DataRefused(sourcePath, `${file} unpacks to too much: expected ${tooMany}, found ${inflated} bytes from ${source.bytesRead}`))
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
      count++
      if (count > limits.entries) throw new DataRefused(sourcePath, `${file}: expected at most ${limits.entries} entries, found more`)
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
    if (count === 0) throw new DataRefused(sourcePath, `${file}: expected a .tar or .tar.gz archive with files in it, found none`)
  } catch (error) {
    throw unreadable(file, error)
  } finally {
    for (const stage of stages) stage.destroy()
    entries.destroy()
  }
}
