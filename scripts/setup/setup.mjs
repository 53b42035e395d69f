// Set-up as one call: what `npm start`, `npm test`, `npx batchlab` and `npm run setup` share.
import path from 'node:path'
import { cacheFolder, removeLeftovers } from './cache.mjs'
import { electronPath, setUpElectron } from './electron.mjs'
import { isEngineReady, setUpEngine } from './engine.mjs'
import { withLock } from './lock.mjs'
import { createProgress } from './progress.mjs'

/**
 * Sets up the named parts ('engine', 'electron') and returns the sentences about what could not be done, already shown.
 * It never throws: the app works, less well, without either part.
 */
export async function setUp({ parts, retry = false, upstream = false }) {
  const isReady = { engine: isEngineReady, electron: () => electronPath()?.source === 'official' }
  const needed = retry || upstream ? parts : parts.filter((part) => !isReady[part]())
  if (needed.length === 0) return []

  const progress = createProgress()
  const problems = []
  const tell = (sentence) => {
    if (sentence === null) return
    problems.push(sentence)
    progress.say(sentence)
  }
  try {
    await withLock(
      path.join(cacheFolder(), 'setup.lock'),
      () => progress.say('Waiting for another set-up to finish …'),
      async () => {
        removeLeftovers()
        if (needed.includes('engine')) tell(await setUpEngine({ progress, retry, upstream }))
        if (needed.includes('electron')) tell(await setUpElectron({ progress, retry }))
      },
    )
  } catch (error) {
    tell(`Set-up could not be done because ${error.message}; what needs it says so.`)
  }
  return problems
}
