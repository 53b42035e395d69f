import type { Diagnosis, Points, TrainEvent } from '../core/events'
import { fold, foldTraced, pointsAfter } from '../core/fold'
import type { AppEvent } from '../core/protocol'
import type { Run, RunId, TracedRun } from '../core/run'
import { isLive } from '../core/run'
import type { Colours } from './charts/colours'
import { withColours } from './charts/colours'

/** A trace that is looked at. It grows in place (it may hold millions of values); the version says that it did. */
interface LoadedTrace {
  readonly trace: Points
  readonly diagnoses: Diagnosis[]
  readonly version: number
}

export type MachineLoad = Omit<Extract<AppEvent, { type: 'load' }>, 'type' | 'id'>

/** The window's mirror of the library: runs as main folds them, and the traces of those that are looked at. */
export interface MirroredRecords {
  readonly runs: Readonly<Record<RunId, Run>>
  readonly traces: Readonly<Record<RunId, LoadedTrace>>
  readonly loads: Readonly<Record<RunId, MachineLoad>>
  readonly colours: Colours
}

export const noRecords: MirroredRecords = { runs: {}, traces: {}, loads: {}, colours: {} }

const without = <T>(record: Readonly<Record<string, T>>, id: string): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => key !== id))

// Thousands at the start: without a list of pairs in between.
function withAll(before: MirroredRecords['runs'], runs: readonly Run[]): MirroredRecords['runs'] {
  const all: Record<RunId, Run> = { ...before }
  for (const run of runs) all[run.id] = run
  return all
}

/** The records with what main listed. */
export const withRuns = (records: MirroredRecords, runs: readonly Run[]): MirroredRecords => ({
  ...records,
  runs: withAll(records.runs, runs),
  colours: withColours(records.colours, runs),
})

/**
 * The records after one more event from main. Events of runs that were never listed are for a later listing to tell.
 */
export function applyEvent(records: MirroredRecords, event: AppEvent): MirroredRecords {
  switch (event.type) {
    case 'run':
      return foldEvents(records, event)
    case 'runChanged': {
      const changed = withRuns(records, [event.run])
      return isLive(event.run.status) ? changed : { ...changed, loads: without(changed.loads, event.run.id) }
    }
    case 'runPurged':
      return {
        ...records,
        runs: without(records.runs, event.id),
        traces: without(records.traces, event.id),
        loads: without(records.loads, event.id),
      }
    case 'load': {
      const { type: _, id, ...load } = event
      return { ...records, loads: { ...records.loads, [id]: load } }
    }
    case 'progress':
    case 'notice':
    case 'menu':
      return records
  }
}

function foldEvents(records: MirroredRecords, { id, events }: Extract<AppEvent, { type: 'run' }>): MirroredRecords {
  const before = records.runs[id]
  if (before === undefined || events.length === 0) return records
  const loaded = records.traces[id]
  if (loaded === undefined) return withRun(records, events.reduce(fold, before))
  const after = events.reduce(foldNewer, { run: before, trace: loaded.trace, diagnoses: loaded.diagnoses })
  return {
    ...withRun(records, after.run),
    traces: {
      ...records.traces,
      [id]: { trace: after.trace, diagnoses: after.diagnoses ?? [], version: loaded.version + 1 },
    },
  }
}

/**
 * Folds an event into a traced run. A trace that was just read may be ahead of what is still being told: then only what
 * is newer counts.
 */
export function foldNewer(traced: TracedRun, event: TrainEvent): TracedRun {
  if (event.type !== 'advanced') return foldTraced(traced, event)
  return {
    ...foldTraced(traced, { type: 'advanced', points: pointsAfter(traced.trace, event.points) }),
    run: fold(traced.run, event),
  }
}

function withRun(records: MirroredRecords, run: Run): MirroredRecords {
  const loads =
    isLive(run.status) || records.loads[run.id] === undefined ? records.loads : without(records.loads, run.id)
  return { ...records, loads, runs: { ...records.runs, [run.id]: run } }
}
