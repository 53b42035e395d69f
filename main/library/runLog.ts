import type { Diagnosis, Points, TrainEvent } from '../../core/events'
import { noPoints, TrainEvent as TrainEventSchema } from '../../core/events'
import { addToDiagnoses, addToTrace, folding } from '../../core/fold'
import { isLive, newRun, Run } from '../../core/run'
import { openLog } from '../files/eventLog'
import { FileError, fileError } from '../files/fileError'
import { errorCode, type FileSystem } from '../files/fs'
import { readLog } from '../files/readLog'

const columns = Object.keys(noPoints()) as (keyof Points)[]

/** Columns that were not recorded from the beginning. */
const later: readonly (keyof Points)[] = ['momentum']

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
const isDuration = (value: unknown): boolean => Number.isFinite(value) && (value as number) >= 0
const isMeasured = (value: unknown): boolean => value === null || typeof value === 'number'
const rules: Readonly<Record<keyof Points, (value: unknown) => boolean>> = {
  update: isCount,
  batchSize: isCount,
  learningRate: Number.isFinite,
  seconds: isDuration,
  loss: isMeasured,
  accuracy: isMeasured,
  gradientNorm: isMeasured,
  momentum: isMeasured,
}

/**
 * The line's checksum shows that it is as written, not that this version knows what it says, or that it was this
 * program that wrote it. The columns of the long ones are checked by hand: the schema would take longer for them than
 * all the rest.
 */
export function trainEventFrom(event: object): TrainEvent | null {
  if ('type' in event && event.type === 'advanced' && 'points' in event) {
    const points = event.points as Record<string, unknown> | null
    if (!Array.isArray(points?.update)) return null
    const { length } = points.update
    for (const column of later) points[column] ??= new Array(length).fill(null)
    return columns.every((column) => {
      const values = points[column]
      return Array.isArray(values) && values.length === length && values.every(rules[column])
    })
      ? { type: 'advanced', points: event.points as Points }
      : null
  }
  const parsed = TrainEventSchema.safeParse(event)
  return parsed.success ? parsed.data : null
}

/**
 * Calls back with every event of a log that can be read; returns how many lines could not, and where the whole ones
 * end. A missing log is an empty one.
 */
async function eachEvent(
  path: string,
  fs: FileSystem,
  on: (event: TrainEvent) => void,
  from = 0,
): Promise<{ readonly unread: number; readonly end: number }> {
  let unknown = 0
  try {
    const { damaged, end } = await readLog(
      path,
      (line) => {
        const event = trainEventFrom(line)
        if (event === null) unknown++
        else on(event)
      },
      { fs, from },
    )
    return { unread: damaged + unknown, end }
  } catch (error) {
    if (error instanceof FileError && error.code === 'ENOENT') return { unread: 0, end: 0 }
    throw error
  }
}

/** A run as its log has it, with what a person wrote about it and did with it: no log says that. */
export const withWords = (folded: Run, { name, notes, tags, starred, removedAt }: Run): Run => ({
  ...folded,
  name,
  notes,
  tags,
  starred,
  removedAt,
})

/** A run as it was before its first event; what a person wrote about it stays. */
export const beforeFirst = (run: Run): Run => withWords(newRun(run.id, run.createdAt, run.config, run.origin), run)

/** How long a log is; a missing one is an empty one. */
export async function logBytes(path: string, fs: FileSystem): Promise<number> {
  try {
    return (await fs.stat(path)).bytes
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0
    throw fileError('read', path, error)
  }
}

/**
 * A run's record folded anew from its log, or as given when the log holds nothing; and how many lines of it could not
 * be read. Throws where it would be one that could not be read again: it would be lost as soon as it was written.
 */
export async function foldLog(
  path: string,
  run: Run,
  fs: FileSystem,
): Promise<{ readonly run: Run; readonly unread: number }> {
  const folded = folding(beforeFirst(run))
  let isEmpty = true
  const { unread, end } = await eachEvent(path, fs, (event) => {
    folded.add(event)
    isEmpty = false
  })
  if (isEmpty) return { run, unread }
  const made = { ...folded.run(), logBytes: end }
  // Epochs, remarks and checkpoints were checked with their events.
  const { success, error } = Run.safeParse({ ...made, epochs: [], log: [], checkpoints: [] })
  if (!success) {
    const [issue] = error.issues
    throw new Error(`its events do not make a record: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`)
  }
  return { run: made, unread }
}

/**
 * A record as it would be with what its log has and it has not, because whoever writes them wrote the log last or was
 * killed in between; changes nothing on the disk.
 */
export async function upToDate(path: string, run: Run, fs: FileSystem): Promise<Run> {
  const bytes = await logBytes(path, fs).catch(() => 0)
  if (run.logBytes === undefined ? !isLive(run.status) : bytes <= run.logBytes) return run
  const { run: folded } = await foldLog(path, run, fs)
  // That it was asked to pause or to stop is in no log.
  return { ...withWords(folded, run), ...(isLive(folded.status) && isLive(run.status) && { status: run.status }) }
}

/** How often a run was planned longer, as its log has it: its record does not say where an older program wrote it. */
export async function extensionsFromLog(
  path: string,
  run: Run,
  fs: FileSystem,
): Promise<NonNullable<Run['extensions']>> {
  const folded = folding(beforeFirst(run))
  const plannedBefore: (number | null)[] = []
  let planned: number | null = null
  await eachEvent(path, fs, (event) => {
    folded.add(event)
    if (event.type === 'extended') plannedBefore.push(planned)
    if (event.type === 'started' || event.type === 'extended') planned = event.epochs
  })
  // An older program wrote down how long a run was to be when it started, not when it was extended.
  return (folded.run().extensions ?? []).map((one, index) =>
    one.from === null ? { ...one, from: plannedBefore[index] ?? null } : one,
  )
}

/** A run's trace at full resolution. The log is read in pieces, so that the process can do other things in between. */
export async function traceFromLog(path: string, fs: FileSystem): Promise<Points> {
  const trace = noPoints()
  await eachEvent(path, fs, (event) => {
    addToTrace(trace, event)
  })
  return trace
}

/** What was measured of a run now and then, without what a later attempt took back. */
export async function diagnosesFromLog(path: string, fs: FileSystem): Promise<readonly Diagnosis[]> {
  const diagnoses: Diagnosis[] = []
  await eachEvent(path, fs, (event) => {
    addToDiagnoses(diagnoses, event)
  })
  return diagnoses
}

/** Adds one event to a log that no trainer writes to, durably; returns how long the log was and how long it is. */
export async function appendToLog(
  path: string,
  event: TrainEvent,
  fs: FileSystem,
): Promise<{ readonly before: number; readonly after: number }> {
  const before = await logBytes(path, fs)
  const log = await openLog(path, { fs })
  try {
    log.append(event)
  } finally {
    await log.close()
  }
  return { before, after: await logBytes(path, fs) }
}

/** Whether a log says, behind so many bytes that a record stands for, that a trainer was about to be started. */
export async function startsAfter(path: string, bytes: number, fs: FileSystem): Promise<boolean> {
  let starts = false
  await eachEvent(
    path,
    fs,
    ({ type }) => {
      if (type === 'starting') starts = true
    },
    bytes,
  )
  return starts
}

const tailBytes = 2 ** 16

/** The last event of a log, looked for in its last 64 KiB only. */
export async function lastEvent(path: string, fs: FileSystem): Promise<TrainEvent | null> {
  const from = Math.max(0, (await logBytes(path, fs)) - tailBytes)
  let last: TrainEvent | null = null
  await eachEvent(
    path,
    fs,
    (event) => {
      last = event
    },
    from,
  )
  return last
}
