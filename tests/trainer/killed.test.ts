/*
 * A trainer that is killed before any one of its calls to the file system, and then goes on as the desk would have it, ends as the run that was never
 * killed: the same weights, records, scores, chosen epoch and files.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import type { RunConfig } from '../../core/config/config'
import { noPoints } from '../../core/events'
import type { TrainEvent } from '../../core/events'
import { foldTraced } from '../../core/fold'
import type { Beginning } from '../../core/job'
import { newRun, type TracedRun } from '../../core/run'
import { diskFs, type FileSystem, type OpenFile } from '../../main/files/fs'
import { readLog } from '../../main/files/readLog'
import { loadCheckpoint } from '../../main/trainer/checkpoint'
import { trainJob } from '../../main/trainer/trainJob'
import { digitsConfig } from './digits'

vi.setConfig({ testTimeout: 600_000 })
const resources = resolve(import.meta.dirname, '../../resources')
const folder = mkdtempSync(join(tmpdir(), 'batchlab-killed-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A disk on which the process dies before its so manyth call that changes something: from then on nothing is done any more. */
function dyingBefore(call: number): FileSystem & { readonly calls: () => readonly string[] } {
  const calls: string[] = []
  const changing = <A extends readonly unknown[], R>(name: string, act: (...args: A) => Promise<R>) => async (...args: A): Promise<R> => {
    if (calls.length >= call) throw Object.assign(new Error('the process was killed'), { code: 'EKILLED' })
    calls.push(name)
    return await act(...args)
  }
  const openFile = (file: OpenFile): OpenFile => ({ ...file, write: changing('write', file.write), sync: changing('sync', file.sync), truncate: changing('truncate', file.truncate) })
  return {
    ...diskFs, calls: () => calls,
    open: changing('open', async (path, flags) => openFile(await diskFs.open(path, flags))),
    rename: changing('rename', diskFs.rename), link: changing('link', diskFs.link), unlink: changing('unlink', diskFs.unlink),
    syncFolder: changing('syncFolder', diskFs.syncFolder), makeFolder: changing('makeFolder', diskFs.makeFolder),
  }
}

async function told(config: RunConfig, into: string): Promise<TracedRun> {
  let traced: TracedRun = { run: newRun('0000test', '', config, { type: 'new' }), trace: noPoints() }
  const log = join(into, 'events.ndjson')
  if (existsSync(log)) await readLog(log, (event) => { traced = foldTraced(traced, event as TrainEvent) })
  return traced
}

/** As the desk has it: from the newest checkpoint of the record that is there. */
async function sit(config: RunConfig, into: string, fs: FileSystem): Promise<void> {
  const { run } = await told(config, into)
  const newest = [...run.checkpoints].sort((a, b) => b.moment.update - a.moment.update || Number(b.kinds.includes('last')) - Number(a.kinds.includes('last')))
  const path = newest.map(({ name }) => join(into, 'checkpoints', `${name}.safetensors`)).find((one) => existsSync(one))
  const beginning: Beginning = path === undefined ? { type: 'new' } : { type: 'resume', path, acceptChangedData: false }
  await trainJob({ type: 'train', config, runFolder: into, beginning, folders: { cache: join(folder, 'cache'), resources } }, () => undefined, () => null, null, fs)
}

async function essence(config: RunConfig, into: string): Promise<string> {
  const { run: { status, message, moment, epochs, test, checkpoints }, trace } = await told(config, into)
  const tensors: unknown[] = []
  const names = readdirSync(join(into, 'checkpoints')).sort()
  for (const name of names.filter((one) => one.endsWith('.safetensors'))) {
    const { state, metadata } = await loadCheckpoint(join(into, 'checkpoints', name))
    for (const [tensor, { data }] of state) tensors.push([name, tensor, Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')])
    tensors.push([name, metadata])
  }
  const kept = checkpoints.map(({ bytes: _, ...one }) => one).sort((a, b) => a.name.localeCompare(b.name))
  return JSON.stringify({ status, message, moment, epochs, test, checkpoints: kept, trace, names, tensors }, (key, value: unknown) => (key === 'seconds' ? 0 : value), 1)
}

const fresh = (): string => mkdtempSync(join(folder, 'run-'))

describe('a trainer that is killed', () => {
  it.each([
    ['the best one and periodic ones', { keepBest: 1, everyEpochs: 2 }, {}],
    ['the best three', { keepBest: 3 }, {}],
    ['the best one, with early stopping', { keepBest: 1 }, { epochs: 12, learningRate: { base: 0.8, referenceBatch: 24 }, earlyStopping: { enabled: true, patience: 1 } }],
  ] as const)('before any call ends, when it goes on, as if it had not been; it keeps %s', async (_, checkpoints, input) => {
    const config = digitsConfig({ data: { trainingImages: 72 }, network: { type: 'mlp', hidden: [6] }, epochs: 4, ...input, checkpoints })
    const whole = fresh()
    const counting = dyingBefore(Infinity)
    await sit(config, whole, counting)
    const expected = await essence(config, whole)
    const calls = counting.calls()
    expect(calls.length).toBeGreaterThan(40)
    expect(new Set(calls)).toEqual(new Set(['open', 'write', 'sync', 'rename', 'link', 'unlink', 'syncFolder', 'makeFolder']))
    // All of them on demand, which takes minutes; otherwise some, others in each case.
    const stride = process.env['BATCHLAB_EVERY_KILL'] === undefined ? 11 : 1
    for (let call = stride === 1 ? 0 : 5 + checkpoints.keepBest; call < calls.length; call += stride) {
      const into = fresh()
      await sit(config, into, dyingBefore(call)).catch(() => undefined)
      await sit(config, into, diskFs)
      expect(await essence(config, into), `killed before call ${call} of ${calls.length} (${calls[call] ?? ''})`).toBe(expected)
      rmSync(into, { recursive: true })
    }
  })
})
