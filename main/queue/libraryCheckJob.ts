import type { Folders } from '../../core/job'
import type { ShortReport } from '../../core/libraryReport'
import { checkProgress } from '../../core/protocol'
import type { SideJobs } from './sideJobs'

export interface LibraryCheckJob {
  /**
   * Reads every file of the library in a process of its own and changes none. One at a time: whoever asks meanwhile
   * gets the same answer.
   */
  readonly check: () => Promise<ShortReport>
  readonly stopCheck: () => void
}

export function createLibraryCheckJob({
  library,
  jobs,
  folders,
}: {
  readonly library: { readonly folder: string }
  readonly jobs: SideJobs
  readonly folders: Folders
}): LibraryCheckJob {
  let current: { readonly answer: Promise<ShortReport>; readonly stop: AbortController } | null = null

  const begin = (): NonNullable<typeof current> => {
    const stop = new AbortController()
    const answer = jobs
      .run({ type: 'check', library: library.folder, folders }, { progressId: checkProgress, signal: stop.signal })
      .finally(() => {
        current = null
      })
    return { stop, answer }
  }

  return {
    check: async () => {
      // One that was stopped is no answer to whoever asks afterwards, and two processes at once are too many.
      while (current?.stop.signal.aborted === true) await current.answer.catch(() => undefined)
      current ??= begin()
      return await current.answer
    },
    stopCheck: () => current?.stop.abort(),
  }
}
