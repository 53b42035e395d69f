// The system's own Chromium: newer than the Electron that can be had offline, and as new as the one that users get.
import { installPackages } from './display.mjs'
import { sandboxSwitches } from './electron.mjs'
import { lastLine, run, which } from './process.mjs'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const find = () => process.env.BATCHLAB_CHROMIUM || names.map(which).find((file) => file !== undefined)

/**
 * `{ path, switches, version }` of a Chromium that starts here (installed where that needs no question), or `{ reason
 * }` why there is none.
 */
export async function setUpChromium(say) {
  if (find() === undefined) await installPackages(['chromium', 'fonts-dejavu-core'], say)
  const path = find()
  if (path === undefined)
    return {
      reason: 'There is no Chromium here (on Debian: apt-get install chromium; BATCHLAB_CHROMIUM names another).',
    }
  const switches = sandboxSwitches(path)
  const { ok, output } = await run(path, ['--headless', '--disable-gpu', ...switches, '--dump-dom', 'about:blank'], {
    timeoutMs: 60_000,
  })
  if (!ok || !output.includes('<body>'))
    return { reason: `${path} does not start here (${lastLine(output).slice(0, 200)}).` }
  const { output: version } = await run(path, ['--version'], { timeoutMs: 20_000 })
  return { path, switches, version: lastLine(version) }
}
