import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isRunning } from './durableWrite'

// Containers may share a temporary folder and not their process ids: what looks like a dead process's may still be in
// use for a while.
const keptMs = 24 * 3600_000

/**
 * Makes a folder in the system's temporary one, for whoever removes it in the end. A killed process removes nothing:
 * what such a process left of the same kind, a day ago or more, goes first.
 */
export function temporaryFolder(kind: string): string {
  const prefix = `batchlab-${kind}-`
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(prefix)
      ? Number(/^(\d+)-\w+$/.exec(name.slice(prefix.length))?.[1] ?? 'none')
      : Number.NaN
    if (!Number.isInteger(pid) || pid === process.pid || isRunning(pid)) continue
    try {
      const folder = join(tmpdir(), name)
      const { uid, mtimeMs } = lstatSync(folder)
      if (uid === (process.getuid?.() ?? uid) && mtimeMs < Date.now() - keptMs)
        rmSync(folder, { recursive: true, force: true })
    } catch {
      /* Somebody else was faster, or it is not ours to remove. */
    }
  }
  return mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
}
