import { app, utilityProcess } from 'electron'
import type { UtilityProcess } from 'electron'
import { constants } from 'node:os'
import type { Exit, TrainerHandle, TrainerHost } from '../../core/host'
import type { HostMessage } from '../../core/job'
import { usedUp } from '../../core/shortage'
import { threadFor } from './threadFor'
import type { ToHost } from './utilityProcess'

interface Gone {
  readonly reason: string
  readonly exitCode: number
}

/**
 * Signal names by number (Electron tells only the number). Reversed, because the better-known of two names comes first:
 * SIGABRT before SIGIOT.
 */
const signals = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
)

/** What ended a trainer process, as a person would say it; `output` is what it printed last. */
export function exitOf(code: number, gone: Gone | null, wasAsked: boolean, output = ''): Exit {
  if (gone === null || gone.reason === 'clean-exit')
    return { code, signal: null, description: `the trainer process ended with code ${String(code)}` }
  const isSignalled = process.platform !== 'win32' && (gone.reason === 'crashed' || gone.reason === 'killed')
  const signal = isSignalled ? (signals.get(gone.exitCode) ?? null) : null
  const mark = signal ?? `code ${String(gone.exitCode)}`
  if (wasAsked && signal === 'SIGKILL')
    return { code: null, signal, description: 'the trainer process was ended by force' }
  const by = (description: string, shortage?: Exit['shortage']): Exit => ({
    code: signal === null ? gone.exitCode : null,
    signal,
    description,
    ...(shortage !== undefined && { shortage }),
  })
  switch (gone.reason) {
    case 'crashed':
      return usedUp(output) === null
        ? by(`the trainer process crashed (${mark})`)
        : by(
            `the trainer process crashed (${mark}) because it ran out of ${usedUp(output) ?? ''}`,
            'resource_exhausted',
          )
    case 'killed':
      return signal === 'SIGKILL'
        ? by(`the trainer process was killed (${mark}); the system does that when memory runs out`, 'killed_for_memory')
        : by(`the trainer process was killed (${mark})`)
    case 'oom':
      return by('the trainer process ran out of memory', 'killed_for_memory')
    case 'launch-failed':
      return by(`the trainer process could not be started (${mark})`)
    default:
      return by(`the trainer process ended with code ${String(gone.exitCode)}`)
  }
}

/** The exit event says 0 even after SIGKILL (Electron 25); only child-process-gone knows, and it may come later. */
const patienceMs = 500

/** Characters of what a process printed last: V8, C++ and TensorFlow say there why they end it. */
const keptOutput = 2000

/**
 * Read by TensorFlow when it is loaded; a thread cannot set them, its process.env is a copy. The user's own values win.
 */
const environment = { TF_CPP_MIN_LOG_LEVEL: '2', TF_ENABLE_ONEDNN_OPTS: '1' }

let started = 0

/** Follows one process to its end. */
function closedOf(
  child: UtilityProcess,
  name: string,
  was: { readonly over: () => boolean; readonly killed: () => boolean; readonly output: () => string },
): Promise<Exit> {
  return new Promise((resolve) => {
    let gone: Gone | null = null
    let code: number | null = null
    const settle = (): void => {
      app.off('child-process-gone', onGone)
      resolve(exitOf(code ?? 0, gone, was.killed(), was.output()))
    }
    const onGone = (_event: unknown, details: Electron.Details): void => {
      if (details.name !== name && details.serviceName !== name) return
      gone = details
      if (code !== null) settle()
    }
    app.on('child-process-gone', onGone)
    child.once('exit', (exitCode) => {
      code = exitCode
      if (gone === null && !was.over()) setTimeout(settle, patienceMs)
      else settle()
    })
  })
}

interface Options {
  /** The process's script (utilityProcess) and that of the thread in it. */
  readonly script: string
  readonly thread: string
  /** Hears what the process prints. */
  readonly onOutput: (line: string) => void
}

/**
 * Trainers as utility processes of Electron: a native crash or a lack of memory ends the trainer and leaves the window
 * alive.
 */
export const utilityHost = ({ script, thread, onOutput }: Options): TrainerHost => ({
  start(job, on): TrainerHandle {
    const name = `Batchlab trainer ${String(++started)}`
    const child = utilityProcess.fork(script, [], {
      serviceName: name,
      stdio: 'pipe',
      env: { ...environment, ...process.env },
    })
    const tell = (message: ToHost): void => child.postMessage(message)
    let last = ''
    const output = (bytes: Buffer): void => {
      const text = bytes.toString('utf8')
      last = (last + text.slice(-keptOutput)).slice(-keptOutput)
      onOutput(text.trimEnd())
    }
    child.stdout?.on('data', output)
    child.stderr?.on('data', output)

    let isOver = false
    child.on('message', (message: HostMessage) => {
      if (isOver) return
      isOver = message.type === 'done' || message.type === 'failed'
      on(message)
      if (isOver) tell({ type: 'leave' })
    })

    let isClosed = false
    let isKilled = false
    const kill = (): void => {
      isKilled = true
      if (isClosed || child.pid === undefined) return
      // Not child.kill(): that is SIGTERM, for which a thread in a native call can wait for seconds.
      try {
        process.kill(child.pid, 'SIGKILL')
      } catch {
        /* it was faster */
      }
    }
    child.once('spawn', () => {
      if (isKilled) kill()
    })
    child.once('exit', () => {
      isClosed = true
    })

    tell({ type: 'job', job, thread: threadFor(job, thread), mainPid: process.pid })
    return {
      get pid() {
        return child.pid
      },
      post: (command) => {
        if (!isClosed) tell({ type: 'command', command })
      },
      kill,
      closed: closedOf(child, name, { over: () => isOver, killed: () => isKilled, output: () => last }),
    }
  },
})
