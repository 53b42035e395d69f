import { join } from 'node:path'
import { Low } from 'lowdb'
import { z } from 'zod'
import { Settings } from '../../core/protocol'
import type { Run } from '../../core/run'
import { dataOf, type TextPieces } from '../files/envelope'
import type { FileSystem } from '../files/fs'
import { durableAdapter, type Store, type StoreOptions } from '../files/store'
import type { CheckedLists } from './checkedLists'
import { checkedPieces, fits, listText } from './recordText'
import { runShape } from './runFolder'
import { allInTurns } from './serial'

/** The runs are checked one by one when the library opens: a single bad one must not take the others with it. */
const LibraryFile = z.object({ runs: z.array(z.unknown()) })
type LibraryFile = z.output<typeof LibraryFile>

/** The format of the list, which is raised with that of the records in it. */
const listFormat = { format: runShape.format, migrations: runShape.migrations.map(() => (data: unknown) => data) }

// The list lies in an object in the envelope's object.
const maxDepth = 32
const recordDepth = maxDepth - 3

const piecesOf = ({ runs }: LibraryFile): Promise<TextPieces> => checkedPieces(runs as readonly Run[], recordDepth)

type FileNotice = Store<unknown>['notices'][number]

interface Common {
  readonly fs: FileSystem
  readonly now: () => Date
  readonly readOnly: boolean
  readonly onNotice: (notice: FileNotice) => void
  readonly checked?: CheckedLists | undefined
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
  /** As found: not checked yet, unless this very list was. */
  readonly entries: readonly unknown[]
  /** Whether this program has checked every entry of this list before. */
  readonly isChecked: boolean
  /** The JSON of these runs where they are the list as it was found, checked before and not changed since. */
  readonly textFound: (runs: readonly Run[]) => string | undefined
  /**
   * Remembers that the list that was found has been checked, where these are all its runs as they are written there.
   */
  readonly rememberCheck: (runs: readonly Run[]) => Promise<void>
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

const begin = '{"runs":'

/** The list in the text of `library.json`, without making anything of it. */
function listIn(bytes: Uint8Array): string | undefined {
  const data = dataOf(bytes)
  return data?.toString('latin1', 0, begin.length) === begin
    ? data.toString('utf8', begin.length, data.length - 1)
    : undefined
}

export async function openLibraryFiles(
  folder: string,
  { readOnly, checked, ...common }: Common,
): Promise<LibraryFiles> {
  const shared = { ...common, readOnly, maxBytes: 256 * 2 ** 20 }
  const library = await open<LibraryFile>(join(folder, 'library.json'), {
    ...shared,
    ...listFormat,
    schema: LibraryFile,
    defaults: { runs: [] },
    maxDepth,
    pieces: piecesOf,
    checkedBefore: (sha256) => checked?.has(sha256) === true,
    // What is read is never changed, only replaced.
    copy: ({ runs }) => ({ runs }),
  })
  const { store } = library
  const isLost = store.notices.some(({ type }) => type === 'damaged')
  const entries = store.data.runs
  const isChecked = store.onDisk !== undefined && checked?.has(store.onDisk.sha256) === true
  // Before anything is written that an older program would take for damaged: its version then says so, and leaves all
  // of it alone. Without room it waits for the next save.
  if (!store.readOnly && store.notices.some(({ type }) => type === 'migrated'))
    await library.low.write().catch(() => undefined)
  let found = store.onDisk
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
    isChecked,
    textFound: (runs) =>
      isChecked &&
      found !== undefined &&
      runs.length === entries.length &&
      runs.every((run, index) => run === entries[index])
        ? listIn(found.bytes)
        : undefined,
    rememberCheck: async (runs) => {
      const text = await listText(runs)
      if (found !== undefined && text === listIn(found.bytes)) await checked?.add(found.sha256)
    },
    // Lost settings are worth no warning: they are what panels were wide.
    notices: store.notices,
    readOnly: store.readOnly && !isLost ? store.notices.map(({ message }) => message).join(' ') : '',
    isLost,
    writeRuns: async (summaries) => {
      library.low.data = { runs: [...summaries] }
      await library.low.write()
      found = undefined
      if (checked === undefined || store.onDisk === undefined) return
      const { sha256 } = store.onDisk
      if (await allInTurns(summaries, fits)) await checked.add(sha256)
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
