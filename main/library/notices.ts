import { plainLine } from '../../core/plain'
import type { AppEvent, Notice } from '../../core/protocol'

// A library that somebody else made may have something wrong in a hundred thousand places.
const mostNotices = 1000

/** What a library has to say, and who hears of that and of its changes. */
export class Notices {
  readonly #listeners = new Set<(event: AppEvent) => void>()
  readonly #notices: Notice[] = []
  readonly #said = new Set<string>()

  all(): readonly Notice[] {
    return this.#notices
  }

  listen(on: (event: AppEvent) => void): () => void {
    this.#listeners.add(on)
    return () => {
      this.#listeners.delete(on)
    }
  }

  emit(event: AppEvent): void {
    for (const on of this.#listeners) on(event)
  }

  add(level: Notice['level'], sentence: string): void {
    // Names of files and runs are in it.
    const message = plainLine(sentence)
    // A disk that stays full says so once, not every second.
    if (this.#said.has(message)) return
    if (this.#notices.length >= mostNotices && level !== 'error')
      return this.add(
        'error',
        'There is more to say about this library than is shown here; batchlab verify names every problem.',
      )
    this.#said.add(message)
    const notice: Notice = { id: String(this.#notices.length + 1), level, message }
    this.#notices.push(notice)
    this.emit({ type: 'notice', notice })
  }
}
