/*
 * The power goes while a training writes: what was not synced is there, gone, cut short or zeros, and of unsynced names
 * any may be missing. Whatever is left, what was told to be saved is there and whole, the record names no file that is
 * not, and the run goes on to the end that it would have had.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Checkpoint } from '../../core/events'
import { start } from '../../core/moment'
import { diskFs, type FileSystem } from '../../main/files/fs'
import { loadCheckpoint } from '../../main/trainer/checkpoint'
import { recordingFs, type Files, type RecordingFs } from '../files/recordingFs'
import { sample } from '../injector/faults'
import { essence, trainAttempt, told } from '../injector/attempt'
import { digitsConfig } from '../support/digits'
import { removeFolder } from '../support/cleanup'

const folder = mkdtempSync(join(tmpdir(), 'batchlab-power-'))
afterAll(() => removeFolder(folder))
const fresh = (): string => join(mkdtempSync(join(folder, 'case-')), 'run')
const isWhole = process.env['BATCHLAB_EVERY_KILL'] !== undefined
const config = digitsConfig({
  data: { trainingImages: 48 },
  network: { type: 'mlp', hidden: [4] },
  epochs: 4,
  checkpoints: { keepBest: 1, everyEpochs: 2 },
})
const run = { config, cache: join(folder, 'cache'), saveAt: 5 }

/** The disk itself, every change of which is remembered. */
function remembered(by: RecordingFs): FileSystem {
  return {
    ...diskFs,
    open: async (path, flags) => {
      const file = await diskFs.open(path, flags)
      if (flags === 'r') return file
      const twin = await by.open(path, flags)
      return {
        ...file,
        write: async (bytes, position) => {
          const count = await file.write(bytes, position)
          return await twin.write(bytes.slice(0, count), position)
        },
        sync: async () => {
          await file.sync()
          await twin.sync()
        },
        truncate: async (bytes) => {
          await file.truncate(bytes)
          await twin.truncate(bytes)
        },
      }
    },
    rename: async (from, to) => {
      await diskFs.rename(from, to)
      await by.rename(from, to)
    },
    unlink: async (path) => {
      await diskFs.unlink(path)
      await by.unlink(path)
    },
    syncFolder: async (path) => {
      await diskFs.syncFolder(path)
      await by.syncFolder(path)
    },
  }
}

function putDown(files: Files, from: string): string {
  const into = fresh()
  mkdirSync(into, { recursive: true })
  for (const [path, bytes] of files) {
    // After a power cut another process goes on: pids of Linux end below this one.
    const to = join(into, relative(from, path).replace(/\.\d+-[0-9a-f]{8}-(\d+\.unfinished)$/, '.4194305-ffffffff-$1'))
    mkdirSync(dirname(to), { recursive: true })
    writeFileSync(to, bytes)
  }
  return into
}

describe('a power cut', () => {
  it(
    'at any moment of a training costs nothing that was told, and the run ends as if it had not been',
    async () => {
      const into = fresh()
      mkdirSync(into, { recursive: true })
      const disk = recordingFs()
      /** What was told to be saved, and after how many changes of the disk. */
      const acknowledged: {
        readonly at: number
        readonly checkpoint: Checkpoint
        readonly removed: readonly string[]
      }[] = []
      await trainAttempt(
        { checkpoints: [], moment: start },
        {
          ...run,
          folder: into,
          fs: remembered(disk),
          onEvent: (event) => {
            if (event.type === 'saved')
              acknowledged.push({ at: disk.log.length, checkpoint: event.checkpoint, removed: event.removed })
          },
        },
      )
      const expected = await essence(config, into)
      expect(acknowledged.length).toBeGreaterThan(6)
      expect(expected).toContain('manual-')

      const cuts = Array.from({ length: disk.log.length + 1 }, (_, prefix) =>
        disk.crashStates(prefix).map((files) => ({ prefix, files })),
      ).flat()
      expect(cuts.length).toBeGreaterThan(300)
      const stride = isWhole ? 1 : Math.ceil(cuts.length / 40)
      for (const [index, { prefix, files }] of cuts.entries()) {
        if (index % stride !== (isWhole ? 0 : sample % stride)) continue
        const what = `state ${index} of ${cuts.length}, after ${prefix} of ${disk.log.length} changes`
        const left = putDown(files, into)
        const { run: record } = await told(config, left)
        for (const { name, moment } of record.checkpoints) {
          const { metadata } = await loadCheckpoint(join(left, 'checkpoints', `${name}.safetensors`)).catch(
            (error: unknown) => {
              throw new Error(`${what}: ${String(error)}`)
            },
          )
          expect(metadata.moment.update, `${what}: ${name}`).toBeGreaterThanOrEqual(moment.update)
        }
        const known = acknowledged.filter(({ at }) => at <= prefix)
        for (const { checkpoint } of known.filter(
          (one, at) =>
            !known
              .slice(at + 1)
              .some(
                ({ checkpoint, removed }) =>
                  checkpoint.name === one.checkpoint.name || removed.includes(one.checkpoint.name),
              ),
        )) {
          const found = record.checkpoints.find(({ name }) => name === checkpoint.name)
          // A later save may have let it go already, and nobody was told yet.
          const letGo =
            record.checkpoints.some(({ moment }) => moment.update > checkpoint.moment.update) &&
            checkpoint.kinds.includes('best')
          if (!letGo)
            expect(found?.moment.update ?? -1, `${what}: ${checkpoint.name}`).toBeGreaterThanOrEqual(
              checkpoint.moment.update,
            )
        }
        if (record.status !== 'finished') await trainAttempt(record, { ...run, folder: left })
        expect(await essence(config, left), what).toBe(expected)
        rmSync(dirname(left), { recursive: true })
      }
      if (isWhole) console.log(JSON.stringify({ changes: disk.log.length, states: cuts.length }))
    },
    isWhole ? 1_800_000 : 300_000,
  )
})
