import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Input, Outputs, Reply, RequestName } from '../../core/protocol'
import { launchAlone, type Folders } from '../app/launch'
import { electronPath } from '../../scripts/setup/electron.mjs'
import { hasDisplay, startXvfb } from '../../scripts/setup/display.mjs'
import { evaluate } from './devtools'

/** Whether the real app can be opened here, on a display of its own where there is none. */
export async function canOpen(): Promise<boolean> {
  if (electronPath() === null) return false
  if (hasDisplay()) return true
  const server = await startXvfb().catch(() => null)
  if (server !== null) process.env['DISPLAY'] = server.display
  return server !== null
}

/** The real app, as a person starts it: no driver is attached to it but for the moment of a request. */
export interface Window {
  readonly pid: number
  readonly child: ChildProcess
  /** Asks as its page does; tries again where the page is only being loaded. */
  readonly ask: <N extends RequestName>(name: N, input: Input<N>) => Promise<Outputs[N]>
}

const patienceMs = 60_000

export async function openWindow(folders: Folders): Promise<Window> {
  const portFile = join(folders.userData, 'DevToolsActivePort')
  rmSync(portFile, { force: true })
  const child = await launchAlone(folders, ['--remote-debugging-port=0'])
  return { pid: child.pid ?? 0, child, ask: (name, input) => ask(child, portFile, name, input) }
}

async function ask<N extends RequestName>(
  child: ChildProcess,
  portFile: string,
  name: N,
  input: Input<N>,
): Promise<Outputs[N]> {
  let reason = ''
  for (const began = performance.now(); performance.now() - began < patienceMs; await wait(100)) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('The app is gone')
    if (!existsSync(portFile)) continue
    const port = readFileSync(portFile, 'utf8').split('\n')[0] ?? ''
    const answer = await evaluate(
      port,
      `window.batchlab.call(${JSON.stringify(name)}, ${JSON.stringify(input)}).then(JSON.stringify)`,
    ).catch((error: unknown) => {
      reason = String(error)
    })
    if (typeof answer !== 'string') continue
    const reply = JSON.parse(answer) as Reply<N>
    if (!reply.ok) throw new Error(reply.issues.map(({ message }) => message).join('; '))
    return reply.value
  }
  throw new Error(`The page did not answer ${name}: ${reason}`)
}

/** Ends the app as the system asks it to; it must do so by itself. */
export async function quit({ child }: Window): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const isOver = await Promise.race([gone.then(() => true), wait(30_000, false)])
  if (isOver) return
  child.kill('SIGKILL')
  throw new Error('The app did not end within 30 s of SIGTERM')
}

/** Ends the app as a power cut does. */
export async function killMain({ child }: Window): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
