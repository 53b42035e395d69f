import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { batchlab, json, temporaryFolder } from './built'

interface Demo {
  readonly testAccuracy: number
  readonly testImages: number
  readonly bestEpoch: number
  readonly testCheckpointEpoch: number
  readonly trainingSeconds: number
  readonly report: string
  readonly checkpoints: string
  readonly runFolder: string
}

describe('batchlab demo', () => {
  it('learns the digits to 95 % of the test images within two minutes, and leaves a page about it', async () => {
    const demo = await json<Demo>('demo', '--dir', temporaryFolder())
    expect(demo.testImages).toBe(359)
    expect(demo.testAccuracy).toBeGreaterThanOrEqual(0.95)
    expect(demo.trainingSeconds).toBeLessThan(120)
    expect(demo.testCheckpointEpoch).toBe(demo.bestEpoch)
    expect(existsSync(demo.checkpoints)).toBe(true)
    const html = readFileSync(demo.report, 'utf8')
    expect(html).toContain(`${(100 * demo.testAccuracy).toFixed(2)} %`)
    expect(html).not.toMatch(/https?:\/\/|<script/)
  }, 150_000)

  it('says in words what it reached, on which images, and where everything lies', async () => {
    const folder = temporaryFolder()
    const { code, stdout } = await batchlab(['demo', '--set', 'epochs=2', '--dir', folder])
    expect(code).toBe(0)
    expect(stdout).toMatch(/test accuracy +\d+\.\d\d % of 359 test images, with the checkpoint of epoch \d/)
    expect(stdout).toMatch(/best epoch +\d, validation accuracy \d+\.\d\d % of 288 images/)
    expect(stdout).toMatch(/time per epoch +[\d.]+ s/)
    for (const label of ['run folder', 'checkpoints', 'report'])
      expect(existsSync(new RegExp(`${label} +(.+)`).exec(stdout)![1]!)).toBe(true)
  }, 60_000)
})
