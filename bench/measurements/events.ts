import { MessageChannel } from 'node:worker_threads'
import type { TrainEvent } from '../../core/events'
import { fold } from '../../core/fold'
import { newRun } from '../../core/run'
import { encodeLine } from '../../main/files/eventLine'
import { addPoint, flush, createSession, type TrainingSession } from '../../main/trainer/session'
import { trainingLoop } from '../../main/trainer/trainingLoop'
import type { EventFigures, MeasurementJob } from '../job'
import { median } from '../../core/measure'
import { updatesOf } from './learner'
import { openTraining, type OpenTraining } from './training'

const one = { network: 'resnet8', batchSize: 128 } as const
const watchedSeconds = 3
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

type Advanced = Extract<TrainEvent, { type: 'advanced' }>

/**
 * Watches a real training for its events, then times what it does to tell of an update, between updates as it does it.
 */
export async function measureEvents(job: MeasurementJob): Promise<EventFigures> {
  const until = { ms: Infinity }
  const open = await openTraining(one, job, () => performance.now() > until.ms)
  try {
    until.ms = performance.now() + 1000 * watchedSeconds
    const seen: Advanced[] = []
    for await (const event of trainingLoop(open.training)) if (event.type === 'advanced') seen.push(event)
    // The first holds the first update, which takes long; the last was cut short.
    const typical = seen.length > 2 ? seen.slice(1, -1) : seen
    const updatesPerEvent = Math.max(
      1,
      Math.round(typical.reduce((sum, { points }) => sum + points.update.length, 0) / Math.max(1, typical.length)),
    )
    const rounds: Awaited<ReturnType<typeof tellingRound>>[] = []
    for (let round = 0; round < job.rounds; round++) rounds.push(await tellingRound(open, updatesPerEvent, job.seconds))
    return {
      ...one,
      updatesPerEvent,
      updateMs: median(rounds.map(({ updateMs }) => updateMs)),
      trainerUs: 1000 * median(rounds.map(({ tellMs }) => tellMs)),
      trainerShare: median(rounds.map(({ tellMs, updateMs }) => tellMs / updateMs)),
      mainUs: foldingUs(open, updatesPerEvent),
      lineBytes: Math.max(0, ...typical.slice(0, 1).map((event) => encodeLine(event).byteLength)),
    }
  } finally {
    await open.close()
  }
}

const point = (session: TrainingSession, update: number): void => {
  session.progress = { ...session.progress, moment: { ...session.progress.moment, update } }
  addPoint(
    session,
    { loss: 1.2345678, correct: 64, gradientNorm: 0.87654321 },
    { learningRate: 0.1, momentum: 0.9 },
    one.batchSize,
  )
}

/**
 * Updates for some seconds. After each: its point, now and then an event with its line in the log and its message to
 * main, and the turn in which lines are written.
 */
async function tellingRound(
  { training, log }: OpenTraining,
  updatesPerEvent: number,
  seconds: number,
): Promise<{ readonly updateMs: number; readonly tellMs: number }> {
  const session = createSession(training)
  const update = updatesOf(training.learner, one.batchSize)
  const { port1, port2 } = new MessageChannel()
  let [updates, updatingMs, tellingMs] = [0, 0, 0]
  while (updatingMs < 1000 * seconds || updates < updatesPerEvent) {
    updatingMs += 1000 * update(1)
    const began = performance.now()
    point(session, ++updates)
    if (updates % updatesPerEvent === 0) {
      for (const event of flush(session)) {
        log.append(event)
        port1.postMessage({ type: 'event', event })
      }
    }
    await nextTurn()
    tellingMs += performance.now() - began
  }
  port1.close()
  port2.close()
  return { updateMs: updatingMs / updates, tellMs: tellingMs / updates }
}

const folded = 2000

/** What main does with an event: folds it into the run's record. Per update. */
function foldingUs({ training }: OpenTraining, updatesPerEvent: number): number {
  const session = createSession(training)
  const events: TrainEvent[] = []
  for (let update = 1; update <= folded * updatesPerEvent; update++) {
    point(session, update)
    if (update % updatesPerEvent === 0) events.push(...flush(session))
  }
  const began = performance.now()
  events.reduce(fold, newRun('benchmark', new Date().toISOString(), training.config, { type: 'new' }))
  return (1000 * (performance.now() - began)) / (folded * updatesPerEvent)
}
