import { createHash } from 'node:crypto'
import type { PublishedFile } from '../../content/publishedData'
import { fileError } from '../files/fileError'
import { errorCode } from '../files/fs'
import { streamOf } from '../files/guard'

/** What tells a file from any other. */
export type Checksums = Omit<PublishedFile, 'name'>

/** Reads a file once and says what it is; null where there is none. */
export async function checksumsOf(path: string): Promise<Checksums | null> {
  const [md5, sha256] = [createHash('md5'), createHash('sha256')]
  let bytes = 0
  try {
    for await (const chunk of streamOf(path, 1024 ** 2)) {
      const piece = chunk as Buffer
      md5.update(piece)
      sha256.update(piece)
      bytes += piece.length
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw fileError('read', path, error)
  }
  return { bytes, md5: md5.digest('hex'), sha256: sha256.digest('hex') }
}

/** In what a file differs from the published one, as half a sentence; an empty text where it is that one. */
export function differenceFrom({ bytes, md5, sha256 }: Checksums, found: Checksums): string {
  if (found.md5 !== md5) return `expected md5 ${md5} (${bytes} bytes), found ${found.md5} (${found.bytes} bytes)`
  return found.sha256 === sha256 && found.bytes === bytes ? '' : `expected sha256 ${sha256}, found ${found.sha256}`
}
