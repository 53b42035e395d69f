import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FigureJob } from '../../core/figure'
import { temporaryFolder } from '../files/temporaryFolder'
import { failed } from './failure'
import { projectFolder } from './paths'
import { displayScripts, electronScripts } from './setUpState'

/** An X server to draw on where there is no display: a hidden window needs one all the same. */
async function display(binary: string): Promise<{ readonly env: NodeJS.ProcessEnv; readonly stop: () => void }> {
  const scripts = await displayScripts()
  const needsXvfb = scripts !== null && !scripts.hasDisplay()
  const missing = (await scripts?.missingPackages(binary, { needsXvfb })) ?? []
  if (scripts !== null && missing.length > 0)
    throw failed(`Figures need system packages that are missing: ${scripts.installCommand(missing)}`)
  // Switches for this Node are not for the one inside Electron.
  const env = { ...process.env, NODE_OPTIONS: '' }
  if (scripts === null || !needsXvfb) return { env, stop: () => undefined }
  const server = await scripts.startXvfb()
  return { env: { ...env, DISPLAY: server.display }, stop: server.stop }
}

/** Draws figures with the window's own chart code, in a hidden window of the Electron runtime. */
export async function drawFiguresInApp(job: FigureJob): Promise<void> {
  const scripts = await electronScripts()
  const electron = scripts?.electronPath() ?? null
  if (scripts === null || electron === null) {
    throw failed(
      'SVG, PNG and PDF figures are drawn by the Electron runtime, which is not set up: npm run setup -- ' +
        '--only electron gets it; csv, json and html need none',
    )
  }
  const folder = temporaryFolder('figures')
  try {
    const file = join(folder, 'job.json')
    await writeFile(file, JSON.stringify(job))
    const { env, stop } = await display(electron.path)
    try {
      await run(electron.path, [...scripts.sandboxSwitches(electron.path), projectFolder, `--figures=${file}`], env)
    } finally {
      stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const missing = job.figures.find((figure) => !existsSync(figure.file))
  if (missing !== undefined) throw failed(`${missing.file} was not written`)
}

// Chromium talks about the system it runs on; the app's own sentences have no brackets in front.
const isChatter = (line: string): boolean =>
  line.trim() === '' || /^\[\d+:/.test(line) || /^(\(node:|Gtk-|libva|MESA)/.test(line)

function run(binary: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'], env })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) return resolve()
      const sentence =
        said
          .split('\n')
          .filter((line) => !isChatter(line))
          .at(-1) ?? `it ended with code ${String(code)}`
      reject(failed(`The figures could not be drawn: ${sentence}`))
    })
  })
}
