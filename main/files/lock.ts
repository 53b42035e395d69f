import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname, uptime } from 'node:os'
import { basename } from 'node:path'
import { plainLine } from '../../core/plain'
import { isRunning, temporaryPath } from './durableWrite'
import { FileError, fileError } from './fileError'
import { diskFs, errorCode, writeFully, type FileSystem } from './fs'
import { textFromBytes } from './jsonText'

/** Who holds a lock. A pid alone is not enough: after a restart, or after some days, another program may have it. */
export interface LockOwner {
  readonly pid: number
  readonly host: string
  /** Identifies this run of the machine; on Linux only. */
  readonly bootId: string
  /** When the process began, in clock ticks since the machine started; on Linux only. */
  readonly processStart: string
  /** Seconds the machine had been up when the lock was taken. */
  readonly uptime: number
  readonly since: string
  readonly token: string
  /** Counted up while the owner lives; nothing in locks of before it was. */
  readonly beat?: string
}

export type LockResult =
  | { readonly type: 'held'; readonly token: string; readonly release: () => Promise<void>; readonly tookOver: boolean }
  | { readonly type: 'busy'; readonly owner: LockOwner; readonly message: string }

export interface LockOptions {
  readonly fs?: FileSystem
  readonly pause?: (ms: number) => Promise<void>
  /** Takes the lock from an owner that gives no sign of life while it is watched. */
  readonly takeOver?: boolean
}

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

const bootId = (): string => textOf('/proc/sys/kernel/random/boot_id')

// The command in brackets may hold spaces and brackets; the 20th field after it is the start time (proc(5), field 22).
const processStart = (pid: number): string => {
  const stat = textOf(`/proc/${String(pid)}/stat`)
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

/** Always as long, so that the next one can be written over it. */
export const beatText = (beat: number): string => String(beat).padStart(12, '0')

const thisOwner = (): LockOwner => ({
  pid: process.pid,
  host: hostname(),
  bootId: bootId(),
  processStart: processStart(process.pid),
  uptime: uptime(),
  since: new Date().toISOString(),
  token: randomUUID(),
  beat: beatText(0),
})

export const ownerFrom = (text: string): LockOwner | undefined => {
  try {
    const value = JSON.parse(text) as Partial<Record<keyof LockOwner, unknown>> | null
    if (
      typeof value !== 'object' ||
      value === null ||
      typeof value.pid !== 'number' ||
      !(Number.isInteger(value.pid) && value.pid > 0) ||
      typeof value.token !== 'string'
    )
      return undefined
    const textIn = (key: keyof LockOwner): string =>
      typeof value[key] === 'string' ? plainLine(value[key].slice(0, 200)) : ''
    return {
      pid: value.pid,
      token: value.token,
      host: textIn('host'),
      bootId: textIn('bootId'),
      processStart: textIn('processStart'),
      since: textIn('since'),
      uptime: typeof value.uptime === 'number' ? value.uptime : 0,
      beat: textIn('beat'),
    }
  } catch {
    return undefined
  }
}

/** Whether the owner is certainly gone. On another machine nobody can tell, so it counts as there. */
const isGone = (owner: LockOwner): boolean => {
  const here = thisOwner()
  const isSameBoot = owner.bootId !== '' && owner.bootId === here.bootId
  if (owner.host !== here.host) return false
  if (!isSameBoot && (owner.bootId !== '' || here.uptime < owner.uptime)) return true
  if (!isRunning(owner.pid)) return true
  return owner.processStart !== '' && processStart(owner.pid) !== owner.processStart
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const mostBytes = 2 ** 16

const readText = async (fs: FileSystem, path: string): Promise<string | undefined> => {
  try {
    // A lock is a line; what is longer is none.
    return (await fs.stat(path)).bytes > mostBytes ? '' : textFromBytes(await fs.readFile(path))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    if (error instanceof TypeError) return ''
    throw error
  }
}

const create = async (fs: FileSystem, path: string, owner: LockOwner): Promise<boolean> => {
  try {
    const file = await fs.open(path, 'wx')
    try {
      await writeFully(file, new TextEncoder().encode(`${JSON.stringify(owner)}\n`), 0)
      await file.sync()
    } finally {
      await file.close()
    }
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

/** A lock is created and then filled: gives its owner a second to finish before it counts as abandoned. */
const readFilled = async (
  fs: FileSystem,
  path: string,
  pause: (ms: number) => Promise<void>,
): Promise<string | undefined> => {
  for (let tries = 0; ; tries++) {
    const text = await readText(fs, path)
    if (text === undefined || ownerFrom(text) !== undefined || tries === 10) return text
    await pause(100)
  }
}

const settleMs = 250
const mostVanished = 100

/**
 * Replaces a stale lock in one step, so that there is never a moment without a lock file. Several processes may do so
 * at once: the last wins, and each looks again after a while whether it was the last.
 */
const replaceStale = async (
  fs: FileSystem,
  path: string,
  seen: string,
  owner: LockOwner,
  pause: (ms: number) => Promise<void>,
): Promise<boolean> => {
  const temporary = temporaryPath(path)
  if (!(await create(fs, temporary, owner))) return false
  let isReplaced = false
  try {
    if ((await readText(fs, path)) !== seen) return false
    await fs.rename(temporary, path)
    isReplaced = true
  } finally {
    if (!isReplaced) await fs.unlink(temporary)
  }
  await pause(settleMs)
  return ownerFrom((await readText(fs, path)) ?? '')?.token === owner.token
}

/**
 * How long an owner is watched before it may be taken for dead: several of its beats. Only changes count, so clocks
 * that differ do no harm.
 */
export const silentAfterMs = 16_000

/** Whether the lock stays as it was seen for as long as an owner that lives would have changed it. */
const isSilent = async (
  fs: FileSystem,
  path: string,
  seen: string,
  pause: (ms: number) => Promise<void>,
): Promise<boolean> => {
  for (let waited = 0; waited < silentAfterMs; waited += 1000) {
    await pause(1000)
    if ((await readText(fs, path)) !== seen) return false
  }
  return true
}

/** Settles when the owner of a lock is gone, or gives no sign of life while it is watched. */
export const waitForSilence = async (
  path: string,
  { fs = diskFs, pause = wait }: LockOptions = {},
): Promise<LockOwner | null> => {
  for (;;) {
    const text = (await readText(fs, path)) ?? ''
    const owner = ownerFrom(text)
    if (owner === undefined || isGone(owner)) return null
    if (await isSilent(fs, path, text, pause)) return owner
  }
}

/** When the lock was last written, by the clock of its file system: for people to read, not to judge by. */
const lastSign = async (fs: FileSystem, path: string): Promise<string> => {
  try {
    return `; its last sign of life is of ${new Date((await fs.stat(path)).modifiedMs).toISOString()}`
  } catch {
    return ''
  }
}

const busyMessage = (path: string, { pid, host, since }: LockOwner, sign: string, wasWatched: boolean): string => {
  const where = host === hostname() ? '' : ` on the computer “${host}”`
  const advice = wasWatched
    ? 'It gives signs of life, so nothing was taken over.'
    : `If it is gone, take over with --take-over, or delete ${basename(path)} in the folder.`
  return `Another program${where} (process ${String(pid)}, since ${since}${sign}) is using this folder. ${advice}`
}

/**
 * Takes the lock file of a folder that has one writer at a time. A lock whose owner is gone (its process ended, or its
 * machine was restarted) is taken over; a live one reports its owner.
 */
export const acquireLock = async (path: string, options: LockOptions = {}): Promise<LockResult> => {
  const { fs = diskFs, pause = wait, takeOver = false } = options
  const owner = thisOwner()
  const release = async (): Promise<void> => {
    const text = await readText(fs, path)
    if (text !== undefined && ownerFrom(text)?.token === owner.token) await fs.unlink(path)
  }
  try {
    for (let vanished = 0; ;) {
      if (await create(fs, path, owner)) return { type: 'held', token: owner.token, release, tookOver: false }
      const text = await readFilled(fs, path, pause)
      if (text === undefined) {
        // Its owner gave it back meanwhile. A name that is taken and leads nowhere, such as a broken link, stays so.
        if (++vanished > mostVanished)
          throw new FileError(
            path,
            'ENOENT',
            `Cannot lock the folder: ${basename(path)} is there and cannot be read (${path}). Delete it if no ` +
              'other program uses the folder',
          )
        await pause(10)
        continue
      }
      const other = ownerFrom(text)
      if (other !== undefined && !isGone(other) && !(takeOver && (await isSilent(fs, path, text, pause)))) {
        return { type: 'busy', owner: other, message: busyMessage(path, other, await lastSign(fs, path), takeOver) }
      }
      if (await replaceStale(fs, path, text, owner, pause))
        return { type: 'held', token: owner.token, release, tookOver: true }
    }
  } catch (error) {
    throw fileError('lock', path, error)
  }
}

/** Who holds a lock now; null when nobody does, or its owner is gone. */
export const lockOwner = async (path: string, fs: FileSystem = diskFs): Promise<LockOwner | null> => {
  const text = await readText(fs, path).catch((error: unknown) => {
    throw fileError('read', path, error)
  })
  const owner = ownerFrom(text ?? '')
  return owner === undefined || isGone(owner) ? null : owner
}
