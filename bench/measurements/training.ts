import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { version } from '../../package.json'
import { RunConfig } from '../../core/config/config'
import { planRun } from '../../core/plan/plan'
import { loadDataset } from '../../main/data/dataset'
import { openLog, type EventLog } from '../../main/files/eventLog'
import { restore } from '../../main/trainer/restore'
import { createJournal } from '../../main/trainer/journal'
import { createCheckpointStore } from '../../main/trainer/checkpointStore'
import { openLearner } from '../../main/trainer/learner/openLearner'
import type { Training } from '../../main/trainer/session'
import { benchConfig, type BenchCase } from '../cases'
import type { MeasurementJob } from '../job'

/** A training as the trainer opens it, on synthetic images, with a log and checkpoints in a folder of its own. */
export interface OpenTraining {
  readonly training: Training
  readonly log: EventLog
  readonly folder: string
  readonly close: () => Promise<void>
}

/** Opens a training that goes on until `isOver` says so. */
export async function openTraining(
  one: BenchCase,
  { engine, threads, resources }: MeasurementJob,
  isOver: () => boolean,
): Promise<OpenTraining> {
  const folder = await mkdtemp(join(tmpdir(), 'batchlab-bench-'))
  const config = RunConfig.parse({
    ...benchConfig(one, { backend: engine, threads }),
    epochs: 1000,
    data: { source: { type: 'synthetic', images: 8192, testImages: 64 }, augmentation: { pad: 4, flip: true } },
  })
  const dataset = await loadDataset(config.data, { cacheFolder: join(folder, 'cache'), resources })
  const learner = await openLearner(config, dataset.info)
  const plan = planRun(config, dataset.info)
  const log = await openLog(join(folder, 'events.ndjson'))
  return {
    folder,
    log,
    training: {
      config,
      dataset,
      learner,
      version,
      plan,
      earlier: [],
      store: createCheckpointStore(
        folder,
        [],
        createJournal(log, () => undefined),
      ),
      initial: learner.read(),
      progress: (
        await restore({ type: 'new' }, learner, plan, { run: undefined, config, info: dataset.info, hasOrigin: false })
      ).progress,
      inputThread: null,
      attention: { wanted: () => (isOver() ? 'pause' : null), heed: () => undefined, during: () => () => undefined },
    },
    close: async () => {
      await log.close()
      learner.dispose()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
