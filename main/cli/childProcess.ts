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
}

/** Runs this command line in a process of its own: what must not share TensorFlow, or may crash, happens there. */
export const runCli = (args: readonly string[], { onLine = () => undefined }: Options = {}): Promise<Ended> => new Promise((resolve, reject) => {
  const child = spawn(process.execPath, [...process.execArgv, cliScript, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: process.env })
  let [stdout, stderr, line] = ['', '', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    const lines = (line + text).split('\n')
    line = lines.pop() ?? ''
    for (const one of lines) onLine(one, child)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text })
  const end = (): void => { child.kill('SIGKILL') }
  process.once('exit', end)
  child.once('error', reject)
  child.once('close', (code, signal) => {
    process.off('exit', end)
    resolve({ code, signal, stdout, stderr })
  })
})
