import { spawn, type ChildProcess } from 'node:child_process'
import { cliScript } from './paths'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

interface Options {
  /** Hears every whole line of stdout as it comes. */
  readonly onLine?: (line: string, child: ChildProcess) => void
  /** What it reads from standard input; nothing unless it is said. */
  readonly input?: string
  readonly onStart?: (child: ChildProcess) => void
  /** Shows on this process's stderr what the child says there, as it says it. */
  readonly shown?: boolean
}

/**
 * Characters that are kept of what a child says: the last ones, which hold its result, or why there is none. A training
 * may say gigabytes.
 */
const kept = { stdout: 2 ** 25, stderr: 2 ** 16 }

/** Text with more behind it, of which at least the last `most` characters are kept. */
export const grown = (text: string, more: string, most: number): string =>
  text.length + more.length > 2 * most ? (text + more).slice(-most) : text + more

/**
 * Runs this command line in a process of its own: what must not share TensorFlow, or may crash, happens there. It holds
 * a channel to this process, by which it hears that this process is gone, however that came about.
 */
export const runCli = (
  args: readonly string[],
  { onLine = () => undefined, onStart = () => undefined, input = '', shown = false }: Options = {},
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, cliScript, ...args], {
      stdio: ['pipe', 'pipe', shown ? 'inherit' : 'pipe', 'ipc'],
      env: process.env,
    })
    // It may end before it has read everything.
    child.stdin?.on('error', () => undefined).end(input)
    onStart(child)
    let [stdout, stderr, line] = ['', '', '']
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout = grown(stdout, text, kept.stdout)
      const lines = (line + text).split('\n')
      line = lines.pop() ?? ''
      for (const one of lines) onLine(one, child)
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = grown(stderr, text, kept.stderr)
    })
    const end = (): void => {
      child.kill('SIGKILL')
    }
    process.once('exit', end)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      process.off('exit', end)
      resolve({ code, signal, stdout, stderr })
    })
  })
