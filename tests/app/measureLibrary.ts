import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseConfig } from '../../core/config/parse'
import type { RunConfig } from '../../core/config/config'
import type { Epoch, Points } from '../../core/events'
import { noPoints } from '../../core/events'
import type { DatasetInfo } from '../../core/datasetInfo'
import type { Run } from '../../core/run'
import { newRun } from '../../core/run'
import { seal, snapshotOf } from '../../main/files/envelope'
import { encodeLine } from '../../main/files/eventLine'
import { runSummary } from '../../main/library/runSummary'

const info: DatasetInfo = {
  name: 'digits',
  classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  shape: [8, 8, 1],
  counts: { train: 1150, validation: 287, test: 360 },
  mean: [0.305],
  std: [0.376],
  fingerprint: 'f'.repeat(64),
}

/** How large a made-up library is. */
export interface Size {
  readonly runs: number
  readonly epochs: number
  readonly updatesPerEpoch: number
  /** The first so many runs have their traces on disk. */
  readonly traced: number
  /** Whether every image is always classified rightly: 100.00 % is the widest result. */
  readonly perfect?: boolean
}

const pointsPerLine = 100
const networks = ['mlp', 'lenet', 'conv4'] as const
const tags = ['baseline', 'warm-up', 'thesis', 'again']

// Any spread of values will do, as long as it is the same in every measurement.
const noise = (n: number): number => {
  const x = Math.sin(n * 12.9898) * 43758.5453
  return x - Math.floor(x)
}

function configOf(n: number, epochs: number): RunConfig {
  const parsed = parseConfig({
    name: `Run ${String(n)}, batch ${String(2 ** ((n % 9) + 2))}`,
    network: { type: networks[n % 3] ?? 'mlp' },
    batchSize: 2 ** ((n % 9) + 2),
    epochs,
    seed: n,
    learningRate: { base: 0.001 * ((n % 40) + 1) },
  })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  return parsed.value
}

function runOf(n: number, { epochs: count, updatesPerEpoch, perfect = false }: Size): Run {
  const at = new Date(Date.UTC(2026, 0, 1) - n * 3_600_000).toISOString()
  const config = configOf(n, count)
  const epochs = Array.from({ length: count }, (_, index): Epoch => {
    const score = (shift: number) => ({
      loss: 2 / (index + 1) + noise(n + index) / 10,
      accuracy: perfect ? 1 : Math.min(1, 1 - 0.8 / (index + 1.2) - (shift * noise(n * 7 + index)) / 20),
      images: 1150,
    })
    const update = (index + 1) * updatesPerEpoch
    return {
      epoch: index + 1,
      moment: { update, epoch: index + 1, position: 0, examples: update * config.batchSize, seconds: update / 50 },
      train: score(1),
      validation: score(2),
      learningRate: 0.1,
      batchSize: config.batchSize,
      seconds: updatesPerEpoch / 50,
      distance: Math.log(update),
    }
  })
  const last = epochs.at(-1)
  return {
    ...newRun(`measure${String(n).padStart(6, '0')}`, at, config, { type: 'new' }),
    tags: [tags[n % 4] ?? ''],
    starred: n % 50 === 0,
    status: n % 11 === 0 ? 'stopped' : 'finished',
    startedAt: at,
    endedAt: at,
    updates: count * updatesPerEpoch,
    parameters: 12_000 + n,
    facts: info,
    epochs,
    ...(last === undefined
      ? {}
      : {
          moment: last.moment,
          test: { last: { epoch: count, score: last.train }, best: { epoch: count, score: last.train } },
        }),
    engine: {
      name: 'tensorflow',
      device: 'CPU, 2 threads',
      versions: { tensorflow: '2.21.0', tfjs: '4.22.0' },
      captured: true,
      note: '',
    },
  }
}

function writeLog(path: string, n: number, run: Run): void {
  writeFileSync(
    path,
    encodeLine({
      type: 'started',
      at: run.createdAt,
      moment: newRun(run.id, '', run.config, run.origin).moment,
      engine: run.engine,
      facts: info,
      parameters: run.parameters,
      updates: run.updates,
      epochs: run.config.epochs,
      from: null,
    }),
  )
  for (let from = 0; from < run.updates; from += pointsPerLine) {
    const points: Points = noPoints()
    for (let update = from + 1; update <= Math.min(run.updates, from + pointsPerLine); update++) {
      points.update.push(update)
      points.loss.push(2 / Math.sqrt(update) + noise(update * 31 + n))
      points.accuracy.push(Math.round(noise(update * 17 + n) * run.config.batchSize) / run.config.batchSize)
      points.learningRate.push(0.1 * (1 - update / run.updates))
      points.batchSize.push(run.config.batchSize)
      points.gradientNorm.push(1 + noise(update * 13 + n))
      points.seconds.push(update / 50)
      points.momentum.push(0.9)
    }
    appendFileSync(path, encodeLine({ type: 'advanced', points }))
  }
}

const write = (path: string, value: unknown): void => writeFileSync(path, seal(1, 1, snapshotOf(value)).bytes)

/** Writes a library as the app would have left it. */
export function makeLibrary(folder: string, size: Size): void {
  const summaries = Array.from({ length: size.runs }, (_, n) => {
    const run = runOf(n, size)
    const own = join(folder, 'runs', run.id)
    mkdirSync(join(own, 'checkpoints'), { recursive: true })
    write(join(own, 'run.json'), run)
    if (n < size.traced) writeLog(join(own, 'events.ndjson'), n, run)
    return runSummary(run)
  })
  write(join(folder, 'library.json'), { runs: summaries })
  // An app that opens a library which another program is still writing would wait for the disk.
  if (process.platform !== 'win32') spawnSync('sync')
}
