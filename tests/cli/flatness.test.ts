import { beforeAll, describe, expect, it } from 'vitest'
import type { FlatnessReport } from '../../core/flatness/report'
import { batchlab, json, temporaryFolder } from './built'

describe('batchlab flatness', () => {
  const dir = temporaryFolder()
  const here = ['--dir', dir, '--images', '60']
  beforeAll(async () => {
    for (const batchSize of [24, 60]) {
      const trained = await batchlab([
        'train',
        '--dir',
        dir,
        ...[
          'epochs=2',
          'network.type=mlp',
          'network.hidden=[8]',
          'data.trainingImages=240',
          `batchSize=${batchSize}`,
          `name=B${batchSize}`,
        ].flatMap((set) => ['--set', set]),
      ])
      if (trained.code !== 0) throw new Error(trained.stderr)
    }
  }, 60_000)

  it('measures a checkpoint in words and as JSON', async () => {
    const report = await json<FlatnessReport & { readonly checkpoints: readonly { readonly checkpoint: string }[] }>(
      'flatness',
      'B24/last',
      ...here,
    )
    expect(report.images).toBe(60)
    expect(report.line).toEqual([])
    expect(report.checkpoints[0]!.checkpoint).toMatch(/^[0-9a-z]+\/last$/)
    expect(report.checkpoints[0]!.largest.value).toBeGreaterThan(0)
    const { code, stdout } = await batchlab(['flatness', 'B24/last', ...here])
    expect(code).toBe(0)
    expect(stdout).toContain('On 60 training images:')
    expect(stdout).toMatch(/checkpoint +epoch +loss +accuracy +φ 1e-3, % +φ 5e-4, % +λ max +λ min +stable below/)
  })

  it('prints the line between two as CSV', async () => {
    const { code, stdout } = await batchlab(['flatness', 'B24/last', 'B60/last', '--csv', '--iterations', '3', ...here])
    expect(code).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    expect(lines[0]).toBe('alpha,train_loss,train_accuracy,test_loss,test_accuracy')
    expect(lines).toHaveLength(26)
    expect(lines[9]).toMatch(/^0,[\d.e-]+,[\d.]+,[\d.e-]+,[\d.]+$/)
  })

  it.each([
    [['B24/last', '--csv'], '--csv prints the line between two checkpoints, found one checkpoint'],
    [['B24/last', '--images', '0'], '--images must be a whole number of at least 1, found “0”'],
    [['B24/last', '--set', 'batchSize=3'], 'only settings of data and engine can be changed here'],
    [['B24/best-99999'], 'has no checkpoint “best-99999”'],
  ])('refuses %j with a sentence', async (args, sentence) => {
    const { code, stdout, stderr } = await batchlab(['flatness', ...args, '--dir', dir])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(sentence)
  })
})
