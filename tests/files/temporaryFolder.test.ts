import { existsSync, mkdtempSync, utimesSync, writeFileSync, mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { tmpdir } from 'node:os'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { temporaryFolder } from '../../main/files/temporaryFolder'
import { removeFolder } from '../support/cleanup'

const made = mkdtempSync(join(tmpdir(), 'temporary-'))
afterEach(() => {
  vi.unstubAllEnvs()
  removeFolder(made)
})

describe('temporaryFolder', () => {
  it('removes what a killed process left of the same kind a day ago, and nothing that may be in use', () => {
    vi.stubEnv('TMPDIR', made)
    const old = (name: string, days: number): string => {
      const folder = join(made, name)
      mkdirSync(folder)
      writeFileSync(join(folder, 'job.json'), '{}')
      utimesSync(folder, new Date(), new Date(Date.now() - days * 24 * 3600_000))
      return folder
    }
    const left = old('batchlab-figures-4194304-abc', 2)
    const kept = [
      old('batchlab-figures-4194304-new', 0.5),
      old(`batchlab-figures-${process.ppid}-abc`, 2),
      old('batchlab-verify-4194304-abc', 2),
      old('batchlab-figures-mine', 2),
    ]
    const folder = temporaryFolder('figures')
    expect(basename(folder)).toMatch(new RegExp(`^batchlab-figures-${process.pid}-`))
    expect([left, ...kept].map((one) => existsSync(one))).toEqual([false, true, true, true, true])
  })
})
