import { titleOf } from '../../core/names'
import { fold } from '../../core/fold'
import { isLive, type Run, type RunId } from '../../core/run'
import { errorCode, type FileSystem } from '../files/fs'
import type { RunFolders } from './runFolder'
import { lastEvent } from './runLog'
import type { RunList } from './runList'
import { forEach } from './serial'

// As many as there are threads that ask the disk, and some to wait for them.
const statsAtOnce = 16

/** How long the logs of runs are, and when they were written last. */
export type LogSizes = ReadonlyMap<RunId, { readonly bytes: number; readonly modifiedMs: number }>

/** A run's title behind its id, as messages have it. */
export const named = (run: Run): string => ` (${titleOf(run)})`

/** How long the log of each run is; of those that can be asked for. */
export async function logSizes(ids: readonly RunId[], folders: RunFolders, fs: FileSystem): Promise<LogSizes> {
  const logs = new Map<RunId, { readonly bytes: number; readonly modifiedMs: number }>()
  await forEach(ids, statsAtOnce, async (id) => {
    const found = await fs
      .stat(folders.logPath(id))
      .catch((error: unknown) => (errorCode(error) === 'ENOENT' ? { bytes: 0, modifiedMs: 0 } : null))
    if (found !== null) logs.set(id, found)
  })
  return logs
}

/** A log is only added to: one that is shorter than its record says has lost its end, or itself. */
export function warnOfLostLogs(
  list: RunList,
  logs: LogSizes,
  { folders, warn }: { readonly folders: RunFolders; readonly warn: (message: string) => void },
): void {
  for (const { id, logBytes: listed = 0 } of list.listed()) {
    const found = logs.get(id)?.bytes
    if (found === undefined || found >= listed) continue
    const run = list.get(id)
    if (run === undefined) continue
    const known = run.logBytes ?? 0
    const what =
      found === 0 ? 'is empty or gone' : `has lost its end: it has ${found} bytes, its record stands for ${known}`
    warn(
      `The log of run ${run.id}${named(run)} ${what}. The record is kept; what of the trace is lost can only ` +
        `come from a backup (${folders.logPath(run.id)})`,
    )
  }
}

interface Disk {
  readonly folders: RunFolders
  readonly fs: FileSystem
  /** When the list was written last. */
  readonly listedMs: number
}

/** Of runs that nobody trains those whose log has something that the list has not. */
export async function behindTheirLogs(
  list: RunList,
  runs: readonly Run[],
  logs: LogSizes,
  { folders, fs, listedMs }: Disk,
): Promise<readonly Run[]> {
  const behind: Run[] = []
  await forEach(runs, statsAtOnce, async ({ id, logBytes: listed }) => {
    const found = logs.get(id)
    if (found === undefined || (listed === undefined ? found.modifiedMs < listedMs : found.bytes <= listed)) return
    const run = list.get(id)
    if (run === undefined) return
    if (run.logBytes !== undefined || (await lacksLast(run, folders.logPath(id), fs))) behind.push(run)
  })
  return behind
}

/**
 * An older program's record does not say what it stands for. What that program logged by itself shows in the settings
 * and in the status.
 */
async function lacksLast(run: Run, path: string, fs: FileSystem): Promise<boolean> {
  const event = await lastEvent(path, fs).catch(() => null)
  if (event === null) return false
  const shown = ({ status, endedAt, config }: Run): string => JSON.stringify([status, endedAt, config])
  const after = fold(run, event)
  return !isLive(after.status) && shown(after) !== shown(run)
}
