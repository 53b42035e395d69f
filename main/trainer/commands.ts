import { join } from 'node:path'
import type { HostMessage, TrainCommand } from '../../core/job'
import { diskFs } from '../files/fs'
import { isFileNow } from '../files/guard'

/**
 * Thrown out of a piece of work when a pause or a stop is heard in the middle of it: nothing of it counts, and it is
 * done again when the run goes on.
 */
export class Interrupted extends Error {
  constructor() {
    super('Somebody asked for a pause or a stop in the middle of this')
    this.name = 'Interrupted'
  }
}

/**
 * Called between two pieces of a long piece of work, with how much of it is done. Throws `Interrupted` where it should
 * be left.
 */
export type Between = (done: number, total: number) => void

/** What a training hears while it works, and what it says of work that takes long. */
export interface CommandListener {
  /** The next thing that somebody asked for, or null; asked between updates. */
  readonly wanted: () => TrainCommand['type'] | null
  /** Leaves a piece of work, by `Interrupted`, where a pause or a stop was asked for. */
  readonly heed: () => void
  /** The same for work of this name, such as “Validating”, which says how far it is once it takes long. */
  readonly during: (work: string) => Between
}

/** Commands as they come: the next one, and whether a pause or a stop is among those that wait. */
export interface Commands {
  readonly next: () => TrainCommand['type'] | null
  readonly isAskedToEnd: () => boolean
}

/** Commands of somebody who is asked between updates and interrupts nothing. */
const betweenUpdates = (next: Commands['next']): Commands => ({ next, isAskedToEnd: () => false })

const pollEveryMs = 500
/** Work that is over before this is not worth a word; then it is told of so often. */
const silentForMs = 1000
const tellEveryMs = 500

/** Commands come as messages, or as a file that another process leaves in the run's folder to ask for a pause. */
export function listenForCommands(
  runFolder: string,
  heard: Commands | Commands['next'],
  post: (message: HostMessage) => void,
): CommandListener {
  const commands = typeof heard === 'function' ? betweenUpdates(heard) : heard
  const request = join(runFolder, 'pause.request')
  let polled = -Infinity
  let isRequested = false

  function isPauseRequested(): boolean {
    const now = performance.now()
    if (isRequested || now - polled < pollEveryMs) return isRequested
    polled = now
    isRequested = isFileNow(request)
    if (isRequested) void diskFs.unlink(request).catch(() => undefined)
    return isRequested
  }

  const isAskedToEnd = (): boolean => commands.isAskedToEnd() || isPauseRequested()

  return {
    wanted: () => {
      const command = commands.next()
      if (command !== null) return command
      if (!isPauseRequested()) return null
      isRequested = false
      return 'pause'
    },
    heed: () => {
      if (isAskedToEnd()) throw new Interrupted()
    },
    during: (work) => {
      const began = performance.now()
      let told = began + silentForMs - tellEveryMs
      let hasSpoken = false
      const tell = (fraction: number): void => {
        hasSpoken = true
        post({ type: 'progress', message: work, fraction })
      }
      return (done, total) => {
        const isOver = done >= total
        const isLeft = !isOver && isAskedToEnd()
        const now = performance.now()
        if ((isOver || isLeft) && hasSpoken) tell(1)
        else if (now - told >= tellEveryMs) {
          told = now
          if (!isOver) tell(done / total)
        }
        if (isLeft) throw new Interrupted()
      }
    },
  }
}
