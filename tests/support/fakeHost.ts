import type { Exit, TrainerHost } from '../../core/host'
import type { DataRequest, HostMessage, Job, TrainCommand } from '../../core/job'

/** A trainer as its script sees it. */
export interface FakeTrainer {
  readonly job: Job
  readonly commands: readonly (TrainCommand | DataRequest)[]
  /** Whether the process has exited or was killed. */
  readonly isGone: () => boolean
  readonly post: (message: HostMessage) => void
  /** Calls back with every command, those included that came before. */
  readonly onCommand: (on: (command: TrainCommand | DataRequest) => void) => void
  /** Ends the process, whatever it has said. */
  readonly exit: (exit?: Partial<Exit>) => void
}

export interface FakeHost extends TrainerHost {
  readonly trainers: readonly FakeTrainer[]
}

/**
 * A host without a trainer: a script plays it. It keeps the host's promises, so that a script that breaks them is not
 * believed.
 */
export function fakeHost(script: (trainer: FakeTrainer) => void | Promise<void>): FakeHost {
  const trainers: FakeTrainer[] = []
  return {
    trainers,
    start: (job, on) => {
      const commands: (TrainCommand | DataRequest)[] = []
      const listeners: ((command: TrainCommand | DataRequest) => void)[] = []
      let isOver = false
      let isClosed = false
      let close: (exit: Exit) => void = () => undefined
      const closed = new Promise<Exit>((resolve) => {
        close = resolve
      })

      const trainer: FakeTrainer = {
        job,
        commands,
        isGone: () => isClosed,
        post: (message) => {
          if (isOver || isClosed) return
          isOver = message.type === 'done' || message.type === 'failed'
          on(message)
        },
        onCommand: (onEvent) => {
          listeners.push(onEvent)
          commands.forEach(onEvent)
        },
        exit: (exit = {}) => {
          if (isClosed) return
          isClosed = true
          close({
            code: 0,
            signal: null,
            description: isOver ? 'the trainer ended' : 'the trainer ended with code 0 before it was done',
            ...exit,
          })
        },
      }
      trainers.push(trainer)
      // As with a real process, nothing is said before `start` has returned.
      setImmediate(() => {
        void script(trainer)
      })
      return {
        pid: undefined,
        closed,
        post: (command) => {
          if (isClosed) return
          commands.push(command)
          for (const onEvent of listeners) onEvent(command)
        },
        kill: () => trainer.exit({ code: null, signal: 'SIGKILL', description: 'the trainer was ended by force' }),
      }
    },
  }
}
