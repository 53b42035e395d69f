import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Low } from 'lowdb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { durableAdapter, openStore, type StoreOptions } from '../../main/files/store'
import type { FileNotice } from '../../main/files/storeOpening'
import { diskFs } from '../../main/files/fs'
import { removeFolder } from '../support/cleanup'

const Library = z.strictObject({
  runs: z.array(
    z.strictObject({ id: z.string(), loss: z.union([z.number(), z.nan(), z.literal(Infinity), z.literal(-Infinity)]) }),
  ),
})
type Library = z.infer<typeof Library>

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'))
  path = join(folder, 'library.json')
})
afterEach(() => {
  removeFolder(folder)
})

const runs = (...losses: readonly number[]): Library => ({
  runs: losses.map((loss, index) => ({ id: `r${String(index)}`, loss })),
})
const options: StoreOptions<Library> = {
  schema: Library,
  format: 1,
  migrations: [],
  defaults: runs(),
  now: () => new Date('2030-01-02T03:04:05.678Z'),
}
const names = (): readonly string[] => readdirSync(folder).sort()
const sha = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')

/** Writes the given states one after the other, with a backup before each. */
const written = async (...states: readonly Library[]): Promise<void> => {
  const store = await openStore(path, { ...options, backupEveryMs: 0 })
  for (const state of states) await store.write(state)
}

describe('openStore', () => {
  it('starts from the defaults and reads back what was written', async () => {
    const store = await openStore(path, options)
    expect([store.data, store.notices, store.readOnly]).toEqual([runs(), [], false])
    expect(names()).toEqual([])
    await store.write(runs(1, 2))
    expect(store.data).toEqual(runs(1, 2))
    const again = await openStore(path, options)
    expect([again.data, again.notices]).toEqual([runs(1, 2), []])
  })

  it('keeps NaN and Infinity without putting such a token into the file', async () => {
    await written(runs(NaN, Infinity, -Infinity, 0.5))
    const text = readFileSync(path, 'utf8')
    expect(text).toMatch(
      /"nonFinite":\{"\/runs\/0\/loss":"NaN","\/runs\/1\/loss":"Infinity","\/runs\/2\/loss":"-Infinity"\},"data"/,
    )
    expect(text).not.toMatch(/[:,[]\s*-?(NaN|Infinity)/)
    expect((await openStore(path, options)).data).toEqual(runs(NaN, Infinity, -Infinity, 0.5))
  })

  it('takes the data as it was at the call, and gives the caller a promise for exactly that', async () => {
    const store = await openStore(path, options)
    const data = runs(1)
    const writing = store.write(data)
    data.runs.push({ id: 'later', loss: 9 })
    await writing
    expect((await openStore(path, options)).data).toEqual(runs(1))
  })

  it('joins writes that wait, and settles each caller with the write that holds its data', async () => {
    let writes = 0
    const counting = {
      ...diskFs,
      rename: async (from: string, to: string) => {
        if (to === path) writes++
        await diskFs.rename(from, to)
      },
    }
    const store = await openStore(path, { ...options, fs: counting })
    const order: string[] = []
    const first = store.write(runs(0)).then(() => order.push('first'))
    await new Promise((resolve) => setTimeout(resolve, 0))
    const rest = Array.from({ length: 50 }, (_, index) => store.write(runs(index)).then(() => order.push('rest')))
    await first
    expect(order).toEqual(['first'])
    await Promise.all(rest)
    expect(writes).toBe(2)
    expect((await openStore(path, options)).data).toEqual(runs(49))
  })

  it('does not let a later failure reach a caller whose data is safe', async () => {
    const store = await openStore(path, options)
    const good = store.write(runs(1))
    await new Promise((resolve) => setTimeout(resolve, 0))
    const bad = store.write({ runs: [{ id: 'x', loss: 'no' as unknown as number }] })
    await expect(good).resolves.toBeUndefined()
    await expect(bad).rejects.toThrow('library.json does not hold what it should: runs.0.loss')
    expect(store.data).toEqual(runs(1))
    await store.write(runs(2))
    expect((await openStore(path, options)).data).toEqual(runs(2))
  })

  it.each([
    ['truncated', (text: string) => text.slice(0, -20)],
    ['empty', () => ''],
    ['null', () => 'null'],
    ['zeros', (text: string) => '\0'.repeat(text.length)],
    ['an array', () => '[]'],
    ['changed by one digit', (text: string) => text.replace('"loss":2', '"loss":3')],
    ['another checksum', (text: string) => text.replace(/"sha256":"./, '"sha256":"x')],
    ['another generation', (text: string) => text.replace('"generation":2', '"generation":9')],
    ['polluting', (text: string) => text.replace('"data":{', '"data":{"__proto__":{"polluted":1},')],
  ])('keeps a damaged file (%s) aside, restores the newest backup and says so', async (_, damage) => {
    await written(runs(1), runs(1, 2))
    const damaged = damage(readFileSync(path, 'utf8'))
    writeFileSync(path, damaged)
    const store = await openStore(path, options)
    expect(store.data).toEqual(runs(1))
    expect(store.readOnly).toBe(false)
    expect(store.notices.map((notice) => notice.type)).toEqual(['restored'])
    expect(store.notices[0]?.message).toMatch(
      /library\.json .+ It was restored from the backup of \d{4}-.+ The damaged file is kept as library\.json\.corrupt-2030-01-02T03-04-05-678Z\./,
    )
    expect(readFileSync(`${path}.corrupt-2030-01-02T03-04-05-678Z`, 'utf8')).toBe(damaged)
    await store.write(runs(5))
    const again = await openStore(path, options)
    expect([again.data, again.notices]).toEqual([runs(5), []])
  })

  it('reads a file whose spaces changed, as after pretty-printing', async () => {
    await written(runs(1, NaN))
    writeFileSync(
      path,
      `\ufeff${JSON.stringify(JSON.parse(readFileSync(path, 'utf8')), null, 2).replaceAll('\n', '\r\n')}`,
    )
    expect(await openStore(path, options)).toMatchObject({ data: runs(1, NaN), notices: [] })
  })

  it('keeps two damaged files of the same moment apart', async () => {
    await written(runs(1), runs(2))
    for (const text of ['one', 'two']) {
      writeFileSync(path, text)
      await openStore(path, options)
    }
    expect(
      names()
        .filter((name) => name.includes('corrupt'))
        .map((name) => readFileSync(join(folder, name), 'utf8')),
    ).toEqual(['one', 'two'])
  })

  it('falls back to the second backup when the first is damaged too', async () => {
    await written(runs(1))
    await written(runs(2))
    await written(runs(3))
    writeFileSync(path, '{')
    writeFileSync(`${path}.backup-1`, '{')
    expect((await openStore(path, options)).data).toEqual(runs(1))
  })

  it('opens empty and read-only when nothing is readable, changes nothing, and starts over only when told', async () => {
    await written(runs(1), runs(2))
    writeFileSync(path, 'broken')
    writeFileSync(`${path}.backup-1`, 'broken too')
    const before = names()
    const store = await openStore(path, options)
    expect([store.data, store.readOnly, store.notices.map((notice) => notice.type)]).toEqual([
      runs(),
      true,
      ['damaged'],
    ])
    await expect(store.write(runs(9))).rejects.toThrow('library.json was not saved: it is open for reading only')
    expect(names()).toEqual(before)
    expect(readFileSync(path, 'utf8')).toBe('broken')
    await store.startOver()
    expect(store.readOnly).toBe(false)
    await store.write(runs(9))
    expect((await openStore(path, options)).data).toEqual(runs(9))
    expect(readFileSync(`${path}.corrupt-2030-01-02T03-04-05-678Z`, 'utf8')).toBe('broken')
  })

  it('restores a store that is gone while its backup is there', async () => {
    await written(runs(1), runs(2))
    rmSync(path)
    const store = await openStore(path, options)
    expect(store.data).toEqual(runs(1))
    expect(store.notices[0]?.message).toMatch(/^library\.json is missing\. It was restored from the backup of /)
    expect(existsSync(path)).toBe(true)
  })

  it('opens a newer format for reading only and leaves its bytes alone', async () => {
    const next = await openStore(path, { ...options, format: 3, migrations: [(data) => data, (data) => data] })
    await next.write(runs(1))
    const before = sha(path)
    const store = await openStore(path, options)
    expect([store.data, store.readOnly]).toEqual([runs(1), true])
    expect(store.notices[0]?.message).toMatch(
      /^library\.json was made by a newer version of this program: expected format 1 or older, found 3 .+ It is open for reading only\.$/,
    )
    await expect(store.write(runs(2))).rejects.toThrow('reading only')
    await expect(store.startOver()).rejects.toThrow('not damaged')
    expect([sha(path), names()]).toEqual([before, ['library.json']])
  })

  it('brings an older format up to date, keeps the old file, and gives the same result twice', async () => {
    await written(runs(1))
    const old = sha(path)
    const Named = z.strictObject({ runs: z.array(z.strictObject({ name: z.string() })) })
    const toNames = (data: unknown): unknown => ({
      runs: Library.parse(data).runs.map((run) => ({ name: `run ${run.id}` })),
    })
    const newer = { schema: Named, format: 2, migrations: [toNames], defaults: { runs: [] } }
    const store = await openStore(path, newer)
    expect(store.data).toEqual({ runs: [{ name: 'run r0' }] })
    expect(store.notices.map((notice) => notice.type)).toEqual(['migrated'])
    expect(sha(path)).toBe(old)
    expect((await openStore(path, newer)).data).toEqual(store.data)
    await store.write({ runs: [...store.data.runs, { name: 'new' }] })
    expect(sha(`${path}.format-1`)).toBe(old)
    const again = await openStore(path, newer)
    expect([again.data, again.notices]).toEqual([{ runs: [{ name: 'run r0' }, { name: 'new' }] }, []])
  })

  it('refuses a list of migrations that does not fit the format', async () => {
    await expect(openStore(path, { ...options, format: 2 })).rejects.toThrow('Format 2 needs 1 migrations, found 0')
  })

  it('notices a second writer and overwrites nothing', async () => {
    await written(runs(1))
    const one = await openStore(path, options)
    const other = await openStore(path, options)
    await one.write(runs(2))
    await expect(other.write(runs(3))).rejects.toThrow(
      'library.json was not saved: another program changed it (expected write 1, found write 2)',
    )
    expect((await openStore(path, options)).data).toEqual(runs(2))
    expect(other.data).toEqual(runs(1))
  })

  it('keeps a file that is damaged while the program runs aside, and saves', async () => {
    const heard: FileNotice[] = []
    const store = await openStore(path, { ...options, onNotice: (notice) => heard.push(notice) })
    await store.write(runs(1))
    writeFileSync(path, 'scribble')
    await store.write(runs(2))
    expect(heard.map((notice) => notice.type)).toEqual(['damaged'])
    expect((await openStore(path, options)).data).toEqual(runs(2))
    expect(names().filter((name) => name.includes('backup'))).toEqual([])
  })

  it.each([1, 2, 3, 6])('keeps a backup from before the session after %i writes', async (count) => {
    await written(runs(7))
    const store = await openStore(path, { ...options, backupEveryMs: 0 })
    for (let index = 0; index < count; index++) await store.write(runs(index))
    const backup = `${path}.backup-${count === 1 ? '1' : '2'}`
    expect(await openStore(backup, { ...options, readOnly: true })).toMatchObject({ data: runs(7), notices: [] })
  })

  it('spaces the backups of a session', async () => {
    await written(runs(7))
    const store = await openStore(path, options)
    for (let index = 0; index < 4; index++) await store.write(runs(index))
    expect(names()).toEqual(['library.json', 'library.json.backup-1'])
    expect((await openStore(`${path}.backup-1`, { ...options, readOnly: true })).data).toEqual(runs(7))
  })

  it('never moves a damaged backup over a good one', async () => {
    await written(runs(1))
    await written(runs(2))
    await written(runs(3))
    const good = sha(`${path}.backup-2`)
    writeFileSync(`${path}.backup-1`, 'rotten')
    await written(runs(4))
    expect(sha(`${path}.backup-2`)).toBe(good)
    expect(await openStore(`${path}.backup-1`, options)).toMatchObject({ data: runs(3) })
  })

  it('saves all the same when the backup cannot be made, and says so', async () => {
    const heard: FileNotice[] = []
    await written(runs(1))
    const store = await openStore(path, {
      ...options,
      onNotice: (notice) => heard.push(notice),
      fs: {
        ...diskFs,
        rename: async (from, to) => {
          if (to.includes('backup')) throw Object.assign(new Error('no'), { code: 'EACCES' })
          await diskFs.rename(from, to)
        },
      },
    })
    await store.write(runs(2))
    expect(heard.map((notice) => notice.message)).toEqual([
      expect.stringMatching(
        /^The backup of library\.json failed: Cannot save library\.json\.backup-1: permission is denied/,
      ),
    ])
    expect((await openStore(path, options)).data).toEqual(runs(2))
  })

  it('touches nothing when opened for reading only', async () => {
    await written(runs(1), runs(2))
    writeFileSync(path, 'broken')
    const before = names()
    const store = await openStore(path, { ...options, readOnly: true })
    expect([store.data, store.readOnly, store.notices.map((notice) => notice.type)]).toEqual([
      runs(1),
      true,
      ['restored'],
    ])
    await expect(store.write(runs(3))).rejects.toThrow('reading only')
    expect(names()).toEqual(before)
  })

  it('refuses data that it could not read again', async () => {
    const store = await openStore(path, { ...options, maxBytes: 300 })
    await store.write(runs(1))
    await expect(store.write(runs(...Array.from({ length: 50 }, () => 1)))).rejects.toThrow(
      'was not saved: it would be larger than 300 bytes',
    )
    expect((await openStore(path, options)).data).toEqual(runs(1))
  })
})

describe('durableAdapter', () => {
  it('serves lowdb', async () => {
    const adapter = durableAdapter(path, options)
    const low = new Low<Library>(adapter, runs())
    await low.read()
    expect(low.data).toEqual(runs())
    await low.update((data) => {
      data.runs.push({ id: 'a', loss: 1 })
    })
    expect(adapter.store?.data.runs).toHaveLength(1)
    const second = new Low<Library>(durableAdapter(path, options), runs())
    await second.read()
    expect(second.data).toEqual({ runs: [{ id: 'a', loss: 1 }] })
  })

  it('does not hand out defaults that lowdb would then change', async () => {
    const low = new Low<Library>(durableAdapter(path, options), runs())
    await low.read()
    low.data.runs.push({ id: 'a', loss: 1 })
    expect(options.defaults).toEqual(runs())
  })

  it('does not let null stand for the defaults, as lowdb itself would', async () => {
    writeFileSync(path, 'null')
    const adapter = durableAdapter(path, options)
    const low = new Low<Library>(adapter, runs())
    await low.read()
    expect(adapter.store?.notices.map((notice) => notice.type)).toEqual(['damaged'])
    await expect(low.write()).rejects.toThrow('reading only')
    expect(readFileSync(path, 'utf8')).toBe('null')
  })
})
