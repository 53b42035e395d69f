import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectFolder } from '../main/cli/paths'
import { displayScripts, electronScripts } from '../main/cli/setUpState'
import { track } from './child'
import { median } from '../core/measure'

/** From starting the app to its window. */
export interface StartFigures {
  readonly electron: string
  readonly display: 'own' | 'virtual'
  /** From launch until the page has loaded, in each start; the first may find cold disks. */
  readonly loadedMs: readonly number[]
  readonly medianLoadedMs: number
  /** From the page's own beginning to its first paint, median. */
  readonly firstPaintMs: number | null
}

/** What tests/app/measure.spec.ts found, by what it measured. */
export type WindowFigures = Readonly<Record<string, unknown>>

/** Why something about the window cannot be measured here, in a sentence. */
export class NotHere extends Error {}

interface Place {
  readonly binary: string
  readonly version: string
  readonly switches: readonly string[]
  readonly env: Record<string, string>
  readonly display: StartFigures['display']
}

/** The Electron runtime and a display for it; where there is none, one that nobody sees. */
async function withElectron<T>(work: (place: Place) => Promise<T>): Promise<T> {
  const [scripts, displays] = [await electronScripts(), await displayScripts()]
  const electron = scripts?.electronPath() ?? null
  if (scripts === null || displays === null || electron === null)
    throw new NotHere('there is no Electron runtime (npm run setup -- --only electron gets one)')
  const needsXvfb = !displays.hasDisplay()
  const missing = await displays.missingPackages(electron.path, { needsXvfb })
  if (missing.length > 0)
    throw new NotHere(
      'there is no display to show a window on, and what would take its place is missing ' +
        `(${displays.installCommand(missing)})`,
    )
  const server = needsXvfb ? await displays.startXvfb() : null
  try {
    const known = Object.fromEntries(
      Object.entries(process.env).filter(
        (entry): entry is [string, string] =>
          entry[1] !== undefined && entry[0] !== 'NODE_OPTIONS' && entry[0] !== 'ELECTRON_RUN_AS_NODE',
      ),
    )
    return await work({
      binary: electron.path,
      version: electron.version,
      switches: scripts.sandboxSwitches(electron.path),
      display: needsXvfb ? 'virtual' : 'own',
      env: { ...known, ...(server === null ? {} : { DISPLAY: server.display }) },
    })
  } finally {
    server?.stop()
  }
}

// The part of Playwright that is used: it drives the window where the tests' packages are installed.
interface Driver {
  readonly _electron: { readonly launch: (options: object) => Promise<Launched> }
}
interface Launched {
  readonly firstWindow: () => Promise<{
    readonly waitForLoadState: (state: 'load') => Promise<void>
    readonly evaluate: (text: string) => Promise<unknown>
  }>
  readonly close: () => Promise<void>
}

function driver(): Driver {
  try {
    return createRequire(import.meta.url)('playwright') as Driver
  } catch {
    throw new NotHere('Playwright, which drives the window, is not installed')
  }
}

/** Starts the built app several times on a new library and waits for its page. */
export const measureStart = async (times: number): Promise<StartFigures> =>
  await withElectron(async ({ binary, version, switches, env, display }) => {
    const { _electron } = driver()
    const folder = await mkdtemp(join(tmpdir(), 'batchlab-bench-'))
    const [loadedMs, paints]: [number[], number[]] = [[], []]
    try {
      for (let time = 0; time < times; time++) {
        const began = performance.now()
        const app = await _electron.launch({
          executablePath: binary,
          args: [
            ...switches,
            `--user-data-dir=${join(folder, 'profile')}`,
            projectFolder,
            '--dir',
            join(folder, 'library'),
          ],
          cwd: projectFolder,
          env,
        })
        try {
          const page = await app.firstWindow()
          await page.waitForLoadState('load')
          loadedMs.push(performance.now() - began)
          const paint = await page.evaluate(firstPaint)
          if (typeof paint === 'number') paints.push(paint)
        } finally {
          await app.close()
        }
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
    return {
      electron: version,
      display,
      loadedMs,
      medianLoadedMs: median(loadedMs),
      firstPaintMs: paints.length === 0 ? null : median(paints),
    }
  })

const firstPaint = `new Promise((resolve) => {
  const found = () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime
  const look = (tries) => {
    if (found() !== undefined || tries === 0) resolve(found() ?? null)
    else setTimeout(() => look(tries - 1), 50)
  }
  look(60)
})`

/** Lets the window's own measurements run: a long history, and many long runs drawn over each other. */
export const measureWindow = async (): Promise<WindowFigures> =>
  await withElectron(async ({ env }) => {
    const [spec, runner] = [
      join(projectFolder, 'tests', 'app', 'measure.spec.ts'),
      join(projectFolder, 'node_modules', '@playwright', 'test', 'cli.js'),
    ]
    if (!existsSync(spec) || !existsSync(runner))
      throw new NotHere('the tests that measure the window are not installed')
    const folder = await mkdtemp(join(tmpdir(), 'batchlab-bench-'))
    const file = join(folder, 'window.json')
    try {
      await new Promise<void>((resolve, reject) => {
        const child = track(
          spawn(process.execPath, [runner, 'test', 'measure.spec.ts', '--output', join(folder, 'results')], {
            // In a group of its own, so that Ctrl-C reaches it once and not twice.
            cwd: projectFolder,
            stdio: 'ignore',
            detached: true,
            env: { ...env, BATCHLAB_MEASURE: '1', BATCHLAB_MEASURE_FILE: file },
          }),
          { hasOwn: true },
        )
        child.once('error', reject)
        child.once('close', () => resolve())
      })
      // What was measured before something went wrong is in the file too.
      return JSON.parse(
        await readFile(file, 'utf8').catch(() => {
          throw new Error('the measurements ended without a result')
        }),
      ) as WindowFigures
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
