import { rmSync } from 'node:fs'

const left: (() => void | Promise<void>)[] = []

/** Does something when the tests of this file have ended; what was asked for last comes first. */
export function atEndOfFile(cleanUp: () => void | Promise<void>): void {
  left.push(cleanUp)
}

/** Called behind each file (afterFile.ts): files that share their modules would share a hook of a module, too. */
export async function cleanUp(): Promise<void> {
  for (const each of left.splice(0).reverse()) await each()
}

/** Removes a folder with all in it, also while a process that is about to end still writes there. */
export function removeFolder(folder: string): void {
  for (let tries = 20; ; tries--) {
    try {
      return rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
    } catch (error) {
      // The retries of rmSync itself list a folder only once, and so never see what was written since.
      if (tries === 0 || (error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error
    }
  }
}
