import { basename, dirname } from 'node:path'
import { errorText } from '../../core/errorText'
import { durableWrite, sweepUnfinished } from './durableWrite'
import {
  migrate,
  seal,
  sealInTurns,
  snapshotOf,
  unseal,
  type Envelope,
  type TextPieces,
  type SealedText,
} from './envelope'
import { FileError } from './fileError'
import { diskFs } from './fs'
import { JsonFileError, readCapped } from './jsonFile'
import { latestQueue } from './latestQueue'
import { backUp, keepAside, keepOldFormat } from './storeBackups'
import { loadStore, type FileNotice, type StoreSettings } from './storeOpening'

export type StoreOptions<T> = Pick<StoreSettings<T>, 'schema' | 'format' | 'migrations' | 'defaults'> &
  Partial<StoreSettings<T>> & {
    /** Within a session, backups are at least this far apart. */
    readonly backupEveryMs?: number
    /**
     * The data as text in pieces, for data that is too much to write down and read back at once. The text must be known
     * to read back as it is. Data given to `write` may then never change.
     */
    readonly pieces?: (data: T) => Promise<TextPieces>
    /** A copy for lowdb to change; structured clones where nothing is said. */
    readonly copy?: (data: T) => T
    /** Hears what happens after opening; what happened while opening is in `notices`. */
    readonly onNotice?: (notice: FileNotice) => void
  }

export interface Store<T> {
  /** What the disk holds: changes only after a write succeeded. */
  readonly data: T
  /** The text of it on disk, sealed, and its checksum; undefined while there is none. */
  readonly onDisk: { readonly bytes: Uint8Array; readonly sha256: string } | undefined
  readonly notices: readonly FileNotice[]
  readonly readOnly: boolean
  /** Resolves when this data, or newer data that took its place in the queue, is safe on disk. */
  write(data: T): Promise<void>
  /** After damage without a backup: keeps the damaged file aside and allows writing again. */
  startOver(): Promise<void>
}

type Sealing<T> = () => Promise<SealedText & { readonly data: T }>

interface OnDisk {
  readonly envelope: Envelope
  readonly bytes: Uint8Array
}

/**
 * Opens a JSON store: parse → checksum → migrate → schema. A damaged file is kept aside and its newest good backup
 * takes its place; a newer format, or damage without a backup, opens read-only. Never throws for what the files hold.
 * `schema` must accept its own output. One of the two backups is always the state before this session.
 */
export const openStore = async <T>(path: string, options: StoreOptions<T>): Promise<Store<T>> => {
  const { backupEveryMs = 5 * 60_000, onNotice = () => undefined } = options
  const settings: StoreSettings<T> = {
    fs: diskFs,
    maxBytes: 64 * 2 ** 20,
    maxDepth: 32,
    readOnly: false,
    now: () => new Date(),
    ...options,
  }
  const { fs, format, maxBytes, maxDepth } = settings
  if (settings.migrations.length !== format - 1) {
    throw new Error(
      `Format ${String(format)} needs ${String(format - 1)} migrations, found ${String(settings.migrations.length)}`,
    )
  }
  // A sweep that fails costs a few bytes and says nothing about the store.
  if (!settings.readOnly) await sweepUnfinished(dirname(path), fs).catch(() => undefined)
  const opening = await loadStore(path, settings)
  let { data, readOnly, generation } = opening
  let known: OnDisk | undefined = opening.found
  let ours = new Set(known === undefined ? [] : [known.envelope.sha256])
  let backedUpMs: number | undefined
  let backups = 0

  const fitting = (text: SealedText): SealedText => {
    if (text.bytes.byteLength > maxBytes)
      throw new JsonFileError(path, 'ETOOLARGE', `was not saved: it would be larger than ${String(maxBytes)} bytes`, [])
    return text
  }

  /** Takes the data as it is now; the sealed text of it is made when its turn comes. */
  const sealing = (value: T): Sealing<T> => {
    const { pieces } = options
    if (pieces !== undefined)
      return async () => ({ ...fitting(await sealInTurns(format, generation + 1, await pieces(value))), data: value })
    const taken = snapshotOf(value)
    // What we could not read again we must not write.
    return async () => {
      const text = fitting(seal(format, generation + 1, taken))
      return { ...text, data: migrate(path, unseal(path, text.bytes, maxDepth), settings) }
    }
  }

  const readCurrent = async (): Promise<OnDisk | undefined> => {
    try {
      const bytes = await readCapped(path, maxBytes, fs)
      // Reading 2,000 runs back takes longer than writing them: bytes that we know need no second look.
      if (known !== undefined && Buffer.compare(bytes, known.bytes) === 0) return known
      return { bytes, envelope: unseal(path, bytes, maxDepth) }
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      if (error.code === 'ENOENT') return undefined
      if (!(error instanceof JsonFileError) && error.code !== 'EIO') throw error
      const aside = await keepAside(path, fs, settings.now())
      onNotice({
        type: 'damaged',
        path: aside,
        message: `${error.message}. It was damaged while the program ran and is kept as ${basename(aside)}.`,
      })
      return undefined
    }
  }

  const protect = async ({ bytes, envelope }: OnDisk): Promise<void> => {
    if (!ours.has(envelope.sha256)) {
      throw new FileError(
        path,
        'ECHANGED',
        `${basename(path)} was not saved: another program changed it (expected write ${String(generation)}, ` +
          `found write ${String(envelope.generation)}), and nothing was overwritten (${path})`,
      )
    }
    if (envelope.format < format) await keepOldFormat(path, bytes, envelope.format, settings)
    const nowMs = performance.now()
    if (backedUpMs !== undefined && nowMs - backedUpMs < backupEveryMs) return
    try {
      // The first backup is the state before this session, the second moves it on, and there it stays.
      await backUp(path, bytes, settings, backups < 2)
      backups++
      backedUpMs = nowMs
    } catch (error) {
      const reason = errorText(error)
      onNotice({ type: 'backupFailed', path, message: `The backup of ${basename(path)} failed: ${reason}` })
    }
  }

  const save = latestQueue(async (make: Sealing<T>) => {
    const next = await make()
    const current = await readCurrent()
    if (current !== undefined) await protect(current)
    // A write that fails after its rename may be on disk all the same: then that file is ours too.
    ours.add(next.sha256)
    await durableWrite(path, next.bytes, { fs, ...settings.write })
    ours = new Set([next.sha256])
    known = {
      bytes: next.bytes,
      envelope: { format, generation: generation + 1, sha256: next.sha256, data: undefined },
    }
    generation++
    data = next.data
  })

  return {
    get data() {
      return data
    },
    get onDisk() {
      return known === undefined ? undefined : { bytes: known.bytes, sha256: known.envelope.sha256 }
    },
    get readOnly() {
      return readOnly
    },
    notices: opening.notices,
    write: async (value) => {
      if (readOnly)
        throw new FileError(path, 'EREADONLY', `${basename(path)} was not saved: it is open for reading only (${path})`)
      await save(sealing(value))
    },
    startOver: async () => {
      if (!readOnly) return
      if (!opening.canStartOver || settings.readOnly)
        throw new FileError(
          path,
          'EREADONLY',
          `${basename(path)} is not damaged, so it stays open for reading only (${path})`,
        )
      const exists = (await fs.list(dirname(path))).includes(basename(path))
      if (exists) await keepAside(path, fs, settings.now())
      readOnly = false
    },
  }
}

/** lowdb's `Adapter`, and what opening found. */
export interface DurableAdapter<T> {
  read(): Promise<T>
  write(data: T): Promise<void>
  /** Undefined before the first `read`. */
  readonly store: Store<T> | undefined
}

/** Lets lowdb's `Low` keep its data in a durable store; `read` opens the file afresh. */
export const durableAdapter = <T>(path: string, options: StoreOptions<T>): DurableAdapter<T> => {
  let store: Store<T> | undefined
  const open = async (): Promise<Store<T>> => (store = await openStore(path, options))
  return {
    // Low changes what it is given in place, and the store's own data must stay what the disk holds.
    read: async () => {
      const { data } = await open()
      return options.copy === undefined ? structuredClone(data) : options.copy(data)
    },
    write: async (data) => {
      await (store ?? (await open())).write(data)
    },
    get store() {
      return store
    },
  }
}
