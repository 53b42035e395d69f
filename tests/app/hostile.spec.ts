import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, cpSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { end, expect, test } from './fixtures'
import { launchAlone, projectFolder } from './launch'
import { renderersOf } from './processes'

const run = '0mm7kwnvsi000'

test('leaves a file outside alone that a link in the library leads to, and names the run', async ({
  folders,
  open,
}) => {
  const outside = mkdtempSync(join(tmpdir(), 'batchlab-outside-'))
  try {
    const diary = join(outside, 'diary.txt')
    writeFileSync(diary, 'not yours\n')
    const before = statSync(diary)
    cpSync(join(projectFolder, 'tests', 'fixtures', 'library-v1'), folders.library, { recursive: true })
    const list = join(folders.library, 'library.json')
    // Without a checksum that fits, the list is damaged, and each run is read from its folder: as one that was
    // training.
    writeFileSync(list, '{')
    const folder = join(folders.library, 'runs', run)
    rmSync(join(folder, 'run.json'))
    rmSync(join(folder, 'events.ndjson'))
    symlinkSync(diary, join(folder, 'run.json'))
    symlinkSync(diary, join(folder, 'events.ndjson'))
    const { page } = await open()
    await expect(page.getByText(`The folder of run ${run} is damaged and is left alone`).first()).toBeVisible()
    expect(readFileSync(diary, 'utf8')).toBe('not yours\n')
    const after = statSync(diary)
    expect([after.mtimeMs, after.mode, after.ino]).toEqual([before.mtimeMs, before.mode, before.ino])
  } finally {
    rmSync(outside, { recursive: true, force: true })
  }
})

// No driver may hold the app while it ends.
test('ends when it is told to while its library still opens', async ({ folders }) => {
  test.skip(process.platform !== 'linux', 'finds the process in /proc')
  mkdirSync(folders.library, { recursive: true })
  // The program that has it is on another computer and is watched for many seconds.
  writeFileSync(
    join(folders.library, 'library.lock'),
    JSON.stringify({ pid: 1, host: 'elsewhere', token: 'theirs', since: '2030-01-01', beat: '000000000000' }),
  )
  const child = await launchAlone(folders, [], ['--take-over'])
  const pid = child.pid ?? 0
  try {
    await expect.poll(() => renderersOf(pid).length).toBe(1)
    const told = performance.now()
    process.kill(pid, 'SIGTERM')
    await expect.poll(() => child.exitCode !== null || child.signalCode !== null, { timeout: 12_000 }).toBe(true)
    expect(performance.now() - told).toBeLessThan(12_000)
    expect(readFileSync(join(folders.library, 'library.lock'), 'utf8')).toContain('theirs')
  } finally {
    await end(child)
  }
})
