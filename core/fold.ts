import { withSourcePath } from './config/place'
import type { Diagnosis, Points, TrainEvent, TransientEvent } from './events'
import { noPoints } from './events'
import { type Extension, extensionText } from './extension'
import type { Run, RunStatus, TracedRun } from './run'

const endStatus: Readonly<Record<Extract<TrainEvent, { type: 'ended' }>['reason'], RunStatus>> = {
  finished: 'finished',
  stopped: 'stopped',
  earlyStopped: 'earlyStopped',
  diverged: 'diverged',
  failed: 'failed',
}

/** What the log says of how an attempt ended; where training says why, in its own words. */
const endText: Readonly<Record<keyof typeof endStatus, (message: string, run: Run) => string>> = {
  finished: (_, { moment }) => `Finished after ${moment.epoch} epoch${moment.epoch === 1 ? '' : 's'}`,
  stopped: () => 'Stopped by hand',
  earlyStopped: (message) => `Stopped early${message === '' ? '' : `: ${message}`}`,
  diverged: (message) => (message === '' ? 'Diverged' : message),
  failed: (message) => `Failed${message === '' ? '' : `: ${message}`}`,
}

const beginText = ({ moment, engine, facts: info }: Extract<TrainEvent, { type: 'started' }>): string =>
  `${moment.update === 0 ? 'Began' : `Went on from update ${moment.update}`} with ${engine.name} on ` +
  `${engine.device}, on ${info.counts.train} training images of ${info.name}`

// What happened between a window's subscription and its listing is folded twice.
const noted = (run: Run, at: string, update: number, message: string, about?: 'data'): Run =>
  message === '' || run.log.some((one) => one.at === at && one.update === update && one.message === message)
    ? run
    : { ...run, log: [...run.log, { at, update, message, ...(about === undefined ? {} : { about }) }] }

const relocation = ({ from, to, because }: Extract<TrainEvent, { type: 'relocated' }>): string =>
  `The data is at ${to} now (it was at ${from}): ${relocationReasons[because]}`

const relocationReasons = {
  same: 'it has the fingerprint of the images that the run was trained on',
  accepted: 'it is not what the run was trained on, which was accepted',
  untrained: 'nothing had been trained on it yet',
} as const

/**
 * The record of a run after one more event: the only reducer. Main keeps it, the window mirrors it, the command line
 * prints it. An attempt that starts at an earlier moment than the record's takes back what came after that moment (it
 * was never checkpointed).
 */
export function fold(run: Run, event: TrainEvent | TransientEvent): Run {
  switch (event.type) {
    case 'queued':
    case 'starting':
    case 'pausing':
    case 'stopping':
      return { ...run, status: event.type, message: '' }
    case 'started': {
      const kept = run.epochs.filter((epoch) => epoch.moment.update <= event.moment.update)
      return {
        ...noted(
          noted(run, event.at, event.moment.update, beginText(event)),
          event.at,
          event.moment.update,
          event.engine.note,
        ),
        status: 'running',
        message: '',
        startedAt: run.startedAt ?? event.at,
        endedAt: null,
        moment: event.moment,
        updates: event.updates,
        parameters: event.parameters,
        engine: event.engine,
        facts: event.facts,
        epochs: kept,
      }
    }
    case 'advanced': {
      const last = event.points.update.length - 1
      const update = event.points.update[last]
      if (update === undefined || update <= run.moment.update) return run
      let examples = run.moment.examples
      for (let i = 0; i <= last; i++)
        if ((event.points.update[i] ?? 0) > run.moment.update) examples += event.points.batchSize[i] ?? 0
      return {
        ...run,
        moment: {
          ...run.moment,
          update,
          examples: Math.min(examples, Number.MAX_SAFE_INTEGER),
          seconds: event.points.seconds[last] ?? run.moment.seconds,
        },
      }
    }
    // Measurements belong to the trace.
    case 'diagnosed':
      return run
    case 'epochEnded':
      return {
        ...run,
        moment: event.epoch.moment,
        epochs: [
          ...((run.epochs.at(-1)?.epoch ?? -Infinity) < event.epoch.epoch
            ? run.epochs
            : run.epochs.filter((epoch) => epoch.epoch < event.epoch.epoch)),
          event.epoch,
        ],
      }
    case 'tested':
      return { ...run, test: { ...run.test, [event.checkpoint]: { epoch: event.epoch, score: event.test } } }
    case 'saved': {
      const gone = new Set([...event.removed, event.checkpoint.name])
      return { ...run, checkpoints: [...run.checkpoints.filter(({ name }) => !gone.has(name)), event.checkpoint] }
    }
    case 'noted':
      return noted(run, event.at, event.update, event.message, event.about)
    case 'paused':
      return {
        ...noted(run, event.at, event.moment.update, event.cause === '' ? 'Paused' : `Paused: ${event.cause}`),
        status: 'paused',
        message: event.cause,
        moment: event.moment,
      }
    case 'ended':
      return {
        ...noted(
          run,
          event.at,
          event.moment.update,
          endText[event.reason](event.message, { ...run, moment: event.moment }),
        ),
        status: endStatus[event.reason],
        message: event.message,
        endedAt: event.at,
        moment: event.moment,
      }
    case 'interrupted':
      return { ...noted(run, event.at, run.moment.update, event.cause), status: 'interrupted', message: event.cause }
    case 'extended': {
      const { at, epochs, plan } = event
      const { settings, ...how } = plan ?? {
        settings: {},
        from: null,
        update: run.moment.update,
        schedule: 'replan' as const,
        change: null,
        planned: null,
      }
      const extension: Extension = { at, epochs, ...how }
      // It waits to go on: a process that dies now must not leave a run that is finished and has epochs to come.
      return {
        ...noted(run, at, extension.update, extensionText(extension)),
        status: 'paused',
        message: '',
        config: { ...run.config, ...settings, epochs },
        endedAt: null,
        extensions: [...(run.extensions ?? []), extension],
      }
    }
    case 'relocated':
      return {
        ...noted(run, event.at, run.moment.update, relocation(event)),
        config: withSourcePath(run.config, event.to),
      }
  }
}

/**
 * Folds event after event, as a log is read: what {@link fold} makes of them, but the lists grow in place, because a
 * hundred thousand copies of a list of a hundred thousand take a minute. The run is asked for when the last event was
 * added.
 */
export function folding(run: Run): { readonly add: (event: TrainEvent) => void; readonly run: () => Run } {
  let rest = run
  let epochs = [...run.epochs]
  let latest = latestOf(epochs)
  const log = [...run.log]
  const said = new Set(log.map(keyOf))
  const checkpoints = new Map(run.checkpoints.map((checkpoint) => [checkpoint.name, checkpoint]))
  const extensions = [...(run.extensions ?? [])]
  const add = (event: TrainEvent): void => {
    switch (event.type) {
      case 'epochEnded':
        while ((epochs.at(-1)?.epoch ?? -Infinity) >= event.epoch.epoch) epochs.pop()
        epochs.push(event.epoch)
        latest = Math.max(latest, event.epoch.moment.update)
        rest = { ...rest, moment: event.epoch.moment }
        return
      case 'saved':
        for (const name of [...event.removed, event.checkpoint.name]) checkpoints.delete(name)
        checkpoints.set(event.checkpoint.name, event.checkpoint)
        return
      case 'started':
        if (latest <= event.moment.update) break
        epochs = epochs.filter((epoch) => epoch.moment.update <= event.moment.update)
        latest = latestOf(epochs)
        break
      default:
    }
    // To a run without remarks and extensions it adds no more than its own.
    rest = fold({ ...rest, epochs: [], log: [], ...(event.type === 'extended' && { extensions: [] }) }, event)
    for (const remark of rest.log) {
      if (said.has(keyOf(remark))) continue
      said.add(keyOf(remark))
      log.push(remark)
    }
    if (event.type === 'extended') extensions.push(...(rest.extensions ?? []))
  }
  return {
    add,
    run: () => ({
      ...rest,
      epochs: [...epochs],
      log: [...log],
      checkpoints: [...checkpoints.values()],
      ...(rest.extensions !== undefined && { extensions: [...extensions] }),
    }),
  }
}

const keyOf = ({ at, update, message }: Run['log'][number]): string => JSON.stringify([at, update, message])

const latestOf = (epochs: Run['epochs']): number =>
  epochs.reduce((latest, { moment: { update } }) => Math.max(latest, update), 0)

const columns = Object.keys(noPoints()) as (keyof Points)[]

/** Appends points to a trace in place (it may hold millions), dropping what the new points replace. */
export function extendTrace(trace: Points, points: Points): void {
  const first = points.update[0]
  if (first === undefined) return
  dropAfter(trace, first - 1)
  for (const column of columns) {
    const target = trace[column] as (number | null)[]
    for (const value of points[column]) target.push(value)
  }
}

/**
 * The points that a trace does not have yet: what is told twice, or again after a longer trace was read, adds nothing
 * and takes nothing away.
 */
export function pointsAfter({ update: known }: Points, points: Points): Points {
  const last = known.at(-1) ?? 0
  const from = points.update.findIndex((update) => update > last)
  if (from === 0) return points
  const newer = noPoints()
  if (from > 0) for (const column of columns) (newer[column] as (number | null)[]) = points[column].slice(from)
  return newer
}

function dropAfter(trace: Points, update: number): void {
  let length = trace.update.length
  while (length > 0 && (trace.update[length - 1] ?? 0) > update) length--
  if (length < trace.update.length) for (const column of columns) trace[column].length = length
}

/**
 * Folds one event into a run with its trace; the trace and the measurements are changed in place, the run is replaced.
 */
export function foldTraced({ run, trace, diagnoses = [] }: TracedRun, event: TrainEvent): TracedRun {
  addToTrace(trace, event)
  addToDiagnoses(diagnoses, event)
  return diagnoses.length > 0 ? { run: fold(run, event), trace, diagnoses } : { run: fold(run, event), trace }
}

/** What an event does to a trace, in place. */
export function addToTrace(trace: Points, event: TrainEvent): void {
  if (event.type === 'started') dropAfter(trace, event.moment.update)
  if (event.type === 'advanced') extendTrace(trace, event.points)
}

/** What an event does to what was measured now and then, in place. */
export function addToDiagnoses(diagnoses: Diagnosis[], event: TrainEvent): void {
  if (event.type === 'started') dropDiagnosesAfter(diagnoses, event.moment.update)
  if (event.type !== 'diagnosed') return
  dropDiagnosesAfter(diagnoses, event.diagnosis.update - 1)
  diagnoses.push(event.diagnosis)
}

function dropDiagnosesAfter(diagnoses: Diagnosis[], update: number): void {
  while ((diagnoses.at(-1)?.update ?? 0) > update) diagnoses.pop()
}
