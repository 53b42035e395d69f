import { spawn, type ChildProcess } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir, uptime } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { acquireLock, lockOwner, type LockOwner, type LockResult } from '../../main/files/lock'
import { recordingFs, bytesFrom } from './recordingFs'

let folder: string
let path: string
const children: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
  path = join(folder, 'library.lock')
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

const quick = { pause: async () => undefined }
const held = (result: LockResult): Extract<LockResult, { type: 'held' }> => {
  if (result.type !== 'held') throw new Error(`expected the lock, found it busy: ${result.message}`)
  return result
}
const ownerOf = (file: string): LockOwner => JSON.parse(readFileSync(file, 'utf8')) as LockOwner
/** What a lock of ours would hold, with some of it changed. */
const ownerLike = async (changes: Partial<LockOwner>): Promise<string> => {
  const other = join(folder, 'other.lock')
  const lock = held(await acquireLock(other))
  const text = JSON.stringify({ ...ownerOf(other), token: 'another', ...changes })
  await lock.release()
  return text
}
const sleeper = async (): Promise<number> => {
  const child = spawn(process.execPath, ['-e', 'console.log(1); setTimeout(() => {}, 60000)'])
  children.push(child)
  await new Promise((resolve) => child.stdout.once('data', resolve))
  return child.pid ?? 0
}
const deadPid = async (): Promise<number> => {
  const child = spawn(process.execPath, ['-e', ''])
  await new Promise((resolve) => child.once('exit', resolve))
  return child.pid ?? 0
}

describe('acquireLock', () => {
  it('is held once, reports its owner, and is free after release', async () => {
    const lock = held(await acquireLock(path))
    expect(lock.tookOver).toBe(false)
    expect(ownerOf(path)).toMatchObject({ pid: process.pid, host: hostname() })
    const second = await acquireLock(path)
    expect(second).toMatchObject({ type: 'busy', owner: { pid: process.pid } })
    expect(second.type === 'busy' && second.message).toMatch(
      new RegExp(`^Another program \\(process ${String(process.pid)}, since .+\\) is using this folder\\.`),
    )
    await lock.release()
    expect(readdirSync(folder)).toEqual([])
    held(await acquireLock(path))
  })

  it('takes over from a process that is gone, and leaves nothing behind', async () => {
    writeFileSync(path, await ownerLike({ pid: await deadPid() }))
    expect(held(await acquireLock(path)).tookOver).toBe(true)
    expect(ownerOf(path).pid).toBe(process.pid)
    expect(readdirSync(folder)).toEqual(['library.lock'])
  })

  it.skipIf(process.platform !== 'linux')(
    'takes over after a restart of the machine, even when the pid runs again',
    async () => {
      writeFileSync(
        path,
        await ownerLike({ pid: await sleeper(), bootId: '00000000-0000-0000-0000-000000000000', processStart: '' }),
      )
      expect(held(await acquireLock(path)).tookOver).toBe(true)
    },
  )

  it.skipIf(process.platform !== 'linux')('takes over when another program got the pid since', async () => {
    writeFileSync(path, await ownerLike({ pid: await sleeper(), processStart: '1' }))
    expect(held(await acquireLock(path)).tookOver).toBe(true)
  })

  it('takes over after a restart where the system has no boot id', async () => {
    writeFileSync(path, await ownerLike({ pid: process.pid, bootId: '', uptime: uptime() + 1000 }))
    expect(held(await acquireLock(path)).tookOver).toBe(true)
  })

  it('leaves a live process its lock', async () => {
    const pid = await sleeper()
    writeFileSync(path, await ownerLike({ pid, processStart: '' }))
    expect(await acquireLock(path)).toMatchObject({ type: 'busy', owner: { pid } })
  })

  it('cannot tell about another machine, so leaves it its lock and says what to do', async () => {
    const text = await ownerLike({ pid: await deadPid(), host: 'elsewhere', bootId: 'x' })
    writeFileSync(path, text)
    const result = await acquireLock(path)
    expect(result.type === 'busy' && result.message).toMatch(
      /^Another program on the computer “elsewhere” .+ If it is gone, take over with --take-over, or delete library\.lock in the folder\.$/,
    )
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  it.each(['', '{"pid":', 'null', '{"pid":"1"}', '\0\0\0'])(
    'takes over from an owner that crashed while writing its name (%j)',
    async (text) => {
      writeFileSync(path, text)
      expect(held(await acquireLock(path, quick)).tookOver).toBe(true)
    },
  )

  it('waits for an owner that is just writing its name', async () => {
    writeFileSync(path, '')
    let waits = 0
    const text = await ownerLike({ pid: await sleeper(), processStart: '' })
    const result = await acquireLock(path, {
      pause: async () => {
        if (++waits === 3) writeFileSync(path, text)
      },
    })
    expect(result.type).toBe('busy')
  })

  it('releases only its own', async () => {
    const lock = held(await acquireLock(path))
    const text = await ownerLike({})
    writeFileSync(path, text)
    await lock.release()
    expect(readFileSync(path, 'utf8')).toBe(text)
    rmSync(path)
    await lock.release()
    expect(existsSync(path)).toBe(false)
  })

  it('has exactly one winner when many find the same stale lock', async () => {
    for (let round = 0; round < 5; round++) {
      writeFileSync(path, await ownerLike({ pid: 2 ** 22 + 1 }))
      const results = await Promise.all(Array.from({ length: 8 }, () => acquireLock(path)))
      expect(results.filter((result) => result.type === 'held')).toHaveLength(1)
      expect(readdirSync(folder)).toEqual(['library.lock'])
      await held(results.find((result) => result.type === 'held')!).release()
      expect(readdirSync(folder)).toEqual([])
    }
  })

  it('does not remove a lock that another process took over in the meantime', async () => {
    const stale = await ownerLike({ pid: 2 ** 22 + 1 })
    const live = await ownerLike({ pid: process.pid, processStart: '' })
    const disk = recordingFs({ files: new Map([['/l/lock', bytesFrom(stale)]]) })
    let reads = 0
    const racing = {
      ...disk,
      readFile: async (file: string) => {
        const bytes = await disk.readFile(file)
        if (++reads === 1) {
          // Between our first look and our last the other takes over.
          await disk.unlink(file)
          const opened = await disk.open(file, 'wx')
          await opened.write(bytesFrom(live), 0)
        }
        return bytes
      },
    }
    expect(await acquireLock('/l/lock', { fs: racing })).toMatchObject({ type: 'busy', owner: { pid: process.pid } })
    expect([...disk.files().keys()]).toEqual(['/l/lock'])
  })

  it.each([0, -1, 1.5])('takes over from process %s, which there cannot be', async (pid) => {
    writeFileSync(path, await ownerLike({ pid, processStart: '' }))
    expect(await lockOwner(path)).toBeNull()
    expect(held(await acquireLock(path, quick)).tookOver).toBe(true)
  })

  it.skipIf(process.platform === 'win32')(
    'says what it found where its name is taken by a broken link or a folder',
    async () => {
      symlinkSync(join(folder, 'nowhere'), path)
      await expect(acquireLock(path, quick)).rejects.toThrow(
        'Cannot lock the folder: library.lock is there and cannot be read',
      )
      rmSync(path)
      mkdirSync(path)
      await expect(acquireLock(path, quick)).rejects.toThrow('Cannot lock library.lock: it is a folder')
      await expect(lockOwner(path)).rejects.toThrow('Cannot read library.lock: it is a folder')
    },
  )

  it('says when the folder cannot be written', async () => {
    await expect(acquireLock(join(folder, 'none', 'library.lock'))).rejects.toThrow(
      'Cannot lock library.lock: it does not exist',
    )
    const full = recordingFs({ failure: { at: 1, code: 'EROFS', mode: 'onwards' } })
    await expect(acquireLock('/l/lock', { fs: full })).rejects.toThrow('Cannot lock lock: the disk is read-only')
  })
})
