import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withLock } from '../../scripts/setup/lock.mjs'
import { removeFolder } from '../support/cleanup'

const aPidThatNeverLives = 2 ** 30

describe('a lock', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'batchlab-lock-'))
    file = path.join(folder, 'lock')
  })
  afterEach(() => removeFolder(folder))

  it('lets the second in when the first is done, and tells it once that it waits', async () => {
    const order: string[] = []
    let finish = () => undefined as void
    const first = withLock(
      file,
      () => order.push('first waits'),
      async () => {
        order.push('first in')
        await new Promise<void>((resolve) => (finish = resolve))
        order.push('first out')
      },
    )
    const second = withLock(
      file,
      () => {
        order.push('second waits')
        setTimeout(() => finish(), 400)
      },
      () => Promise.resolve(order.push('second in')),
    )
    await Promise.all([first, second])
    expect(order).toEqual(['first in', 'second waits', 'first out', 'second in'])
    expect(existsSync(file)).toBe(false)
  })

  it('is given back when the work fails', async () => {
    await expect(
      withLock(
        file,
        () => undefined,
        () => Promise.reject(new Error('no')),
      ),
    ).rejects.toThrow('no')
    expect(existsSync(file)).toBe(false)
  })

  it('is taken over at once from a process that has ended', async () => {
    writeFileSync(file, `${hostname()} ${aPidThatNeverLives}`)
    const waits: string[] = []
    expect(
      await withLock(
        file,
        () => waits.push('waits'),
        () => Promise.resolve('done'),
      ),
    ).toBe('done')
    expect(waits).toEqual([])
  })

  it('is taken over from a holder elsewhere that has stopped touching it', async () => {
    writeFileSync(file, 'another-machine 1')
    const longAgo = new Date(Date.now() - 60_000)
    utimesSync(file, longAgo, longAgo)
    expect(
      await withLock(
        file,
        () => undefined,
        () => Promise.resolve('done'),
      ),
    ).toBe('done')
  })

  it('is waited for while its holder elsewhere is alive', async () => {
    writeFileSync(file, 'another-machine 1')
    let isIn = false
    const mine = withLock(
      file,
      () => undefined,
      () => Promise.resolve((isIn = true)),
    )
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect(isIn).toBe(false)
    rmSync(file)
    await mine
    expect(isIn).toBe(true)
  })
})
