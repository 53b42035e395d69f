// What `npm start` needs first: everything in place, or a sentence and exit code 1.
import { buildIfNeeded } from './build.mjs'
import { hasDisplay, installCommand, missingLibraries, missingPackages } from './display.mjs'
import { electronPath } from './electron.mjs'
import { setUp } from './setup.mjs'

const say = (sentence) => process.stderr.write(`${sentence}\n`)

/** Resolves with the Electron to start, or ends the process saying why there is no window to be had. */
export async function prepareWindow() {
  if (!hasDisplay())
    stop(
      'There is no display here to open a window on. `npm run demo` does the main job without one: it trains, ' +
        'and says where the report and the plots are.',
    )
  await setUp({ parts: ['engine', 'electron'] })
  const electron = electronPath()
  if (electron === null) process.exit(1)
  const missing = await missingLibraries(electron.path)
  if (missing.length > 0) {
    stop(
      `Electron needs system libraries that are missing (${missing.join(', ')}): ` +
        `${installCommand(await missingPackages(electron.path, { needsXvfb: false }))}`,
    )
  }
  await buildIfNeeded(say).catch((error) => stop(error.message))
  return electron
}

function stop(sentence) {
  say(sentence)
  process.exit(1)
}
