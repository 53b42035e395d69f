import { spawn, type ChildProcess } from 'node:child_process'
import { cliScript } from './places'

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

/** Runs this command line in a process of its own: what must not share TensorFlow, or may crash, happens there. */
export const runCli = (args: readonly string[], { onLine = () => undefined, onStart = () => undefined, input = '', shown = false }: Options = {}): Promise<Ended> => new Promise((resolve, reject) => {
  const child = spawn(process.execPath, [...process.execArgv, cliScript, ...args], { stdio: ['pipe', 'pipe', shown ? 'inherit' : 'pipe'], env: process.env })
  // It may end before it has read everything.
  child.stdin?.on('error', () => undefined).end(input)
  onStart(child)
  let [stdout, stderr, line] = ['', '', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    const lines = (line + text).split('\n')
    line = lines.pop() ?? ''
    for (const one of lines) onLine(one, child)
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => { stderr += text })
  const end = (): void => { child.kill('SIGKILL') }
  process.once('exit', end)
  child.once('error', reject)
  child.once('close', (code, signal) => {
    process.off('exit', end)
    resolve({ code, signal, stdout, stderr })
  })
})
