import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A process that says one JSON object a line on its stdout, and is asked by one a line on its stdin. */
export interface Child {
  /** The next thing it says; rejects with a sentence if it ended before. */
  readonly onEvent: () => Promise<Readonly<Record<string, unknown>>>
  readonly ask: (question: object) => Promise<Readonly<Record<string, unknown>>>
  /** Ends it: nothing is lost with it. */
  readonly close: () => void
}

const living = new Set<ChildProcess>()
const orderly = new Set<ChildProcess>()
const leaveWithinMs = 10_000

/**
 * Counts a process among those that `closeAll` ends; one that has processes of its own is asked to end itself with
 * them.
 */
export function track<P extends ChildProcess>(child: P, { hasOwn }: { readonly hasOwn: boolean }): P {
  const known = hasOwn ? orderly : living
  known.add(child)
  const forget = (): void => {
    known.delete(child)
  }
  child.once('close', forget).once('error', forget)
  return child
}

/** Ends every process that was started here and has not ended yet, and waits for those that need a moment. */
export async function closeAll(): Promise<void> {
  kill()
  const gone = [...orderly].map(
    (child) =>
      new Promise((resolve) => {
        child.once('close', resolve).kill('SIGINT')
        setTimeout(() => resolve(child.kill('SIGKILL')), leaveWithinMs).unref()
      }),
  )
  await Promise.all(gone)
}

const kill = (): void => {
  for (const child of living) child.kill('SIGKILL')
}
process.once('exit', kill)

const keptText = 4096

export function startChild(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Child {
  const child = track(spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env }), { hasOwn: false })
  let complaint = ''
  let end = ''
  const gone = new Promise<void>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      end = error.code === 'ENOENT' ? `there is no ${command}` : error.message
      resolve()
    })
    child.once('close', (code, signal) => {
      if (end === '') end = signal === null ? `it ended with code ${String(code)}` : `it was ended by ${signal}`
      resolve()
    })
  })
  // A process that is gone reads no more; whoever waits for its answer hears of it.
  child.stdin.on('error', () => undefined)
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-keptText)
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()

  const onEvent = async (): Promise<Readonly<Record<string, unknown>>> => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done === true) {
        await gone
        throw new Error([end, complaint.trim().split('\n').at(-1) ?? ''].filter((part) => part !== '').join(': '))
      }
      // Libraries may greet on stdout.
      if (!value.startsWith('{')) continue
      const said = JSON.parse(value) as Readonly<Record<string, unknown>>
      if (typeof said['failed'] === 'string') throw new Error(said['failed'])
      return said
    }
  }
  return {
    onEvent,
    ask: (question) => {
      child.stdin.write(`${JSON.stringify(question)}\n`)
      return onEvent()
    },
    close: () => {
      child.kill('SIGKILL')
    },
  }
}
