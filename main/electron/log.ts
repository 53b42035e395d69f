import log from 'electron-log/node'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { plain } from '../../core/plain'

const kept = 5

/** main.log → main.1.log → … → main.5.log, which goes. */
function rotate(file: string): void {
  const old = (n: number): string => file.replace(/\.log$/, `.${String(n)}.log`)
  try {
    rmSync(old(kept), { force: true })
    for (let n = kept - 1; n >= 1; n--) if (existsSync(old(n))) renameSync(old(n), old(n + 1))
    renameSync(file, old(1))
  } catch {
    /* the log goes on in the same file */
  }
}

/** Writes the log to a file, at most 1 MiB each and six of them. */
export function openAppLog(folder: string): void {
  log.transports.file.resolvePathFn = () => join(folder, 'main.log')
  log.transports.file.maxSize = 2 ** 20
  log.transports.file.archiveLogFn = (file) => rotate(file.path)
  log.transports.console.level = 'warn'
  // Notes what would end the app otherwise; a fault in one request is no reason to take a running training's window
  // away.
  log.errorHandler.startCatching({ showDialog: false })
}

// A line of the log begins with its time: a name with a line end in it must not make one that looks so.
const entry = (message: string): string => plain(message).replaceAll('\n', '\n    ')

export const logInfo = (message: string): void => log.info(entry(message))
export const logWarning = (message: string): void => log.warn(entry(message))
export const logError = (message: string, error: unknown): void =>
  log.error(entry(`${message} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`))
