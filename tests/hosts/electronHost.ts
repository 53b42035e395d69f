import { build } from 'esbuild'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { vi } from 'vitest'
import type { Exit, TrainerHost } from '../../core/host'
import type { HostMessage } from '../../core/job'
import { hasDisplay, missingLibraries, startXvfb } from '../../scripts/setup/display.mjs'
import { electronPath, sandboxSwitches } from '../../scripts/setup/electron.mjs'
import { which } from '../../scripts/setup/process.mjs'
import { removeFolder } from '../support/cleanup'

type Answer =
  | { readonly type: 'ready' }
  | { readonly type: 'message'; readonly id: number; readonly message: HostMessage; readonly pid: number }
  | { readonly type: 'closed'; readonly id: number; readonly exit: Exit }

async function obstacle(): Promise<string> {
  const electron = electronPath()
  if (electron === null) return 'Electron is not set up (npm run setup)'
  if (!hasDisplay() && which('Xvfb') === undefined) return 'there is neither a display nor Xvfb'
  const missing = await missingLibraries(electron.path)
  return missing.length > 0 ? `Electron lacks ${missing.join(', ')}` : ''
}

/** Why no Electron can be started here; empty when one can. */
export const noElectron: string = await obstacle()

export interface ElectronHost {
  readonly host: TrainerHost
  readonly process: ChildProcess
  readonly close: () => Promise<void>
}

/**
 * The app's trainer host, at work inside a real Electron, as a host of this process. Its trainers run `thread` (a
 * TypeScript file).
 */
export async function startElectronHost(thread: string): Promise<ElectronHost> {
  const folder = mkdtempSync(join(tmpdir(), 'batchlab-shell-'))
  const root = resolve(import.meta.dirname, '..', '..')
  await build({
    entryPoints: {
      bridge: join(root, 'tests/hosts/bridge.ts'),
      utilityProcess: join(root, 'main/hosts/utilityProcess.ts'),
      thread,
    },
    outdir: folder,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node18',
    // The other form of jsonc-parser cannot be bundled.
    mainFields: ['module', 'main'],
    external: ['electron'],
    logLevel: 'error',
  })
  const server = hasDisplay() ? null : await startXvfb()
  const { path } = electronPath() ?? { path: '' }
  const child = spawn(
    path,
    [...sandboxSwitches(path), `--user-data-dir=${join(folder, 'user data')}`, join(folder, 'bridge.js')],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      // Vitest's own switches are not for the Node inside Electron.
      env: { ...process.env, NODE_OPTIONS: '', ...(server === null ? {} : { DISPLAY: server.display }) },
    },
  )
  const heard = new Map<number, (answer: Answer) => void>()
  await new Promise<void>((done, fail) => {
    child.once('exit', (code) => fail(new Error(`Electron ended with code ${String(code)}`)))
    child.on('message', (answer: Answer) => {
      if (answer.type === 'ready') done()
      else heard.get(answer.id)?.(answer)
    })
  })

  let started = 0
  const host: TrainerHost = {
    start(job, on) {
      const id = started++
      let pid: number | undefined
      const closed = new Promise<Exit>((done) => {
        heard.set(id, (answer) => {
          if (answer.type === 'closed') done(answer.exit)
          if (answer.type !== 'message') return
          pid = answer.pid
          on(answer.message)
        })
      })
      child.send({ type: 'start', id, job })
      return {
        get pid() {
          return pid
        },
        post: (command) => {
          child.send({ type: 'post', id, command })
        },
        kill: () => {
          child.send({ type: 'kill', id })
        },
        closed,
      }
    },
  }
  const close = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit')
      if (child.connected) child.send({ type: 'quit' })
      const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
      await gone
      clearTimeout(timer)
    }
    server?.stop()
    // What Chromium still writes is seen only by a removal that begins again.
    await vi.waitFor(
      () => {
        removeFolder(folder)
      },
      { timeout: 30_000 },
    )
  }
  return { host, process: child, close }
}
