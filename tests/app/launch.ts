import { _electron } from '@playwright/test'
import type { ElectronApplication, Page } from '@playwright/test'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { resolve } from 'node:path'

export const projectFolder = resolve(__dirname, '..', '..')
/** The app under test: the built checkout, or a packaged app's folder. */
const appFolder = process.env['BATCHLAB_APP'] ?? projectFolder

interface Runtime {
  readonly path: string
  readonly switches: readonly string[]
}

/**
 * The Electron to test with, and the switches that it needs to start here: without the sandbox only as root, or where
 * the system forbids it.
 */
async function findRuntime(): Promise<Runtime> {
  const { electronPath, sandboxSwitches } = await import('../../scripts/setup/electron.mjs')
  const path = process.env['BATCHLAB_ELECTRON'] ?? electronPath()?.path
  if (path === undefined) throw new Error('There is no Electron to test with; `npm run setup` gets one.')
  const given = process.env['BATCHLAB_ELECTRON_SWITCHES']
  return {
    path,
    switches: given === undefined ? sandboxSwitches(path) : given.split(' ').filter((each) => each !== ''),
  }
}

export interface Folders {
  readonly userData: string
  readonly library: string
}

const argumentsFor = ({ switches }: Runtime, { userData, library }: Folders, more: readonly string[]): string[] => [
  ...switches,
  `--user-data-dir=${userData}`,
  appFolder,
  '--dir',
  library,
  ...more,
]

// ELECTRON_RUN_AS_NODE in the environment of whoever runs the tests would start no app at all.
const environment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[0] !== 'ELECTRON_RUN_AS_NODE',
    ),
  )

export interface OpenApp {
  readonly app: ElectronApplication
  readonly process: ChildProcess
  readonly page: Page
  readonly violations: string[]
  readonly startMs: number
}

/** Starts the built app on its own folders and waits for its page. */
export async function launch(folders: Folders, more: readonly string[] = []): Promise<OpenApp> {
  const runtime = await findRuntime()
  const before = performance.now()
  const app = await _electron.launch({
    executablePath: runtime.path,
    args: argumentsFor(runtime, folders, more),
    cwd: projectFolder,
    env: environment(),
    colorScheme: null,
  })
  const page = await app.firstWindow()
  await page.waitForLoadState('load')
  const startMs = performance.now() - before
  return { app, process: app.process(), page, violations: await watchPolicy(page), startMs }
}

/** Notes every violation of the content security policy from now on, and after each reload. */
async function watchPolicy(page: Page): Promise<string[]> {
  const violations: string[] = []
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) violations.push(message.text())
  })
  await page.exposeFunction('noteViolation', (violation: string) => {
    violations.push(violation)
  })
  const listen = (): void => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      ;(window as unknown as { noteViolation: (violation: string) => void }).noteViolation(
        `${violatedDirective} ${blockedURI}`,
      )
    })
  }
  await page.addInitScript(listen)
  await page.evaluate(listen)
  return violations
}

/** Starts the app without a driver, as a person would. */
export async function launchAlone(
  folders: Folders,
  switches: readonly string[] = [],
  more: readonly string[] = [],
): Promise<ChildProcess> {
  const runtime = await findRuntime()
  return spawn(runtime.path, [...switches, ...argumentsFor(runtime, folders, more)], {
    cwd: projectFolder,
    env: environment(),
    stdio: 'ignore',
  })
}

export interface DrivenApp {
  readonly process: ChildProcess
  readonly ask: <T>(what: string, input?: unknown) => Promise<T>
}

/** Starts the app with a line to the test and no driver: `driven.cjs` says what can be asked of it. */
export async function launchDriven(folders: Folders): Promise<DrivenApp> {
  const runtime = await findRuntime()
  const child = spawn(runtime.path, ['-r', resolve(__dirname, 'driven.cjs'), ...argumentsFor(runtime, folders, [])], {
    cwd: projectFolder,
    env: environment(),
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
  })
  const waiting = new Map<number, (answer: { readonly value?: unknown; readonly error?: string }) => void>()
  child.on('message', (message: { readonly id: number; readonly value?: unknown; readonly error?: string }) =>
    waiting.get(message.id)?.(message),
  )
  let last = 0
  const ask = async <T>(what: string, input?: unknown): Promise<T> => {
    const id = ++last
    const answer = await new Promise<{ readonly value?: unknown; readonly error?: string }>((resolve) => {
      waiting.set(id, resolve)
      child.send({ id, what, input })
    })
    waiting.delete(id)
    if (answer.error !== undefined) throw new Error(answer.error)
    return answer.value as T
  }
  return { process: child, ask }
}

/** How the runtime is started on the app with some arguments and none of a test's folders. */
export async function runtimeArguments(
  more: readonly string[],
): Promise<{ readonly path: string; readonly args: readonly string[]; readonly env: Record<string, string> }> {
  const { path, switches } = await findRuntime()
  return { path, args: [...switches, appFolder, ...more], env: environment() }
}
