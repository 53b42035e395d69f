import { noPoints, type Epoch, type Points, type TrainEvent } from '../../core/events'
import { RunConfig, type RunConfigInput } from '../../core/config/config'
import { foldTraced } from '../../core/fold'
import { newRun, type TracedRun } from '../../core/run'

const info = {
  name: 'Made up',
  classes: ['a', 'b'],
  shape: [8, 8, 1] as [number, number, number],
  counts: { train: 40, validation: 10, test: 10 },
  mean: [0.5],
  std: [0.25],
  fingerprint: 'f'.repeat(64),
}
const engine = {
  name: 'cpu' as const,
  device: 'CPU: none, 1 thread',
  versions: { tfjs: '4' },
  captured: false,
  note: '',
}

/** Numbers that look like a loss, the same every time, with digits to lose. */
const lossAt = (update: number): number => 2.3 / (1 + update) + Math.sin(update) / 7

/** The events of a run of so many epochs of four updates, told as a trainer tells them. */
export function madeEvents(epochs: number): readonly TrainEvent[] {
  const at = '2030-01-02T03:04:05.678Z'
  const start = { update: 0, epoch: 0, position: 0, examples: 0, seconds: 0 }
  const events: TrainEvent[] = [
    {
      type: 'started',
      at,
      moment: start,
      engine,
      facts: info,
      parameters: 123,
      updates: 4 * epochs,
      epochs,
      from: null,
    },
  ]
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const points: Points = noPoints()
    for (let update = 4 * epoch - 3; update <= 4 * epoch; update++) {
      points.update.push(update)
      points.loss.push(update === 2 ? null : lossAt(update))
      points.accuracy.push(1 - 1 / (update + 2))
      points.learningRate.push(0.1 / update)
      points.batchSize.push(10)
      points.gradientNorm.push(1 / 3 / update)
      points.seconds.push(update * 0.1)
      points.momentum.push(0.9 - 1 / (update + 2))
    }
    const moment = { update: 4 * epoch, epoch, position: 0, examples: 40 * epoch, seconds: 0.4 * epoch }
    const record: Epoch = {
      epoch,
      moment,
      train: { loss: lossAt(epoch), accuracy: 0.5 + epoch / 100, images: 40 },
      validation: { loss: 1 / epoch, accuracy: 0.4 + epoch / 100, images: 10 },
      learningRate: 0.1 / (4 * epoch),
      batchSize: 10,
      seconds: 0.4,
      distance: Math.sqrt(epoch),
    }
    events.push({ type: 'advanced', points }, { type: 'epochEnded', epoch: record })
  }
  const moment = { update: 4 * epochs, epoch: epochs, position: 0, examples: 40 * epochs, seconds: 0.4 * epochs }
  const test = { loss: 0.7, accuracy: 0.8, images: 10 }
  return [
    ...events,
    { type: 'tested', at, checkpoint: 'last', epoch: epochs, test },
    { type: 'tested', at, checkpoint: 'best', epoch: epochs, test },
    { type: 'ended', at, moment, reason: 'finished', message: '' },
  ]
}

/** A finished run with its trace, as the library would give it. */
export function madeRun(config: RunConfigInput = {}, epochs = 3, id = '0mtb2h3k4l5'): TracedRun {
  const run = newRun(id, '2030-01-02T03:04:00.000Z', RunConfig.parse({ epochs, batchSize: 10, ...config }), {
    type: 'new',
  })
  return madeEvents(epochs).reduce<TracedRun>(foldTraced, { run, trace: noPoints() })
}
