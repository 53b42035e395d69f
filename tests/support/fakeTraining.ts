import { appendFileSync, existsSync, mkdirSync, mkdtempSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { parseConfig } from '../../core/config/parse'
import type { RunConfig } from '../../core/config/config'
import type { Points, TrainEvent } from '../../core/events'
import type { DatasetInfo } from '../../core/datasetInfo'
import type { Job } from '../../core/job'
import type { Moment } from '../../core/moment'
import { start as startMoment } from '../../core/moment'
import { encodeLine } from '../../main/files/eventLine'
import { readHeader, writeSafetensors } from '../../main/files/safetensors'
import type { FakeTrainer } from './fakeHost'
import { atEndOfFile, removeFolder } from './cleanup'

export const info: DatasetInfo = {
  name: 'digits',
  classes: ['0', '1'],
  shape: [8, 8, 1],
  counts: { train: 64, validation: 16, test: 16 },
  mean: [0.3],
  std: [0.3],
  fingerprint: 'f00d',
}

/** Turns whatever a test writes into a config with all its defaults. */
export function configOf(input: unknown): RunConfig {
  const parsed = parseConfig(input)
  if (!parsed.ok) throw new Error(parsed.issues.map(({ path, message }) => `${path} ${message}`).join())
  return parsed.value
}

/** Four updates of 16 images in each of so many epochs. */
export const smallConfig = (name = 'small', epochs = 3, seed = 1): RunConfig =>
  configOf({ name, epochs, seed, batchSize: 16, network: { type: 'mlp', hidden: [4] } })

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'batchlab-test-'))
  atEndOfFile(() => removeFolder(folder))
  return folder
}

export const onePoint = (moment: Moment): Points => ({
  update: [moment.update],
  loss: [1 / moment.update],
  accuracy: [0.5],
  learningRate: [0.1],
  batchSize: [16],
  gradientNorm: [1],
  seconds: [moment.seconds],
  momentum: [0.9],
})

export type Phase = 'load' | 'firstBatch' | 'midEpoch' | 'midCheckpoint' | 'afterEnded'

export interface FakeTrainingOptions {
  /** Called at every phase; a script that exits there is a crash. */
  readonly at?: (phase: Phase, trainer: FakeTrainer, moment: Moment) => void | Promise<void>
  /** Settles before every update: a test holds training back with it. */
  readonly pace?: () => Promise<void>
  readonly info?: DatasetInfo
}

/**
 * A training without arithmetic: logs, saves, pauses and ends as the real trainer does, and can be crashed anywhere.
 */
export const fakeTraining =
  (options: FakeTrainingOptions = {}) =>
  async (trainer: FakeTrainer): Promise<void> => {
    switch (trainer.job.type) {
      case 'inspect':
        trainer.post({
          type: 'done',
          result: {
            info: options.info ?? info,
            about: [],
            skipped: [],
            skippedCount: 0,
            classCounts: { train: [], validation: [], test: [] },
            examples: [],
          },
        })
        trainer.exit()
        break
      case 'train':
        await trainSmall(trainer, trainer.job, options)
        break
      case 'evaluate':
      case 'preview':
      case 'probe':
      case 'flatness':
      case 'check':
      case 'serve':
        trainer.post({ type: 'failed', message: `the fake training cannot ${trainer.job.type}` })
        trainer.exit()
    }
  }

async function readMoment(paths: readonly string[]): Promise<{ readonly path: string; readonly moment: Moment }> {
  for (const path of paths) {
    const moment = await readHeader(path).then(
      ({ metadata }) => metadata['moment'],
      () => undefined,
    )
    if (moment !== undefined) return { path, moment: JSON.parse(moment) as Moment }
  }
  throw new Error(`None of ${paths.join()} can be read`)
}

async function trainSmall(
  trainer: FakeTrainer,
  { config, runFolder, beginning }: Extract<Job, { type: 'train' }>,
  { at, pace, info: given = info }: FakeTrainingOptions,
): Promise<void> {
  const { isGone } = trainer
  const tell = (event: TrainEvent): void => {
    if (isGone()) return
    // Not through a log with a buffer: a crash must not come back to life and write.
    appendFileSync(join(runFolder, 'events.ndjson'), encodeLine(event))
    trainer.post({ type: 'event', event })
  }
  const now = (): string => new Date().toISOString()
  const phase = async (name: Phase): Promise<boolean> => {
    await at?.(name, trainer, moment)
    return isGone()
  }
  const found = beginning.type === 'resume' ? await readMoment([beginning.path, ...(beginning.others ?? [])]) : null
  let moment: Moment = found?.moment ?? startMoment
  const save = async (kind: 'last' | 'manual' | 'final'): Promise<void> => {
    const name = kind === 'manual' ? `manual-${moment.update}` : kind
    mkdirSync(join(runFolder, 'checkpoints'), { recursive: true })
    await writeSafetensors(join(runFolder, 'checkpoints', `${name}.safetensors`), new Map(), {
      moment: JSON.stringify(moment),
    })
    tell({ type: 'saved', checkpoint: { name, kinds: [kind], moment, bytes: 100, validation: null }, removed: [] })
  }

  if (await phase('load')) return
  const wanted: string[] = []
  trainer.onCommand(({ type }) => wanted.push(type))
  const updates = config.epochs * 4
  tell({
    type: 'started',
    at: now(),
    moment,
    facts: given,
    parameters: 10,
    updates,
    epochs: config.epochs,
    from: beginning.type === 'new' ? null : (found?.path ?? beginning.path),
    engine: { name: 'cpu', device: 'a pencil', versions: {}, captured: false, note: '' },
  })
  while (moment.update < updates) {
    await (pace?.() ?? turn())
    if (isGone()) return
    const request = join(runFolder, 'pause.request')
    if (existsSync(request)) {
      unlinkSync(request)
      wanted.push('pause')
    }
    const command = wanted.shift()
    if (command === 'save') await save('manual')
    if (command === 'saveRecovery') await save('last')
    if (command === 'pause') {
      await save('last')
      tell({ type: 'paused', at: now(), moment, cause: '' })
      return finish(trainer)
    }
    if (command === 'stop') {
      await save('last')
      tell({ type: 'ended', at: now(), moment, reason: 'stopped', message: 'stopped by hand' })
      return finish(trainer)
    }
    const isLast = moment.update % 4 === 3
    moment = {
      update: moment.update + 1,
      epoch: moment.epoch + (isLast ? 1 : 0),
      position: isLast ? 0 : moment.position + 16,
      examples: moment.examples + 16,
      seconds: moment.seconds + 0.1,
    }
    tell({ type: 'advanced', points: onePoint(moment) })
    if (moment.update === 1 && (await phase('firstBatch'))) return
    if (moment.update === 6 && (await phase('midEpoch'))) return
    if (isLast) {
      const score = { loss: 1 / moment.epoch, accuracy: 1 - 1 / (moment.epoch + 1), images: 16 }
      tell({
        type: 'epochEnded',
        epoch: {
          epoch: moment.epoch,
          moment,
          train: score,
          validation: score,
          learningRate: 0.1,
          batchSize: 16,
          seconds: 0.4,
          distance: 1,
        },
      })
      if (moment.epoch === 2 && (await phase('midCheckpoint'))) return
      await save('last')
    }
  }
  await save('final')
  tell({ type: 'ended', at: now(), moment, reason: 'finished', message: '' })
  if (await phase('afterEnded')) return
  finish(trainer)
}

function finish(trainer: FakeTrainer): void {
  if (trainer.isGone()) return
  trainer.post({ type: 'done', result: null })
  trainer.exit()
}
