import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RunConfig } from '../../core/config/config'
import type { HostMessage } from '../../core/job'
import { trainJob } from '../../main/trainer/trainJob'
import type { MeasurementJob, MemoryFigures } from '../job'

// Updates after which memory is looked at. Allocators and the garbage collector take some thousand updates to have all
// that they will keep.
const marks = [200, 1000, 10_000, 20_000] as const

type Sample = MemoryFigures['samples'][number]

/**
 * Trains a tiny network on the built-in digits as the app does, with log, epochs and checkpoints, and looks at memory
 * on the way.
 */
export async function measureMemory({ engine, threads, resources }: MeasurementJob): Promise<MemoryFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'batchlab-bench-'))
  const config = RunConfig.parse({
    network: { type: 'mlp', hidden: [16] },
    batchSize: 16,
    epochs: 1000,
    engine: { backend: engine, threads },
  })
  const samples: Sample[] = []
  let failure = ''
  const onEvent = (message: HostMessage): void => {
    if (message.type !== 'event') return
    const { event } = message
    if (event.type === 'ended' && event.reason !== 'stopped') failure = event.message
    if (event.type !== 'advanced') return
    const updates = event.points.update.at(-1) ?? 0
    if (updates >= (marks[samples.length] ?? Infinity)) samples.push(sample(updates))
  }
  try {
    await trainJob(
      {
        type: 'train',
        config,
        runFolder: folder,
        beginning: { type: 'new' },
        folders: { cache: join(folder, 'cache'), resources },
      },
      onEvent,
      () => (samples.length === marks.length ? 'stop' : null),
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const [, early, late, last] = samples
  if (early === undefined || late === undefined || last === undefined)
    throw new Error(failure === '' ? 'The training ended too soon' : failure)
  return {
    network: 'mlp 16',
    samples,
    growthTo10000: late.rssBytes / early.rssBytes - 1,
    growthTo20000: last.rssBytes / late.rssBytes - 1,
  }
}

/** What waits to be collected is no leak: the process is started with --expose-gc. */
function sample(updates: number): Sample {
  ;(globalThis as { readonly gc?: () => void }).gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  return { updates, rssBytes: rss, heapBytes: heapUsed, externalBytes: external }
}
