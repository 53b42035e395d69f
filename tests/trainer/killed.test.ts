/*
 * A trainer that is killed before any one of its calls to the file system, and then goes on as the queue would have it,
 * ends as the run that was never killed: the same weights, records, scores, chosen epoch and files.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import type { RunConfig } from '../../core/config/config'
import { diskFs, type FileSystem, type OpenFile } from '../../main/files/fs'
import { essence, trainAttempt, told } from '../injector/attempt'
import { clearUnfinished } from '../../main/trainer/recovery'
import { digitsConfig } from '../support/digits'
import { removeFolder } from '../support/cleanup'

vi.setConfig({ testTimeout: 600_000 })
const folder = mkdtempSync(join(tmpdir(), 'batchlab-killed-'))
afterAll(() => removeFolder(folder))

/**
 * A disk on which the process dies before its so manyth call that changes something: from then on nothing is done any
 * more.
 */
function dyingBefore(call: number): FileSystem & { readonly calls: () => readonly string[] } {
  const calls: string[] = []
  const changing =
    <A extends readonly unknown[], R>(name: string, act: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (calls.length >= call) throw Object.assign(new Error('the process was killed'), { code: 'EKILLED' })
      calls.push(name)
      return await act(...args)
    }
  const openFile = (file: OpenFile): OpenFile => ({
    ...file,
    write: changing('write', file.write),
    sync: changing('sync', file.sync),
    truncate: changing('truncate', file.truncate),
  })
  return {
    ...diskFs,
    calls: () => calls,
    open: changing('open', async (path, flags) => openFile(await diskFs.open(path, flags))),
    rename: changing('rename', diskFs.rename),
    link: changing('link', diskFs.link),
    unlink: changing('unlink', diskFs.unlink),
    syncFolder: changing('syncFolder', diskFs.syncFolder),
    makeFolder: changing('makeFolder', diskFs.makeFolder),
  }
}

const cache = join(folder, 'cache')

/** As the queue has it: from the newest checkpoint of the record that is there. */
const goOn = async (config: RunConfig, into: string, fs: FileSystem): Promise<void> =>
  await trainAttempt((await told(config, into)).run, { config, folder: into, cache, fs })

const fresh = (): string => mkdtempSync(join(folder, 'run-'))

describe('a trainer that is killed', () => {
  it.each([
    ['the best one and periodic ones', { keepBest: 1, everyEpochs: 2 }, {}],
    ['the best three', { keepBest: 3 }, {}],
    [
      'the best one, with early stopping',
      { keepBest: 1 },
      { epochs: 12, learningRate: { base: 0.8, referenceBatch: 24 }, earlyStopping: { enabled: true, patience: 1 } },
    ],
  ] as const)(
    'before any call ends, when it goes on, as if it had not been; it keeps %s',
    async (_, checkpoints, input) => {
      const config = digitsConfig({
        data: { trainingImages: 72 },
        network: { type: 'mlp', hidden: [6] },
        epochs: 4,
        ...input,
        checkpoints,
      })
      const whole = fresh()
      const counting = dyingBefore(Infinity)
      await goOn(config, whole, counting)
      const expected = await essence(config, whole)
      const calls = counting.calls()
      expect(calls.length).toBeGreaterThan(40)
      expect(new Set(calls)).toEqual(new Set(['open', 'write', 'sync', 'rename', 'unlink', 'syncFolder', 'makeFolder']))
      // All of them on demand, which takes minutes; otherwise some, others in each case.
      const stride = process.env['BATCHLAB_EVERY_KILL'] === undefined ? 11 : 1
      for (let call = stride === 1 ? 0 : 5 + checkpoints.keepBest; call < calls.length; call += stride) {
        const into = fresh()
        await goOn(config, into, dyingBefore(call)).catch(() => undefined)
        await goOn(config, into, diskFs)
        expect(
          await essence(config, into),
          `killed before call ${call} of ${calls.length} (${calls[call] ?? ''})`,
        ).toBe(expected)
        rmSync(into, { recursive: true })
      }
    },
  )
})

it.each([1, 2])(
  'what a killed trainer had not finished goes though call %i of those that remove it fails',
  async (failing) => {
    const into = fresh()
    mkdirSync(join(into, 'checkpoints'))
    for (const name of ['best-00001', 'last'])
      writeFileSync(join(into, 'checkpoints', `.${name}.safetensors.1-0123abcd-7.unfinished`), 'half')
    let calls = 0
    await clearUnfinished(into, {
      ...diskFs,
      unlink: async (path) => {
        if (++calls === failing) throw Object.assign(new Error('EIO: refused'), { code: 'EIO' })
        await diskFs.unlink(path)
      },
    })
    expect(readdirSync(join(into, 'checkpoints'))).toEqual([])
  },
)
