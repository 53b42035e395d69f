import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { RunConfig } from '../../core/config/config'
import type { Run } from '../../core/run'
import { openLibrary } from '../../main/library/library'
import { buildIfNeeded } from '../../scripts/setup/build.mjs'
import { madeEvents } from '../support/madeRun'
import { removeFolder } from '../support/cleanup'

// BATCHLAB_CLI names a cli.js that was built elsewhere; otherwise the one in out/ is made new where it is older than
// its sources.
const named = process.env['BATCHLAB_CLI']
if (named === undefined)
  await buildIfNeeded((sentence) => {
    console.warn(sentence)
  })
const cli = resolve(named ?? join(import.meta.dirname, '..', '..', 'out', 'main', 'cli.js'))

/** The built command line's entry. */
export const cliFile = cli

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly done: Promise<Ran>
  /** Settles with the first line of stdout that is an event of this type; rejects if there is none. */
  readonly event: (type: string) => Promise<Readonly<Record<string, unknown>>>
}

/** Starts the command line as its users do: in a process of its own. */
export function start(
  args: readonly string[],
  {
    input = '',
    env = {},
    cwd,
  }: {
    readonly input?: string | Uint8Array
    readonly env?: Readonly<Record<string, string>>
    readonly cwd?: string | undefined
  } = {},
): Running {
  const child = spawn(process.execPath, [cli, ...args], {
    ...(cwd !== undefined && { cwd }),
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', TF_ENABLE_ONEDNN_OPTS: '1', ...env },
  })
  let [stdout, stderr] = ['', '']
  const listeners = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    for (const on of listeners) on()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const done = new Promise<Ran>((done, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      done({ code, stdout, stderr })
    })
  })
  const event = (type: string): Promise<Readonly<Record<string, unknown>>> =>
    new Promise((found, reject) => {
      const look = (): void => {
        const line = stdout
          .split('\n')
          .slice(0, -1)
          .find((one) => one.includes(`"type":"${type}"`))
        if (line === undefined) return
        listeners.delete(look)
        found(JSON.parse(line) as Readonly<Record<string, unknown>>)
      }
      listeners.add(look)
      look()
      void done.then(() => {
        reject(new Error(`There was no event ${type}: ${stderr}`))
      })
    })
  return { child, done, event }
}

export const batchlab = async (args: readonly string[], options: Parameters<typeof start>[1] = {}): Promise<Ran> =>
  await start(args, options).done

/** The one JSON value that stdout must be. */
export async function json<T = unknown>(...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await batchlab([...args, '--json'])
  if (code !== 0) throw new Error(`batchlab ${args.join(' ')} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout) as T
}

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) removeFolder(folder)
})

/** A folder of this test file's own, gone when its tests are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'batchlab-cli-'))
  folders.push(folder)
  return folder
}

/** Puts finished runs of made-up numbers into a library, without training any. */
export async function madeLibrary(folder: string, configs: readonly RunConfigInput[]): Promise<readonly Run[]> {
  const library = await openLibrary(folder)
  try {
    const runs: Run[] = []
    for (const config of configs) {
      const { id } = await library.addRun(
        RunConfig.parse({ epochs: 3, batchSize: 10, ...config }),
        { type: 'new' },
        null,
      )
      for (const event of madeEvents(3)) await library.append(id, event)
      runs.push(await library.readRun(id))
    }
    return runs
  } finally {
    await library.close()
  }
}
