import { appendFileSync, mkdirSync, statSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fold } from '../../core/fold'
import { newRun, type Run } from '../../core/run'
import { encodeLine } from '../../main/files/eventLine'
import { diskFs } from '../../main/files/fs'
import { openLibraryFiles } from '../../main/library/libraryFiles'
import { openLibrary } from '../../main/library/library'
import { runFolders } from '../../main/library/runFolder'
import { runSummary } from '../../main/library/runSummary'
import { info, smallConfig, temporaryFolder } from '../support/fakeTraining'

const at = '2026-03-01T10:00:00.000Z'
const line = encodeLine({
  type: 'ended',
  at,
  moment: { update: 0, epoch: 0, position: 0, examples: 0, seconds: 0 },
  reason: 'finished',
  message: '',
})
const id = (n: number): string => `0mwt${String(n).padStart(9, '0')}`

function longRun(n: number, logBytes: number): Run {
  const config = smallConfig(`run ${n}`, 300, n)
  let run = newRun(id(n), at, config, { type: 'new' })
  const engine = {
    name: 'tensorflow' as const,
    device: 'CPU, 2 threads',
    versions: { tensorflow: '2.21.0', tfjs: '4.22.0' },
    captured: true,
    note: '',
  }
  run = fold(run, {
    type: 'started',
    at,
    moment: run.moment,
    facts: info,
    parameters: 1000,
    updates: 300 * 4,
    epochs: 300,
    from: null,
    engine,
  })
  const epochs = Array.from({ length: 300 }, (_, i) => {
    const score = { loss: 1 / (i + 1 + n / 7), accuracy: 1 - 1 / (i + 2), images: 10_000 }
    return {
      epoch: i + 1,
      moment: { update: 4 * (i + 1), epoch: i + 1, position: 0, examples: 64 * (i + 1), seconds: 51.3 * (i + 1) },
      train: score,
      validation: score,
      learningRate: 0.1 / (i + 1),
      batchSize: 16,
      seconds: 51.3,
      distance: i / 3,
    }
  })
  return { ...run, epochs, status: 'finished', endedAt: at, logBytes }
}

it('opens, changes and reads a history of 2,000 runs of 300 epochs', { timeout: 120_000 }, async () => {
  const folder = temporaryFolder()
  const folders = runFolders(folder, diskFs)
  const count = 2000
  for (let n = 0; n < count; n++) {
    mkdirSync(folders.path(id(n)), { recursive: true })
    // Opening asks how long each log is, and reads none.
    if (n > 0) appendFileSync(folders.logPath(id(n)), line)
  }
  for (let update = 1; update <= 120_000; update += 40) {
    const column = (value: number) => Array.from({ length: 40 }, (_, i) => value + i)
    appendFileSync(
      join(folders.path(id(0)), 'events.ndjson'),
      encodeLine({
        type: 'advanced',
        points: {
          update: column(update),
          loss: column(1 / 3),
          accuracy: column(0.5),
          learningRate: column(0.1),
          batchSize: column(16).map(() => 16),
          gradientNorm: column(Math.PI),
          seconds: column(update / 7),
          momentum: column(0.9),
        },
      }),
    )
  }
  const files = await openLibraryFiles(folder, {
    fs: diskFs,
    now: () => new Date(),
    readOnly: false,
    onNotice: () => undefined,
  })
  await files.writeRuns(
    Array.from({ length: count }, (_, n) => runSummary(longRun(n, statSync(folders.logPath(id(n))).size))),
  )
  // Opening reads no run folder, so a few full ones are enough.
  for (let n = 0; n < 3; n++) await folders.write(longRun(n, statSync(folders.logPath(id(n))).size))

  const delay = monitorEventLoopDelay({ resolution: 5 })
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    delay.reset()
    delay.enable()
    const began = performance.now()
    const result = await work()
    delay.disable()
    console.log(
      `${what}: ${Math.round(performance.now() - began)} ms, event loop held up for ` +
        `${Math.round(delay.max / 1e6)} ms at most, p99 ${Math.round(delay.percentile(99) / 1e6)} ms`,
    )
    return result
  }
  const library = await timed('opening', () => openLibrary(folder))
  console.log(`library.json: ${Math.round((await diskFs.stat(join(folder, 'library.json'))).bytes / 1024)} KiB`)
  expect(library.notices()).toEqual([])
  expect(library.runs()).toHaveLength(count)
  expect(library.run(id(1)).epochs.map(({ epoch }) => epoch)).toEqual([300])
  await timed('starring one run', () => library.annotate(id(1), { starred: true }))
  await timed('removing 100 runs', () => library.remove(Array.from({ length: 100 }, (_, n) => id(1000 + n))))
  const trace = await timed('reading a trace of 120,000 updates', () => library.readTrace(id(0)))
  expect(trace.update).toHaveLength(120_000)
  expect((await library.readRun(id(1))).epochs).toHaveLength(300)
  await library.close()
})
