import type { RunConfig } from '../../core/config/config'
import { errorText } from '../../core/errorText'
import type { AppEvent } from '../../core/protocol'
import { newRun, type Origin, type Run, type RunId } from '../../core/run'
import type { Records } from './records'
import type { RunFolders } from './runFolder'

export interface Annotations {
  readonly name?: string | undefined
  readonly notes?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly starred?: boolean | undefined
}

interface Options {
  readonly records: Records
  readonly folders: RunFolders
  readonly now: () => Date
  readonly newId: (isTaken: (id: RunId) => boolean) => RunId
  /** Throws where nothing may be written. */
  readonly mayWrite: () => void
  readonly emit: (event: AppEvent) => void
  readonly warn: (message: string) => void
}

/** What a person does with runs: each change is safe on disk when its promise settles. */
export class RunChanges {
  readonly #options: Options

  constructor(options: Options) {
    this.#options = options
  }

  async add(config: RunConfig, origin: Origin, originFile: string | null): Promise<Run> {
    const { records, folders, now, newId, mayWrite } = this.#options
    mayWrite()
    const id = newId(records.has)
    await folders.create(id, originFile, origin.type === 'fork')
    const run: Run = { ...newRun(id, now().toISOString(), config, origin), logBytes: 0 }
    await records.add(run)
    return this.#announce(run)
  }

  async annotate(id: RunId, { name, notes, tags, starred }: Annotations): Promise<Run> {
    const { records, mayWrite } = this.#options
    mayWrite()
    records.get(id)
    return this.#announce(
      await records.changeOne(id, (run) => ({
        ...run,
        name: name ?? run.name,
        notes: notes ?? run.notes,
        tags: tags === undefined ? run.tags : [...tags],
        starred: starred ?? run.starred,
      })),
    )
  }

  async remove(ids: readonly RunId[]): Promise<void> {
    const removedAt = this.#options.now().toISOString()
    await this.#changeAll(ids, (run) => ({ ...run, removedAt: run.removedAt ?? removedAt }))
  }

  async restore(ids: readonly RunId[]): Promise<void> {
    await this.#changeAll(ids, (run) => ({ ...run, removedAt: null }))
  }

  /** Deletes for ever what is in the trash. */
  async purge(ids: readonly RunId[]): Promise<void> {
    const { records, folders, mayWrite, emit, warn } = this.#options
    mayWrite()
    const gone = [...new Set(ids)].filter((id) => records.get(id).removedAt !== null)
    if (gone.length === 0) return
    await records.drop(gone, async () => {
      for (const id of gone) await folders.markRemoved(id)
    })
    for (const id of gone) emit({ type: 'runPurged', id })
    await folders
      .clearGraves(gone)
      .catch((error: unknown) => warn(`A removed run's files could not be deleted: ${errorText(error)}`))
  }

  async #changeAll(ids: readonly RunId[], patch: (run: Run) => Run): Promise<void> {
    const { records, mayWrite } = this.#options
    mayWrite()
    const known = [...new Set(ids)]
    known.forEach(records.get)
    for (const run of known.length === 0 ? [] : await records.change(known, patch)) this.#announce(run)
  }

  #announce(run: Run): Run {
    this.#options.emit({ type: 'runChanged', run })
    return run
  }
}
