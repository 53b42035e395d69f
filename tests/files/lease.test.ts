import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { diskFs, type FileSystem } from '../../main/files/fs'
import { keepLease, leasedFs, watchLock, type Lease } from '../../main/files/lease'
import { openLog } from '../../main/files/eventLog'
import { acquireLock, waitForSilence } from '../../main/files/lock'
import { removeFolder } from '../support/cleanup'

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lease-'))
  path = join(folder, 'library.lock')
})
afterEach(() => removeFolder(folder))

interface Held {
  readonly lease: Lease
  readonly beat: () => Promise<void>
  readonly pass: (ms: number) => void
  readonly lost: () => number
  readonly release: () => Promise<void>
}

/** Takes the lock as another machine would, with a clock and a heart that the test moves. */
async function hold(): Promise<Held> {
  const lock = await acquireLock(path)
  if (lock.type !== 'held') throw new Error('The lock is busy')
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace(/"host":"[^"]*"/, '"host":"elsewhere"'))
  let time = 0
  let lost = 0
  const idle = (): void => undefined
  let on = idle
  let looked = idle
  // A beat is over when it has closed the lock, or could not open it.
  const fs: FileSystem = {
    ...diskFs,
    open: async (at, flags) => {
      try {
        const file = await diskFs.open(at, flags)
        return { ...file, close: async () => await file.close().finally(() => setImmediate(looked)) }
      } catch (error) {
        setImmediate(looked)
        throw error
      }
    },
  }
  const lease = keepLease(
    path,
    lock.token,
    () => {
      lost++
    },
    {
      fs,
      now: () => time,
      every: (_, act) => {
        on = act
        return () => {
          on = idle
        }
      },
    },
  )
  return {
    lease,
    lost: () => lost,
    release: lock.release,
    pass: (ms) => {
      time += ms
    },
    beat: async () => {
      if (on === idle) return
      const isOver = new Promise<void>((resolve) => {
        looked = resolve
      })
      on()
      await isOver
    },
  }
}

describe('a lease', () => {
  it('is a lock that changes while its owner lives, keeps its length, and stays readable', async () => {
    const { beat, lease } = await hold()
    const before = readFileSync(path, 'utf8')
    await beat()
    await beat()
    const after = readFileSync(path, 'utf8')
    expect(after).not.toBe(before)
    expect(after.length).toBe(before.length)
    expect(JSON.parse(after)).toMatchObject({ host: 'elsewhere', beat: '000000000002' })
    expect(lease.isHeld()).toBe(true)
  })

  it(
    'of another machine is taken over on request where it is silent, and not where it is alive: only changes ' +
      'count, whatever its clock says',
    async () => {
      const { beat } = await hold()
      const alive = await acquireLock(path, {
        takeOver: true,
        pause: async () => {
          await beat()
        },
      })
      expect(alive).toMatchObject({ type: 'busy' })
      expect(alive.type === 'busy' && alive.message).toContain('It gives signs of life, so nothing was taken over.')
      const asked = await acquireLock(path, { pause: async () => undefined })
      expect(asked.type === 'busy' && asked.message).toMatch(
        /^Another program on the computer “elsewhere” \(process \d+, since .+; its last sign of life is of \d{4}-.+Z\) is using this folder\. If it is gone, take over with --take-over, or delete library\.lock in the folder\.$/,
      )
      const silent = await acquireLock(path, { takeOver: true, pause: async () => undefined })
      expect(silent).toMatchObject({ type: 'held', tookOver: true })
    },
  )

  it(
    'that another program took is noticed at the next beat and before the next write after a long sleep; then ' +
      'nothing is written any more',
    async () => {
      const { lease, pass, lost, beat, release } = await hold()
      const fs = leasedFs(diskFs, lease.isHeld)
      const file = join(folder, 'library.json')
      await (await fs.open(file, 'wx')).close()
      const taker = await acquireLock(path, { takeOver: true, pause: async () => undefined })
      expect(taker.type).toBe('held')
      const theirs = readFileSync(path, 'utf8')
      // Stopped for a minute, and awake before its next beat.
      pass(60_000)
      await expect(fs.open(file, 'r+')).rejects.toThrow(
        'library.json was not saved: another program took this library over',
      )
      await expect(fs.rename(file, `${file}2`)).rejects.toThrow('took this library over')
      await expect(fs.unlink(file)).rejects.toThrow('took this library over')
      await (await fs.open(file, 'r')).close()
      await beat()
      expect([lost(), lease.isHeld()]).toEqual([1, false])
      await release()
      expect(readFileSync(path, 'utf8')).toBe(theirs)
      expect(statSync(file).size).toBe(0)
    },
  )

  it('that is lost stops what goes on writing to a file that it opened before, such as a log', async () => {
    const lock = await acquireLock(path)
    if (lock.type !== 'held') throw new Error('The lock is busy')
    let time = 0
    const isHeld = watchLock({ path, token: lock.token }, { now: () => time })
    const log = await openLog(join(folder, 'events.ndjson'), { fs: leasedFs(diskFs, isHeld) })
    log.append({ type: 'first' })
    await log.flush()
    const before = readFileSync(join(folder, 'events.ndjson'), 'utf8')
    expect(before).toContain('"first"')
    writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), token: 'theirs' }))
    // Stopped here, and continued after another program took the folder.
    time += 60_000
    log.append({ type: 'second' })
    await expect(log.flush()).rejects.toThrow('events.ndjson was not saved: another program took this library over')
    expect(readFileSync(join(folder, 'events.ndjson'), 'utf8')).toBe(before)
    await log.close().catch(() => undefined)
    // Once lost it stays lost, whatever stands in the lock later.
    writeFileSync(path, JSON.stringify({ pid: 1, token: lock.token }))
    expect(isHeld()).toBe(false)
  })

  it('is looked at again after a clock was set back, and after a sleep that only the clock on the wall counts', async () => {
    const { lease, pass } = await hold()
    rmSync(path)
    expect(lease.isHeld()).toBe(true)
    pass(-3_600_000)
    expect(lease.isHeld()).toBe(false)
  })

  it('is noticed as lost where its lock was deleted', async () => {
    const { lost, beat } = await hold()
    rmSync(path)
    await beat()
    expect(lost()).toBe(1)
  })

  it('is silent or gone for whoever waits for that', async () => {
    const { beat, release } = await hold()
    let beats = 0
    const owner = await waitForSilence(path, {
      pause: async () => {
        if (beats++ < 30) await beat()
      },
    })
    expect(owner?.host).toBe('elsewhere')
    expect(beats).toBeGreaterThan(30)
    await release()
    expect(await waitForSilence(path, { pause: async () => undefined })).toBeNull()
  })
})
