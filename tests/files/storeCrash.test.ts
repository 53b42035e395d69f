import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { FileError } from '../../main/files/fileError'
import { openStore, type StoreOptions } from '../../main/files/store'
import { bytesFrom, recordingFs, type Failure, type Files, type RecordingFs } from './recordingFs'

const path = '/lib/library.json'
const Schema = z.strictObject({ runs: z.array(z.string()) })
type Data = z.infer<typeof Schema>

const options: StoreOptions<Data> = {
  schema: Schema,
  format: 1,
  migrations: [],
  defaults: { runs: [] },
  backupEveryMs: 0,
  now: () => new Date(0),
  write: { pause: async () => undefined },
}
const open = (fs: RecordingFs) => openStore(path, { ...options, fs })
const state = (name: string): Data => ({ runs: [name] })

/** A disk on which the given states were saved, one after the other. */
const diskWith = async (...names: readonly string[]): Promise<Files> => {
  const fs = recordingFs()
  for (const name of names) await (await open(fs)).write(state(name))
  return fs.files()
}

interface Reopened {
  readonly name: string
  readonly notices: number
  readonly readOnly: boolean
  readonly disk: RecordingFs
}

const reopen = async (files: Files): Promise<Reopened> => {
  const disk = recordingFs({ files })
  const store = await open(disk)
  return { name: store.data.runs.join(), notices: store.notices.length, readOnly: store.readOnly, disk }
}

const unfinished = (files: Files): readonly string[] => [...files.keys()].filter((name) => name.endsWith('.unfinished'))

const damagedDisk = async (): Promise<Files> =>
  new Map([...(await diskWith('older', 'backup', 'current')), [path, bytesFrom('{"format":1,')]])

describe('a crash', () => {
  it('at any moment of a write leaves the old state or the new, and the new once the write resolved', async () => {
    const disk = recordingFs({ files: await diskWith('first', 'old') })
    const store = await open(disk)
    await store.write(state('new'))
    disk.mark('resolved')
    let states = 0
    for (let prefix = 0; prefix <= disk.log.length; prefix++) {
      for (const files of disk.crashStates(prefix)) {
        states++
        const { name, notices, readOnly } = await reopen(files)
        expect(disk.hasMark('resolved', prefix) ? ['new'] : ['old', 'new']).toContain(name)
        expect([notices, readOnly]).toEqual([0, false])
      }
    }
    expect(states).toBeGreaterThan(40)
  })

  it('at any moment of the very first write leaves nothing or the new state', async () => {
    const disk = recordingFs()
    await (await open(disk)).write(state('new'))
    for (let prefix = 0; prefix <= disk.log.length; prefix++) {
      for (const files of disk.crashStates(prefix)) expect(['', 'new']).toContain((await reopen(files)).name)
    }
  })

  it('at any moment of a repair leaves the backup restorable, and the damaged bytes are never lost', async () => {
    const files = await damagedDisk()
    const disk = recordingFs({ files })
    expect((await open(disk)).data).toEqual(state('backup'))
    let states = 0
    for (let prefix = 0; prefix <= disk.log.length; prefix++) {
      for (const left of disk.crashStates(prefix)) {
        states++
        const { name, disk: repaired } = await reopen(left)
        expect(name).toBe('backup')
        expect([...repaired.files().values()].map((bytes) => Buffer.from(bytes).toString())).toContain('{"format":1,')
      }
    }
    expect(states).toBeGreaterThan(10)
  })

  it('during the repair after a crash still leaves the backup restorable', async () => {
    const disk = recordingFs({ files: await damagedDisk() })
    await open(disk)
    for (let prefix = 0; prefix <= disk.log.length; prefix++) {
      for (const left of disk.crashStates(prefix)) {
        const second = recordingFs({ files: left })
        await open(second)
        for (const files of second.crashStates(second.log.length >> 1))
          expect((await reopen(files)).name).toBe('backup')
      }
    }
  })
})

/** Runs with call N failing for N = 1, 2, … until no call is left to fail. */
const failEach = async (
  files: Files,
  code: string,
  mode: Failure['mode'],
  run: (disk: RecordingFs) => Promise<void>,
): Promise<number> => {
  for (let at = 1; ; at++) {
    const disk = recordingFs({ files, failure: { at, code, mode } })
    await run(disk)
    if (disk.calls.length < at) return at
    expect(at).toBeLessThan(200)
  }
}

describe('a failing disk', () => {
  const cases = ['EIO', 'ENOSPC', 'EROFS', 'EMFILE'].flatMap((code) =>
    (['once', 'onwards'] as const).map((mode) => [code, mode] as const),
  )

  it.each(cases)(
    '(%s, %s) leaves the old state or the new at every call of a write, and says what is wrong',
    async (code, mode) => {
      const before = await diskWith('first', 'old')
      const tried = await failEach(before, code, mode, async (disk) => {
        const store = await open(disk)
        const opened = store.data.runs.join()
        const error: unknown = await store.write(state('new')).then(
          () => undefined,
          (reason: unknown) => reason,
        )
        if (error !== undefined) {
          expect(error).toBeInstanceOf(FileError)
          expect((error as Error).message).toMatch(/library\.json|lib/)
        }
        // A store that could not be read says so and refuses to write, instead of passing for empty.
        if (opened !== 'old') expect([store.readOnly, store.notices.length]).toEqual([true, 1])
        const after = await reopen(disk.files())
        expect(error === undefined ? ['new'] : ['old', 'new']).toContain(after.name)
        expect(after.readOnly).toBe(false)
      })
      expect(tried).toBeGreaterThan(20)
    },
  )

  it.each(cases)('(%s, %s) never costs the backup at any call of a repair', async (code, mode) => {
    const files = await damagedDisk()
    await failEach(files, code, mode, async (disk) => {
      const store = await open(disk)
      expect(store.notices.length).toBeGreaterThan(0)
      const after = await reopen(disk.files())
      expect(after.name).toBe('backup')
      expect([...after.disk.files().values()].map((bytes) => Buffer.from(bytes).toString())).toContain('{"format":1,')
    })
  })

  it('can be tried again: after a failure at any call the same store saves the next write', async () => {
    const before = await diskWith('first', 'old')
    await failEach(before, 'ENOSPC', 'once', async (disk) => {
      const store = await open(disk)
      if (store.readOnly) return
      await store.write(state('new')).catch(() => undefined)
      await store.write(state('newer')).catch(() => store.write(state('newer')))
      expect((await reopen(disk.files())).name).toBe('newer')
    })
  })

  it('leaves no unfinished file behind after a single failure', async () => {
    const before = await diskWith('first', 'old')
    await failEach(before, 'ENOSPC', 'once', async (disk) => {
      await (await open(disk)).write(state('new')).catch(() => undefined)
      // Only where removing it was the call that failed does it stay.
      if (disk.calls[disk.calls.length - 1] !== 'unlink') expect(unfinished(disk.files())).toEqual([])
    })
  })
})

describe('damage of any kind', () => {
  const mutations = fc.array(
    fc.record({
      type: fc.constantFrom('flip', 'cut', 'insert', 'repeat', 'zeros'),
      at: fc.nat(400),
      length: fc.integer({ min: 1, max: 40 }),
      byte: fc.nat(255),
    }),
    { minLength: 1, maxLength: 4 },
  )

  const mutate = (
    bytes: Uint8Array,
    changes: readonly { type: string; at: number; length: number; byte: number }[],
  ): Uint8Array =>
    changes.reduce((current: Uint8Array, { type, at, length, byte }) => {
      const place = Math.min(at, current.length)
      const head = current.slice(0, place)
      const middle = current.slice(place, place + length)
      const tail = current.slice(place + length)
      if (type === 'flip')
        return Buffer.concat([head, middle.map((value, index) => (index === 0 ? value ^ (byte | 1) : value)), tail])
      if (type === 'cut') return head
      if (type === 'insert') return Buffer.concat([head, Uint8Array.of(byte), middle, tail])
      if (type === 'repeat') return Buffer.concat([head, middle, middle, tail])
      return Buffer.concat([head, new Uint8Array(middle.length), tail])
    }, bytes)

  it('ends in the stored data or its backup, never in other data, and is always reported', async () => {
    const good = await diskWith('first', 'backup', 'current')
    const bytes = good.get(path) ?? new Uint8Array(0)
    await fc.assert(
      fc.asyncProperty(mutations, async (changes) => {
        const { name, notices, readOnly } = await reopen(new Map([...good, [path, mutate(bytes, changes)]]))
        expect(readOnly).toBe(false)
        expect(['backup', 'current']).toContain(name)
        expect(notices).toBe(name === 'current' ? 0 : 1)
      }),
      { numRuns: 400 },
    )
  })
})
