// The Node that a current Electron carries, as a program of its own.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { cacheFolder, moveIntoPlace } from './cache.mjs'
import { withLock } from './lock.mjs'
import { currentNode } from './pins.mjs'
import { Problem } from './problem.mjs'
import { lastLine, run } from './process.mjs'
import { createProgress } from './progress.mjs'
import { fetchPackage } from './registry.mjs'

const cached = () => path.join(cacheFolder(), 'node', currentNode.version, 'node')

/**
 * `{ path }` of a Node of the line that the current Electron carries (fetched the first time), or `{ reason }` why
 * there is none.
 */
export async function setUpCurrentNode() {
  const line = currentNode.version.split('.')[0]
  if (process.versions.node.split('.')[0] === line) return { path: process.execPath }
  try {
    if (!existsSync(cached())) await install()
    const { ok, output } = await run(cached(), ['--version'], { timeoutMs: 60_000 })
    if (!ok) throw new Problem(`it does not start (${lastLine(output).slice(0, 200)})`)
    return { path: cached() }
  } catch (error) {
    return { reason: `Node ${line} could not be had: ${error.message}.` }
  }
}

async function install() {
  const here = `${process.platform}-${process.arch}`
  if (here !== currentNode.for) throw new Problem(`there is no package of it for ${here}`)
  const progress = createProgress()
  await withLock(
    path.join(cacheFolder(), 'setup.lock'),
    () => progress.say('Waiting for another set-up to finish …'),
    async () => {
      if (existsSync(cached())) return
      await fetchPackage(currentNode, `Downloading Node ${currentNode.version}`, progress, async (folder, archive) => {
        const unpacked = await run('tar', ['-xzf', archive, '-C', folder, currentNode.binary])
        if (!unpacked.ok) throw new Problem(`${currentNode.file} could not be unpacked (${lastLine(unpacked.output)})`)
        moveIntoPlace(path.join(folder, currentNode.binary), cached())
      })
    },
  )
}
