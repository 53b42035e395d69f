import { basename } from 'node:path'
import { errorText } from '../../core/errorText'
import { durableWrite, type DurableWriteOptions } from './durableWrite'
import { migrate, unseal, type Envelope, type Shape } from './envelope'
import { FileError } from './fileError'
import type { FileSystem } from './fs'
import { JsonFileError, readCapped } from './jsonFile'
import { backupPaths, keepAside } from './storeBackups'

/** Something the user should know about a file: a sentence, and the file it speaks of. */
export interface FileNotice {
  readonly type: 'restored' | 'newer' | 'migrated' | 'unreadable' | 'damaged' | 'backupFailed'
  readonly message: string
  readonly path: string
}

export interface StoreSettings<T> extends Shape<T> {
  readonly defaults: T
  readonly fs: FileSystem
  readonly maxBytes: number
  readonly maxDepth: number
  readonly readOnly: boolean
  readonly now: () => Date
  readonly write?: Pick<DurableWriteOptions, 'platform' | 'pause' | 'readBack'> | undefined
}

interface Loaded<T> {
  readonly data: T
  readonly envelope: Envelope
  readonly bytes: Uint8Array
}

type Found<T> =
  | { readonly type: 'missing' }
  | { readonly type: 'good'; readonly loaded: Loaded<T> }
  | { readonly type: 'newer'; readonly data: T; readonly error: FileError }
  | { readonly type: 'damaged' | 'unreadable'; readonly error: FileError }

const find = async <T>(path: string, settings: StoreSettings<T>): Promise<Found<T>> => {
  try {
    const bytes = await readCapped(path, settings.maxBytes, settings.fs)
    const envelope = unseal(path, bytes, settings.maxDepth)
    try {
      return { type: 'good', loaded: { data: migrate(path, envelope, settings), envelope, bytes } }
    } catch (error) {
      if (!(error instanceof FileError) || error.code !== 'ENEWER') throw error
      const result = settings.schema.safeParse(envelope.data)
      return { type: 'newer', data: result.success ? result.data : settings.defaults, error }
    }
  } catch (error) {
    if (error instanceof JsonFileError) return { type: 'damaged', error }
    if (error instanceof FileError) return error.code === 'ENOENT' ? { type: 'missing' } : { type: 'unreadable', error }
    // A migration that throws has met data it does not understand.
    const reason = errorText(error)
    return {
      type: 'damaged',
      error: new FileError(
        path,
        'EMIGRATION',
        `${basename(path)} could not be brought up to date: ${reason} (${path})`,
        error,
      ),
    }
  }
}

/** What opening a store came to. */
export interface OpenedFile<T> {
  readonly data: T
  readonly readOnly: boolean
  /** Only damage without a backup can be left behind by starting over. */
  readonly canStartOver: boolean
  readonly generation: number
  /** What the file holds, which is good; undefined when there is none. */
  readonly found: { readonly envelope: Envelope; readonly bytes: Uint8Array } | undefined
  readonly notices: readonly FileNotice[]
}

const openGood = <T>(
  path: string,
  { data, envelope, bytes }: Loaded<T>,
  settings: StoreSettings<T>,
  notices: readonly FileNotice[],
): OpenedFile<T> => {
  const message =
    `${basename(path)} was made by an older version of this program. It is brought up to date when it is next ` +
    'saved, and the old file is kept beside it.'
  const isOld = envelope.format < settings.format
  return {
    data,
    readOnly: settings.readOnly,
    canStartOver: false,
    generation: envelope.generation,
    found: { envelope: { ...envelope, data: undefined }, bytes },
    notices: isOld && !settings.readOnly ? [...notices, { type: 'migrated', path, message }] : notices,
  }
}

const openWithoutWriting = <T>(data: T, type: FileNotice['type'], path: string, message: string): OpenedFile<T> => ({
  data,
  readOnly: true,
  canStartOver: type === 'damaged',
  generation: 0,
  found: undefined,
  notices: [{ type, path, message }],
})

const openFromBackup = async <T>(
  path: string,
  copy: Loaded<T>,
  backup: string,
  damage: FileError | undefined,
  settings: StoreSettings<T>,
): Promise<OpenedFile<T>> => {
  const why = damage === undefined ? `${basename(path)} is missing` : damage.message
  try {
    const date = new Date((await settings.fs.stat(backup)).modifiedMs).toISOString()
    if (settings.readOnly)
      return openWithoutWriting(copy.data, 'restored', path, `${why}. The backup of ${date} is shown instead.`)
    const aside = damage === undefined ? undefined : await keepAside(path, settings.fs, settings.now())
    await durableWrite(path, copy.bytes, { fs: settings.fs, ...settings.write })
    const kept = aside === undefined ? '' : ` The damaged file is kept as ${basename(aside)}.`
    const notice: FileNotice = {
      type: 'restored',
      path: aside ?? path,
      message: `${why}. It was restored from the backup of ${date}.${kept}`,
    }
    return openGood(path, copy, settings, [notice])
  } catch (error) {
    const reason = errorText(error)
    return openWithoutWriting(
      copy.data,
      'unreadable',
      path,
      `${why}. Its backup is shown and could not be put in its place: ${reason}.`,
    )
  }
}

/** Reads a store, or its newest good backup. Repairs what it can, and never overwrites what it cannot read. */
export const loadStore = async <T>(path: string, settings: StoreSettings<T>): Promise<OpenedFile<T>> => {
  const found = await find(path, settings)
  if (found.type === 'good') return openGood(path, found.loaded, settings, [])
  if (found.type === 'newer')
    return openWithoutWriting(found.data, 'newer', path, `${found.error.message}. It is open for reading only.`)
  if (found.type === 'unreadable')
    return openWithoutWriting(
      settings.defaults,
      'unreadable',
      path,
      `${found.error.message}. Nothing will be written to it.`,
    )
  const damage = found.type === 'damaged' ? found.error : undefined
  let badBackup: FileError | undefined
  let isUnsure = false
  for (const backup of backupPaths(path)) {
    const copy = await find(backup, settings)
    if (copy.type === 'good' && isUnsure) {
      // The newer backup may be readable next time: going back to the older one is for the user to decide.
      const message =
        `${damage?.message ?? `${basename(path)} is missing`}. ${String(badBackup?.message)}. An older backup is ` +
        'shown, and nothing is changed until you choose to start over from it.'
      return openWithoutWriting(copy.loaded.data, 'damaged', path, message)
    }
    if (copy.type === 'good') return openFromBackup(path, copy.loaded, backup, damage, settings)
    if (copy.type === 'newer')
      return openWithoutWriting(copy.data, 'newer', path, `${copy.error.message}. It is open for reading only.`)
    if (copy.type !== 'missing') badBackup ??= copy.error
    isUnsure ||= copy.type === 'unreadable'
  }
  const worst = damage ?? badBackup
  if (worst === undefined) {
    return {
      data: settings.defaults,
      readOnly: settings.readOnly,
      canStartOver: false,
      generation: 0,
      found: undefined,
      notices: [],
    }
  }
  return openWithoutWriting(
    settings.defaults,
    'damaged',
    path,
    `${worst.message}, and there is no good backup. Nothing is changed until you choose to start over; the ` +
      'damaged file will be kept.',
  )
}
