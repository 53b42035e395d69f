import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { deliver, durableWrite, isRunning, sweepUnfinished } from '../../main/files/durableWrite'
import { FileError } from '../../main/files/fileError'
import { diskFs, type FileSystem } from '../../main/files/fs'
import { bytesFrom, failed, recordingFs, textFrom } from './recordingFs'

const path = '/lib/a.json'
const before = new Map([[path, bytesFrom('old')]])
const noPause = async (): Promise<void> => undefined

const folders: string[] = []
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'durable-'))
  folders.push(folder)
  return folder
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

describe('durableWrite', () => {
  it('leaves the old content or the new after a crash at any moment, and the new once it resolved', async () => {
    const fs = recordingFs({ files: before, maxTransfer: 3 })
    await durableWrite(path, bytesFrom('the new content'), { fs })
    fs.mark('resolved')
    const seen = new Set<string>()
    for (let prefix = 0; prefix <= fs.log.length; prefix++) {
      for (const files of fs.crashStates(prefix)) {
        const text = textFrom(files.get(path))
        expect(fs.hasMark('resolved', prefix) ? ['the new content'] : ['old', 'the new content']).toContain(text)
        seen.add(text)
      }
    }
    expect(seen.size).toBe(2)
  })

  it('would be caught without its sync: the recording disk loses what was not synced', async () => {
    const fs = recordingFs({ files: before })
    const unsynced: FileSystem = {
      ...fs,
      open: async (name, flags) => ({ ...(await fs.open(name, flags)), sync: noPause }),
    }
    await durableWrite(path, bytesFrom('the new content'), { fs: unsynced })
    const texts = fs.crashStates(fs.log.length).map((files) => textFrom(files.get(path)))
    expect(texts).toContain('')
    expect(texts).toContain('\0'.repeat('the new content'.length))
  })

  it('would be caught without syncing the folder: the old content comes back', async () => {
    const fs = recordingFs({ files: before })
    await durableWrite(path, bytesFrom('new'), { fs: { ...fs, syncFolder: noPause } })
    expect(fs.crashStates(fs.log.length).map((files) => textFrom(files.get(path)))).toContain('old')
  })

  for (const code of ['EIO', 'ENOSPC', 'EROFS', 'EMFILE']) {
    for (const mode of ['once', 'onwards'] as const) {
      it(`keeps old or new when call N fails with ${code}, ${mode}, for every N`, async () => {
        for (let at = 1, isDone = false; !isDone; at++) {
          const fs = recordingFs({ files: before, failure: { at, code, mode } })
          const error: unknown = await durableWrite(path, bytesFrom('new'), { fs, pause: noPause }).then(
            () => undefined,
            (reason: unknown) => reason,
          )
          const text = textFrom(fs.files().get(path))
          if (error === undefined) {
            expect(text).toBe('new')
          } else {
            expect(['old', 'new']).toContain(text)
            expect(error).toBeInstanceOf(FileError)
            expect((error as Error).message).toMatch(/^Cannot save a\.json: .+ \(\/lib/)
          }
          if (mode === 'once') expect([...fs.files().keys()]).toEqual([path])
          isDone = fs.calls.length < at
          expect(at).toBeLessThan(50)
        }
      })
    }
  }

  it('waits for a free file handle and then succeeds', async () => {
    const fs = recordingFs({ files: before, failure: { at: 1, code: 'EMFILE', mode: 'once' } })
    await durableWrite(path, bytesFrom('new'), { fs, pause: noPause })
    expect(textFrom(fs.files().get(path))).toBe('new')
  })

  it('tries again for ten seconds on Windows when a scanner holds the old file open, and not elsewhere', async () => {
    for (const [platform, code] of [
      ['win32', 'EPERM'],
      ['win32', 'EACCES'],
      ['win32', 'EBUSY'],
      ['linux', 'EPERM'],
    ] as const) {
      const fs = recordingFs({ files: before })
      let waited = 0
      const held: FileSystem = {
        ...fs,
        rename: async (from, to) => {
          if (waited < 8000) throw failed(code, to)
          await fs.rename(from, to)
        },
      }
      const writing = durableWrite(path, bytesFrom('new'), {
        fs: held,
        platform,
        pause: async (ms) => {
          waited += ms
        },
      })
      if (platform === 'win32') await writing
      else await expect(writing).rejects.toThrow('Cannot save a.json: the system does not allow it')
      expect(textFrom(fs.files().get(path))).toBe(platform === 'win32' ? 'new' : 'old')
    }
    let waited = 0
    const fs = recordingFs({ files: before })
    const locked: FileSystem = {
      ...fs,
      rename: async (_, to) => {
        throw failed('EBUSY', to)
      },
    }
    await expect(
      durableWrite(path, bytesFrom('new'), {
        fs: locked,
        platform: 'win32',
        pause: async (ms) => {
          waited += ms
        },
      }),
    ).rejects.toThrow('another program is using it')
    expect(waited).toBeGreaterThanOrEqual(10_000)
    expect(waited).toBeLessThan(12_000)
  })

  it('notices when the file does not read back as written', async () => {
    const fs = recordingFs()
    const liar: FileSystem = { ...fs, readFile: async () => bytesFrom('nex') }
    await expect(durableWrite(path, bytesFrom('new'), { fs: liar, readBack: true })).rejects.toThrow(
      'reads back differently',
    )
    const short: FileSystem = { ...fs, stat: async (name) => ({ ...(await fs.stat(name)), bytes: 0 }) }
    await expect(durableWrite(path, bytesFrom('new'), { fs: short })).rejects.toThrow('wrote 3 bytes and found 0')
    await durableWrite(path, [bytesFrom('ne'), bytesFrom('w')], { fs, readBack: true })
    expect(textFrom(fs.files().get(path))).toBe('new')
  })

  it('writes to a real disk in pieces and leaves nothing else there', async () => {
    const folder = newFolder()
    const file = join(folder, 'ü ñ 字.json')
    await durableWrite(file, [bytesFrom('one '), bytesFrom('two')], { readBack: true })
    expect(readFileSync(file, 'utf8')).toBe('one two')
    expect(readdirSync(folder)).toEqual(['ü ñ 字.json'])
  })

  it('says in a sentence when the folder is missing or a folder is in the way', async () => {
    const folder = newFolder()
    await expect(durableWrite(join(folder, 'gone', 'a.json'), bytesFrom('x'))).rejects.toThrow(
      /^Cannot save a\.json: its folder does not exist/,
    )
    await expect(durableWrite(folder, bytesFrom('x'))).rejects.toThrow(/^Cannot save durable-\w+: /)
  })
})

describe.skipIf(process.platform !== 'linux')('isRunning', () => {
  it('tells a process that is dead from one that runs, even where nobody has asked how it ended', async () => {
    // The shell becomes a program that never asks what became of its children: a container's first process, or a script
    // that kills a training and goes on.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'])
    try {
      const dead = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)))
      await vi.waitFor(() => {
        expect(readFileSync(`/proc/${dead}/stat`, 'utf8')).toContain(') Z ')
      })
      expect([isRunning(dead), isRunning(parent.pid ?? 0), isRunning(process.pid)]).toEqual([false, true, true])
    } finally {
      parent.kill('SIGKILL')
    }
  })
})

describe('deliver', () => {
  it('clears away what a killed process had not finished beside the file, and nothing else', async () => {
    const folder = newFolder()
    for (const name of ['.report.html.4194304-0123abcd-0.unfinished', '.mine.unfinished', 'report.html'])
      writeFileSync(join(folder, name), 'old')
    await deliver(join(folder, 'report.html'), bytesFrom('new'))
    expect(readdirSync(folder).sort()).toEqual(['.mine.unfinished', 'report.html'])
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe('new')
  })
})

describe('sweepUnfinished', () => {
  it('removes what a dead writer of ours left, and nothing else', async () => {
    const folder = newFolder()
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    const stale = `.a.json.${String(dead)}-0badf00d-0.unfinished`
    const ofParent = `.a.json.${String(process.ppid)}-0badf00d-0.unfinished`
    const oldOfSamePid = `.b.json.${String(process.pid)}-0badf00d-7.unfinished`
    const newOfSamePid = `.c.json.${String(process.pid)}-0badf00d-7.unfinished`
    const foreign = [
      'a.json',
      '.a.json.tmp',
      `a.json.${String(dead)}-0badf00d-0.unfinished`,
      `.a.json.${String(dead)}-xyz-0.unfinished`,
      'model.tmp-1',
    ]
    for (const name of [stale, ofParent, oldOfSamePid, newOfSamePid, ...foreign]) writeFileSync(join(folder, name), 'x')
    utimesSync(join(folder, oldOfSamePid), 1000, 1000)
    expect([...(await sweepUnfinished(folder, diskFs))].sort()).toEqual([stale, oldOfSamePid].sort())
    expect(readdirSync(folder).sort()).toEqual([ofParent, newOfSamePid, ...foreign].sort())
  })
})
