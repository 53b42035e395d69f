import { join } from 'node:path'
import { RunConfig } from '../../core/config/config'
import { openLog } from '../../main/files/eventLog'
import { openLibrary } from '../../main/library/library'
import { save, createSession, addPoint, flush, written } from '../../main/trainer/session'
import type { MeasurementJob, StoreFigures } from '../job'
import { median } from '../../core/measure'
import { openTraining, type OpenTraining } from './training'

const one = { network: 'resnet20', batchSize: 128 } as const
const times = 15
const runs = 100

/**
 * What writing costs, on the disk that holds temporary files: a line of the log, a change of the library, a checkpoint.
 */
export async function measureStore(job: MeasurementJob): Promise<StoreFigures> {
  const open = await openTraining(one, job, () => false)
  try {
    return {
      ...(await measureLog(open)),
      ...(await measureLibrary(join(open.folder, 'library'))),
      checkpoint: await measureCheckpoint(open),
    }
  } finally {
    await open.close()
  }
}

async function timed(work: () => unknown): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

async function measureLog({ training, folder }: OpenTraining): Promise<Pick<StoreFigures, 'appendUs' | 'syncMs'>> {
  const log = await openLog(join(folder, 'lines.ndjson'))
  const session = createSession(training)
  const append = (): void => {
    addPoint(
      session,
      { loss: 1.2345678, correct: 64, gradientNorm: 0.87654321 },
      { learningRate: 0.1, momentum: 0.9 },
      one.batchSize,
    )
    for (const event of flush(session)) log.append(event)
  }
  const [appends, syncs]: [number[], number[]] = [[], []]
  for (let time = 0; time < times; time++) {
    appends.push(
      (await timed(() => {
        for (let i = 0; i < 100; i++) append()
      })) / 100,
    )
    syncs.push(await timed(() => log.sync()))
  }
  await log.close()
  return { appendUs: 1000 * median(appends), syncMs: median(syncs) }
}

/** A change that a person makes, safe on disk, in a library of some runs. */
async function measureLibrary(folder: string): Promise<Pick<StoreFigures, 'libraryChangeMs' | 'runs'>> {
  const library = await openLibrary(folder)
  try {
    const config = RunConfig.parse({})
    for (let run = 1; run < runs; run++) await library.addRun(config, { type: 'new' }, null)
    const { id } = await library.addRun(config, { type: 'new' }, null)
    const changes: number[] = []
    for (let time = 0; time < times; time++)
      changes.push(await timed(() => library.annotate(id, { notes: `note ${time}` })))
    return { libraryChangeMs: median(changes), runs }
  } finally {
    await library.close()
  }
}

/**
 * Checkpoints as the training loop writes them: it goes on when `save` is done, and the file is on the disk when
 * `written` is.
 */
async function measureCheckpoint({ training }: OpenTraining): Promise<StoreFigures['checkpoint']> {
  const session = createSession(training)
  const [reads, stops, writes]: [number[], number[], number[]] = [[], [], []]
  let bytes = 0
  for (let time = 0; time < times; time++) {
    reads.push(await timed(() => training.learner.read()))
    const began = performance.now()
    for await (const event of save(session, ['last']))
      if (event.type === 'saved') throw new Error('A checkpoint was waited for')
    stops.push(performance.now() - began)
    await written(session)
    bytes = training.store.checkpoints().at(-1)?.bytes ?? 0
    writes.push(performance.now() - began)
  }
  return {
    network: one.network,
    bytes,
    parameters: training.plan.network.parameters,
    readMs: median(reads),
    stoppedMs: median(stops),
    writtenMs: median(writes),
  }
}
