import { createHash } from 'node:crypto'
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrainEvent } from '../../core/events'
import { encodeLine } from '../../main/files/eventLine'
import { openLibrary } from '../../main/library/library'
import { info, onePoint, smallConfig, temporaryFolder } from './fakeTraining'

export const at = '2026-03-01T10:00:00.000Z'
export const moment = (update: number) => ({
  update,
  epoch: Math.floor(update / 4),
  position: 0,
  examples: update * 16,
  seconds: update / 10,
})
export const started = (update = 0): TrainEvent => ({
  type: 'started',
  at,
  moment: moment(update),
  facts: info,
  parameters: 10,
  updates: 12,
  epochs: 3,
  from: null,
  engine: { name: 'cpu', device: 'a pencil', versions: {}, captured: false, note: '' },
})
export const advanced = (update: number): TrainEvent => ({ type: 'advanced', points: onePoint(moment(update)) })
const score = (accuracy: number) => ({ loss: 1 - accuracy, accuracy, images: 16 })
export const epochEnded = (epoch: number, accuracy = epoch / 10): TrainEvent => ({
  type: 'epochEnded',
  epoch: {
    epoch,
    moment: moment(epoch * 4),
    train: score(accuracy),
    validation: score(accuracy),
    learningRate: 0.1,
    batchSize: 16,
    seconds: 1,
    distance: 1,
  },
})
export const ended: TrainEvent = { type: 'ended', at, moment: moment(12), reason: 'finished', message: '' }

export const log = (folder: string, id: string, ...events: TrainEvent[]): void => {
  for (const event of events) appendFileSync(join(folder, 'runs', id, 'events.ndjson'), encodeLine(event))
}
export const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

/** Makes a library with one run that was training when everything ended, as a kill -9 leaves it. */
export async function killedWhileTraining(
  ...events: TrainEvent[]
): Promise<{ readonly folder: string; readonly id: string }> {
  const folder = temporaryFolder()
  const library = await openLibrary(folder)
  const { id } = await library.addRun(smallConfig(), { type: 'new' }, null)
  await library.append(id, { type: 'starting', at })
  log(folder, id, ...events)
  await library.close()
  return { folder, id }
}
