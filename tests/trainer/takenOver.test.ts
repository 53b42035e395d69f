/*
 * A trainer that was stopped for longer than its library waits, and goes on when another program has the library,
 * changes nothing in it any more.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import type { TrainEvent } from '../../core/events'
import type { Job } from '../../core/job'
import { trainJob } from '../../main/trainer/trainJob'
import { digitsConfig } from '../support/digits'
import { removeFolder } from '../support/cleanup'

vi.setConfig({ testTimeout: 120_000 })
const folder = mkdtempSync(join(tmpdir(), 'batchlab-taken-'))
afterAll(() => removeFolder(folder))

function contents(of: string): Readonly<Record<string, string>> {
  const files = readdirSync(of, { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
  return Object.fromEntries(
    files
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
      .map((path) => [path, readFileSync(path, 'latin1')]),
  )
}

it('writes neither to its log nor a checkpoint once another program has the lock, and says why it ends', async () => {
  const [runFolder, path] = [join(folder, 'run'), join(folder, 'library.lock')]
  mkdirSync(runFolder)
  writeFileSync(path, JSON.stringify({ pid: process.pid, token: 'ours' }))
  let before: Readonly<Record<string, string>> = {}
  let updates = 0
  const stopped = (): null => {
    if (++updates !== 8) return null
    writeFileSync(path, JSON.stringify({ pid: process.pid, token: 'theirs' }))
    before = contents(runFolder)
    // As if the process had been stopped here: no timer runs meanwhile.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500)
    return null
  }
  const events: TrainEvent[] = []
  const job: Extract<Job, { type: 'train' }> = {
    type: 'train',
    config: digitsConfig({ epochs: 6, checkpoints: { keepBest: 3, everyEpochs: 1 } }),
    runFolder,
    beginning: { type: 'new' },
    lock: { path, token: 'ours' },
    folders: { cache: join(folder, 'cache'), resources: resolve(import.meta.dirname, '../../resources') },
  }
  await trainJob(
    job,
    (message) => {
      if (message.type === 'event') events.push(message.event)
    },
    stopped,
  )
  expect(updates).toBeGreaterThanOrEqual(8)
  expect(Object.keys(before).some((file) => file.endsWith('events.ndjson'))).toBe(true)
  expect(contents(runFolder)).toEqual(before)
  const last = events.at(-1)
  expect(last?.type).toBe('paused')
  expect(last?.type === 'paused' && last.cause).toMatch(
    /was not saved: another program took this library over \(.+\)\.$/,
  )
})
