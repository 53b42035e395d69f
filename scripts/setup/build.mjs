// Builds out/ when it is missing or older than what it is built from.
import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { projectFolder } from './cache.mjs'
import { withLock } from './lock.mjs'
import { run } from './process.mjs'

const sources = ['bench', 'core', 'main', 'preload', 'renderer', 'resources', 'electron.vite.config.ts', 'package.json']
const outputs = ['out/main/index.js', 'out/main/cli.js', 'out/preload/index.js', 'out/renderer/index.html']

/**
 * Makes sure that the app is built from the sources as they are; throws an Error that names the reason when it cannot.
 */
export async function buildIfNeeded(say) {
  if (isBuilt()) return
  await withLock(
    path.join(projectFolder, 'node_modules', '.batchlab-build.lock'),
    () => say('Waiting for another build to finish …'),
    async () => {
      if (isBuilt()) return
      say('Building Batchlab …')
      const builder = path.join(projectFolder, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
      if (!existsSync(builder))
        throw new Error('Batchlab is not built and electron-vite is not installed: run `npm ci` first.')
      const { ok, output } = await run(process.execPath, [builder, 'build'], { cwd: projectFolder, timeoutMs: 600_000 })
      if (!ok) throw new Error(`Batchlab could not be built:\n${output.trim()}`)
    },
  )
}

/** True when every output is at least as new as every source. */
export function isBuilt(project = projectFolder) {
  const files = outputs.map((name) => path.join(project, name))
  if (!files.every((file) => existsSync(file))) return false
  const builtAt = Math.min(...files.map((file) => statSync(file).mtimeMs))
  return sources.every((name) => newest(path.join(project, name)) <= builtAt)
}

function newest(file) {
  const entry = statSync(file, { throwIfNoEntry: false })
  if (entry === undefined) return 0
  if (!entry.isDirectory()) return entry.mtimeMs
  // The folder's own time tells of files that were removed.
  return readdirSync(file).reduce((time, name) => Math.max(time, newest(path.join(file, name))), entry.mtimeMs)
}
