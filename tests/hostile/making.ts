import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll } from 'vitest'
import { createTerminal } from '../../main/cli/terminal'
import { commands } from '../../main/cli/commands'
import { outcomeOf } from '../../main/cli/failure'
import { removeFolder } from '../support/cleanup'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) removeFolder(folder)
}, 120_000)

/** A folder of this test's own, gone when its tests are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'batchlab-hostile-'))
  folders.push(folder)
  return folder
}

/**
 * Every file and folder below a folder: its bytes, times, rights and number. What was not touched has the same. Names
 * come and go where `hasOtherNames`.
 */
export const snapshot = (folder: string, hasOtherNames = false): readonly string[] =>
  readdirSync(folder, { recursive: true })
    .map(String)
    .sort()
    .map((name) => {
      const path = join(folder, name)
      const stats = lstatSync(path)
      const { mode, mtimeMs, ctimeMs, ino, nlink, size } = stats
      const digest = stats.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : ''
      return [name, mode, mtimeMs, ...(hasOtherNames ? [] : [ctimeMs, nlink]), ino, size, digest].join(' ')
    })

export interface Scene {
  readonly library: string
  /** A folder that is not the library's; nothing in it may change. */
  readonly outside: string
  readonly diary: string
  /** The folder of the run. */
  readonly run: string
}

/**
 * Of the frozen library: it was training when its process was killed, so that opening the library settles it from its
 * log.
 */
export const runId = '0mm7kwzggi000'
export const pausedId = '0mm7kwsigi000'
const fixture = resolve(import.meta.dirname, '../fixtures/library-v1')

/** A copy of the frozen library, and a folder beside it that somebody else's library would like to reach. */
export function scene(): Scene {
  const root = temporaryFolder()
  const [library, outside] = [join(root, 'library'), join(root, 'outside')]
  cpSync(fixture, library, { recursive: true })
  mkdirSync(join(outside, 'folder', 'checkpoints'), { recursive: true })
  const diary = join(outside, 'diary.txt')
  writeFileSync(diary, "Dear diary, these lines are nobody's log.\nAnd this one has no end")
  cpSync(join(fixture, 'runs', runId), join(outside, 'folder'), { recursive: true })
  writeFileSync(join(outside, 'folder', '.last.safetensors.1-00000000-0.unfinished'), 'looks like ours')
  return { library, outside, diary, run: join(library, 'runs', runId) }
}

export const pipe = (path: string): void => {
  execFileSync('mkfifo', [path])
}

export interface Answer {
  readonly code: number
  readonly text: string
}

/** A command of the command line, in this process. What does not come back within ten seconds hangs. */
export async function batchlab(...[name = '', ...args]: readonly string[]): Promise<Answer> {
  let text = ''
  const stream = {
    write: (bytes: string | Uint8Array) => {
      text += String(bytes)
      return true
    },
    isTTY: false,
    columns: 100,
  } as unknown as NodeJS.WriteStream
  const terminal = createTerminal(stream, stream)
  const command = await commands.find((one) => one.name === name)?.load()
  if (command === undefined) throw new Error(`There is no command ${name}`)
  const done = command.invoke(args, terminal).catch((error: unknown) => {
    const { code, message } = outcomeOf(error)
    terminal.say(message)
    return code
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`batchlab ${name} hangs; until then it said: ${text}`)), 10_000)
  })
  const code = await Promise.race([done, late]).finally(() => clearTimeout(timer))
  return { code, text }
}
