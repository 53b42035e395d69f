import { basename, dirname, join } from 'node:path'
import type { FileStats, FileSystem, OpenFile } from '../../main/files/fs'

/** The files of a folder tree, by path. */
export type Files = ReadonlyMap<string, Uint8Array>

interface Inode {
  readonly number: number
  bytes: Uint8Array
  modifiedMs: number
}

type Change =
  | { readonly type: 'write'; readonly inode: Inode; readonly position: number; readonly bytes: Uint8Array }
  | { readonly type: 'truncate'; readonly inode: Inode; readonly bytes: number }
  | { readonly type: 'sync' | 'failedSync'; readonly inode: Inode }
  | {
      readonly type: 'names'
      readonly folder: string
      readonly names: readonly (readonly [string, Inode | undefined])[]
    }
  | { readonly type: 'syncFolder'; readonly folder: string }
  | { readonly type: 'mark'; readonly name: string }

export interface Failure {
  /** Which call fails, counted from 1. */
  readonly at: number
  readonly code: string
  readonly mode: 'once' | 'onwards'
}

export interface RecordingOptions {
  readonly files?: Files
  readonly failure?: Failure
  /** No single write or read moves more than this. */
  readonly maxTransfer?: number
}

export interface RecordingFs extends FileSystem {
  readonly log: readonly Change[]
  /** The names of the calls so far. */
  readonly calls: readonly string[]
  mark(name: string): void
  files(): Files
  hasMark(name: string, prefix: number): boolean
  /** Every state of the disk that a power cut after the first `prefix` changes could leave behind. */
  crashStates(prefix: number): readonly Files[]
}

export const failed = (code: string, path: string): Error => Object.assign(new Error(`${code}: ${path}`), { code })

const apply = (bytes: Uint8Array, change: Change): Uint8Array => {
  if (change.type === 'truncate') {
    const cut = new Uint8Array(change.bytes)
    cut.set(bytes.subarray(0, change.bytes))
    return cut
  }
  if (change.type !== 'write') return bytes
  const grown = new Uint8Array(Math.max(bytes.byteLength, change.position + change.bytes.byteLength))
  grown.set(bytes)
  grown.set(change.bytes, change.position)
  return grown
}

/** What can become of a write that was not synced. */
const fates = ['kept', 'dropped', 'halved', 'zeroed'] as const
type Fate = (typeof fates)[number]

const withFate = (change: Change, fate: Fate): Change | undefined => {
  if (fate === 'kept') return change
  if (fate === 'dropped' || change.type !== 'write') return undefined
  return {
    ...change,
    bytes:
      fate === 'halved'
        ? change.bytes.subarray(0, change.bytes.byteLength >> 1)
        : new Uint8Array(change.bytes.byteLength),
  }
}

interface History {
  readonly initial: Uint8Array
  readonly changes: { readonly change: Change; isDurable: boolean }[]
}

/** Sorts what happened to each file into durable and not. */
const histories = (
  changes: readonly Change[],
  initial: ReadonlyMap<Inode, Uint8Array>,
): ReadonlyMap<Inode, History> => {
  const found = new Map<Inode, History>([...initial].map(([inode, bytes]) => [inode, { initial: bytes, changes: [] }]))
  const open = new Map<Inode, { isDurable: boolean }[]>()
  for (const change of changes) {
    if (change.type === 'write' || change.type === 'truncate') {
      const entry = { change, isDurable: false }
      const history = found.get(change.inode) ?? { initial: new Uint8Array(0), changes: [] }
      history.changes.push(entry)
      found.set(change.inode, history)
      open.set(change.inode, [...(open.get(change.inode) ?? []), entry])
    } else if (change.type === 'sync' || change.type === 'failedSync') {
      // As on Linux: what a failed sync lost, a later one does not bring back.
      if (change.type === 'sync') for (const entry of open.get(change.inode) ?? []) entry.isDurable = true
      open.delete(change.inode)
    }
  }
  return found
}

const contentOf = ({ initial, changes }: History, fate: Fate): Uint8Array => {
  let bytes = initial
  for (const { change, isDurable } of changes) {
    const kept = isDurable ? change : withFate(change, fate)
    if (kept !== undefined) bytes = apply(bytes, kept)
  }
  return bytes
}

const subsets = <T>(items: readonly T[]): readonly (readonly T[])[] => {
  if (items.length > 6) return items.map((_, index) => items.slice(0, index)).concat([[...items]])
  return Array.from({ length: 2 ** items.length }, (_, bits) => items.filter((_item, index) => (bits >> index) & 1))
}

type Names = ReadonlyMap<string, Inode>

/** Every folder listing that a crash could leave: synced changes are there, of the others any subset. */
const possibleNames = (changes: readonly Change[], initial: Names): readonly Names[] => {
  const durable: Change[] = []
  let pending: Change[] = []
  for (const change of changes) {
    if (change.type === 'names') pending.push(change)
    if (change.type !== 'syncFolder') continue
    durable.push(...pending.filter((waiting) => waiting.type === 'names' && waiting.folder === change.folder))
    pending = pending.filter((waiting) => waiting.type === 'names' && waiting.folder !== change.folder)
  }
  return subsets(pending).map((chosen) => {
    const names = new Map(initial)
    for (const change of [...durable, ...chosen]) {
      if (change.type !== 'names') continue
      for (const [path, inode] of change.names) {
        if (inode === undefined) names.delete(path)
        else names.set(path, inode)
      }
    }
    return names
  })
}

const fingerprint = (files: Files): string =>
  JSON.stringify([...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString('base64')]).sort())

/** A disk in memory that remembers every change, fails where asked, and knows what a crash could make of it. */
export const recordingFs = (options: RecordingOptions = {}): RecordingFs => {
  const { failure, maxTransfer = Infinity } = options
  const log: Change[] = []
  const calls: string[] = []
  let clock = 0
  let inodes = 1
  const initialNames: Names = new Map(
    [...(options.files ?? [])].map(([path, bytes]) => [path, { number: inodes++, bytes, modifiedMs: clock++ }]),
  )
  const initialBytes = new Map([...initialNames.values()].map((inode) => [inode, inode.bytes]))
  const names = new Map(initialNames)

  const call = (name: string, path: string): void => {
    calls.push(name)
    if (failure === undefined) return
    if (calls.length === failure.at || (failure.mode === 'onwards' && calls.length > failure.at))
      throw failed(failure.code, path)
  }
  const change = (entry: Change): void => {
    log.push(entry)
    if (entry.type === 'names') {
      for (const [path, inode] of entry.names) {
        if (inode === undefined) names.delete(path)
        else names.set(path, inode)
      }
    } else if (entry.type === 'write' || entry.type === 'truncate') {
      entry.inode.bytes = apply(entry.inode.bytes, entry)
      entry.inode.modifiedMs = clock++
    }
  }
  const inodeAt = (path: string): Inode => {
    const inode = names.get(path)
    if (inode === undefined) throw failed('ENOENT', path)
    return inode
  }
  const statsOf = ({ number, bytes, modifiedMs }: Inode): FileStats => ({
    type: 'file',
    bytes: bytes.byteLength,
    modifiedMs,
    identity: String(number),
  })

  const openFile = (inode: Inode, path: string): OpenFile => ({
    read: async (target, position) => {
      call('read', path)
      const part = inode.bytes.subarray(position, position + Math.min(target.byteLength, maxTransfer))
      target.set(part)
      return part.byteLength
    },
    write: async (bytes, position) => {
      const part = bytes.slice(0, Math.min(bytes.byteLength, maxTransfer))
      try {
        call('write', path)
      } catch (error) {
        // A full disk takes what still fits.
        change({ type: 'write', inode, position, bytes: part.slice(0, part.byteLength >> 1) })
        throw error
      }
      change({ type: 'write', inode, position, bytes: part })
      return part.byteLength
    },
    sync: async () => {
      try {
        call('sync', path)
      } catch (error) {
        change({ type: 'failedSync', inode })
        throw error
      }
      change({ type: 'sync', inode })
    },
    truncate: async (bytes) => {
      call('truncate', path)
      change({ type: 'truncate', inode, bytes })
    },
    stat: async () => {
      call('stat', path)
      return statsOf(inode)
    },
    close: async () => {
      call('close', path)
    },
  })

  return {
    log,
    calls,
    mark: (name) => {
      change({ type: 'mark', name })
    },
    files: () => new Map([...names].map(([path, inode]) => [path, inode.bytes])),
    hasMark: (name, prefix) => log.slice(0, prefix).some((entry) => entry.type === 'mark' && entry.name === name),
    crashStates: (prefix) => {
      const past = log.slice(0, prefix)
      const contents = histories(past, initialBytes)
      const states = new Map<string, Files>()
      for (const listing of possibleNames(past, initialNames)) {
        for (const fate of fates) {
          const files: Files = new Map(
            [...listing].map(([path, inode]) => {
              const history = contents.get(inode)
              return [path, history === undefined ? new Uint8Array(0) : contentOf(history, fate)]
            }),
          )
          states.set(fingerprint(files), files)
        }
      }
      return [...states.values()]
    },
    open: async (path, flags) => {
      call('open', path)
      const known = names.get(path)
      if (flags === 'r' || flags === 'r+') return openFile(inodeAt(path), path)
      if (flags.startsWith('wx') && known !== undefined) throw failed('EEXIST', path)
      const inode = known ?? { number: inodes++, bytes: new Uint8Array(0), modifiedMs: clock++ }
      if (known === undefined) change({ type: 'names', folder: dirname(path), names: [[path, inode]] })
      else change({ type: 'truncate', inode, bytes: 0 })
      return openFile(inode, path)
    },
    readFile: async (path) => {
      call('readFile', path)
      return inodeAt(path).bytes.slice()
    },
    rename: async (from, to) => {
      call('rename', from)
      change({
        type: 'names',
        folder: dirname(to),
        names: [
          [from, undefined],
          [to, inodeAt(from)],
        ],
      })
    },
    link: async (from, to) => {
      call('link', from)
      if (names.has(to)) throw failed('EEXIST', to)
      change({ type: 'names', folder: dirname(to), names: [[to, inodeAt(from)]] })
    },
    unlink: async (path) => {
      call('unlink', path)
      inodeAt(path)
      change({ type: 'names', folder: dirname(path), names: [[path, undefined]] })
    },
    syncFolder: async (folder) => {
      call('syncFolder', folder)
      change({ type: 'syncFolder', folder })
    },
    makeFolder: async (path) => {
      call('makeFolder', path)
    },
    removeFolder: async (path) => {
      call('removeFolder', path)
      for (const name of [...names.keys()].filter((one) => dirname(one) === path))
        change({ type: 'names', folder: path, names: [[name, undefined]] })
    },
    list: async (folder) => {
      call('list', folder)
      return [...names.keys()].filter((path) => dirname(path) === join(folder)).map((path) => basename(path))
    },
    stat: async (path) => {
      call('stat', path)
      return statsOf(inodeAt(path))
    },
  }
}

export const bytesFrom = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textFrom = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)
