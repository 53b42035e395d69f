import { join } from 'node:path'
import { Low } from 'lowdb'
import { z } from 'zod'
import { version } from '../../package.json'
import { Settings } from '../../core/protocol'
import type { Run } from '../../core/run'
import type { FileSystem } from '../files/fs'
import { durableAdapter, type Store, type StoreOptions } from '../files/store'
import { listPieces } from './recordText'
import { runShape } from './runFolder'

/**
 * The runs are checked one by one: a single bad one must not take the others with it. `version` is that of the program
 * that wrote them; another one may know a setting that they lack.
 */
const LibraryFile = z.object({ version: z.string().optional(), runs: z.array(z.unknown()) })
type LibraryFile = z.output<typeof LibraryFile>

/** The format of the list, which is raised with that of the records in it. */
const listFormat = { format: runShape.format, migrations: runShape.migrations.map(() => (data: unknown) => data) }

type FileNotice = Store<unknown>['notices'][number]

interface Common {
  readonly fs: FileSystem
  readonly now: () => Date
  readonly readOnly: boolean
  readonly onNotice: (notice: FileNotice) => void
}

const open = async <T>(
  path: string,
  options: StoreOptions<T>,
): Promise<{ readonly low: Low<T>; readonly store: Store<T> }> => {
  const adapter = durableAdapter(path, options)
  const low = new Low<T>(adapter, options.defaults)
  await low.read()
  if (adapter.store === undefined) throw new Error(`${path} did not open`)
  return { low, store: adapter.store }
}

/** `library.json`, the list of runs, and `settings.json`, which may be lost without harm: lowdb on durable files. */
export interface LibraryFiles {
  /** As found: not validated yet. */
  readonly entries: readonly unknown[]
  /** Whether a program of this version wrote them, so that none of them lacks anything. */
  readonly isOurs: boolean
  readonly notices: readonly FileNotice[]
  /** Why `library.json` cannot be written; empty when it can. */
  readonly readOnly: string
  /** `library.json` was damaged and so were its backups: the run folders are all that is left. */
  readonly isLost: boolean
  readonly writeRuns: (summaries: readonly Run[]) => Promise<void>
  readonly startOver: () => Promise<void>
  readonly settings: () => Settings
  readonly writeSettings: (settings: Settings) => Promise<void>
}

export async function openLibraryFiles(folder: string, { readOnly, ...common }: Common): Promise<LibraryFiles> {
  const shared = { ...common, readOnly, maxBytes: 256 * 2 ** 20 }
  const library = await open<LibraryFile>(join(folder, 'library.json'), {
    ...shared,
    ...listFormat,
    schema: LibraryFile,
    defaults: { runs: [] },
    pieces: listPieces,
    // What is read is never changed, only replaced.
    copy: (list) => list,
  })
  const { store } = library
  const isLost = store.notices.some(({ type }) => type === 'damaged')
  const { runs: entries, version: writer } = store.data
  // Before anything is written that an older program would take for damaged: its version then says so, and leaves all
  // of it alone. Without room it waits for the next save.
  const isMigrated = store.notices.some(({ type }) => type === 'migrated')
  if (!store.readOnly && isMigrated) {
    library.low.data = { runs: [...entries] }
    await library.low.write().catch(() => undefined)
  }
  const settings = await open<Settings>(join(folder, 'settings.json'), {
    ...shared,
    migrations: [],
    format: 1,
    schema: Settings,
    defaults: Settings.parse({}),
    readOnly: readOnly || (store.readOnly && !isLost),
  })
  if (!readOnly) await settings.store.startOver().catch(() => undefined)
  return {
    entries,
    isOurs: writer === version && !isMigrated,
    // Lost settings are worth no warning: they are what panels were wide.
    notices: store.notices,
    readOnly: store.readOnly && !isLost ? store.notices.map(({ message }) => message).join(' ') : '',
    isLost,
    writeRuns: async (summaries) => {
      library.low.data = { version, runs: [...summaries] }
      await library.low.write()
    },
    startOver: store.startOver,
    settings: () => settings.low.data,
    writeSettings: async (value) => {
      const before = settings.low.data
      settings.low.data = value
      try {
        await settings.low.write()
      } catch (error) {
        settings.low.data = before
        throw error
      }
    },
  }
}
