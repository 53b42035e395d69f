// The lines of Node that the README names, each as a program of its own.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { cacheFolder, moveIntoPlace } from './cache.mjs'
import { withLock } from './lock.mjs'
import { testedNodes } from './pins.mjs'
import { Problem } from './problem.mjs'
import { lastLine, run } from './process.mjs'
import { createProgress } from './progress.mjs'
import { fetchPackage } from './registry.mjs'

const cachedAt = ({ version }) => path.join(cacheFolder(), 'node', version, 'node')

/** `{ path }` of a Node of a line in `testedNodes` (fetched the first time), or `{ reason }` why there is none. */
export async function setUpNode(line) {
  if (process.versions.node.split('.')[0] === String(line)) return { path: process.execPath }
  const pin = testedNodes[line]
  const cached = cachedAt(pin)
  try {
    if (!existsSync(cached)) await install(pin)
    const { ok, output } = await run(cached, ['--version'], { timeoutMs: 60_000 })
    if (!ok) throw new Problem(`it does not start (${lastLine(output).slice(0, 200)})`)
    return { path: cached }
  } catch (error) {
    return { reason: `Node ${line} could not be had: ${error.message}.` }
  }
}

async function install(pin) {
  const here = `${process.platform}-${process.arch}`
  if (here !== pin.for) throw new Problem(`there is no package of it for ${here}`)
  const progress = createProgress()
  await withLock(
    path.join(cacheFolder(), 'setup.lock'),
    () => progress.say('Waiting for another set-up to finish …'),
    async () => {
      if (existsSync(cachedAt(pin))) return
      await fetchPackage(pin, `Downloading Node ${pin.version}`, progress, async (folder, archive) => {
        const unpacked = await run('tar', ['-xzf', archive, '-C', folder, pin.binary])
        if (!unpacked.ok) throw new Problem(`${pin.file} could not be unpacked (${lastLine(unpacked.output)})`)
        moveIntoPlace(path.join(folder, pin.binary), cachedAt(pin))
      })
    },
  )
}
