import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A checksum over a folder of built code, so that what one build has found out is not believed by another. */
export async function programDigest(folder: string): Promise<string> {
  const files = (
    await Promise.all(
      [folder, join(folder, 'chunks')].map(async (inner) =>
        (await readdir(inner))
          .filter((name) => name.endsWith('.js'))
          .sort()
          .map((name) => join(inner, name)),
      ),
    )
  ).flat()
  const hash = createHash('sha256')
  for (const bytes of await Promise.all(files.map((file) => readFile(file))))
    hash.update(`${String(bytes.byteLength)}\n`).update(bytes)
  return hash.digest('hex')
}
