import { mkdtempSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { logInfo, openAppLog } from '../../main/electron/log'
import { removeFolder } from '../support/cleanup'

const folder = mkdtempSync(join(tmpdir(), 'batchlab-log-'))
afterAll(() => removeFolder(folder))

describe('the log of the app', () => {
  it('keeps the last 5 to 6 MiB of 10, in six files, and the newest line', () => {
    openAppLog(folder)
    const line = 'x'.repeat(4000)
    for (let i = 0; i < 10 * 256; i++) logInfo(`${String(i)} ${line}`)
    const names = readdirSync(folder).sort()
    expect(names).toEqual(['main.1.log', 'main.2.log', 'main.3.log', 'main.4.log', 'main.5.log', 'main.log'])
    const sizes = names.map((name) => statSync(join(folder, name)).size)
    for (const size of sizes) expect(size).toBeLessThan(2 ** 20 + 5000)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(5 * 2 ** 20)
    expect(readFileSync(join(folder, 'main.log'), 'utf8')).toContain(`${String(10 * 256 - 1)} xxx`)
  })
})
