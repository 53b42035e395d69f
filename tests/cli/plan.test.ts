import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { batchlab, json, temporaryFolder } from './built'

interface Plan {
  readonly updates: number
  readonly updatesPerEpoch: number
  readonly epochs: number
  readonly parameters: number
  readonly update: number[]
  readonly epoch: number[]
  readonly examples: number[]
  readonly learningRate: number[]
  readonly momentum: number[]
  readonly batchSize: number[]
  readonly noiseScale: number[]
  readonly ghostSizes: number[]
  readonly warnings: { readonly path: string; readonly message: string }[]
  readonly layers: { readonly name: string; readonly parameters: number }[]
}

const folder = temporaryFolder()
const file = (name: string, config: unknown): string => {
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify(config))
  return path
}
const synthetic = { source: { type: 'synthetic', images: 1000, testImages: 100, classes: 10, size: 8, channels: 1 } }

describe('batchlab plan', () => {
  it('says what each update uses, by numbers worked out by hand', async () => {
    // 1,000 images, a fifth for validation: 800. In batches of 300, keeping the rest: 300, 300, 200 in each of 4
    // epochs. Linear scaling from 100 to 300: 0.1 becomes 0.3. A tenth from epoch 2 on. Noise scale ηN/(B(1 − 0.9)).
    const plan = await json<Plan>(
      'plan',
      file('steps.json', {
        data: synthetic,
        batchSize: 300,
        batch: { lastPartial: 'keep', ghostSize: 128 },
        epochs: 4,
        learningRate: {
          base: 0.1,
          referenceBatch: 100,
          scaling: { type: 'linear' },
          schedule: { type: 'multiStep', unit: 'epochs', milestones: [2], factor: 0.1 },
        },
        network: { type: 'mlp', hidden: [7] },
      }),
    )
    expect(Object.keys(plan)).toEqual(
      expect.arrayContaining([
        'updates',
        'updatesPerEpoch',
        'epochs',
        'learningRate',
        'momentum',
        'batchSize',
        'noiseScale',
        'ghostSizes',
        'warnings',
      ]),
    )
    expect([plan.updates, plan.updatesPerEpoch, plan.epochs]).toEqual([12, 3, 4])
    plan.learningRate.forEach((rate, update) => {
      expect(rate).toBeCloseTo(update < 6 ? 0.3 : 0.03, 12)
    })
    expect(plan.momentum).toEqual(new Array(12).fill(0.9))
    expect(plan.batchSize).toEqual([300, 300, 200, 300, 300, 200, 300, 300, 200, 300, 300, 200])
    plan.noiseScale.forEach((noise, update) => {
      expect(noise).toBeCloseTo(((update < 6 ? 0.3 : 0.03) * 800) / ((update % 3 === 2 ? 200 : 300) * 0.1), 9)
    })
    expect(plan.update).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    plan.epoch.forEach((epoch, update) => {
      expect(epoch).toBeCloseTo(update / 3, 12)
    })
    expect(plan.examples).toEqual([0, 300, 600, 800, 1100, 1400, 1600, 1900, 2200, 2400, 2700, 3000])
    expect(plan.ghostSizes.reduce((sum, size) => sum + size, 0)).toBe(300)
    // 8·8·7 + 7 and 7·10 + 10.
    expect(plan.parameters).toBe(64 * 7 + 7 + 7 * 10 + 10)
    expect(plan.layers.reduce((sum, layer) => sum + layer.parameters, 0)).toBe(plan.parameters)
  })

  it('gives every n-th value with --every, counted from the first', async () => {
    const config = file('cosine.json', {
      data: synthetic,
      batchSize: 80,
      epochs: 5,
      learningRate: { base: 1, referenceBatch: 80, schedule: { type: 'cosine' } },
    })
    const [all, some] = [await json<Plan>('plan', config), await json<Plan>('plan', config, '--every', '7')]
    expect(all.learningRate).toHaveLength(50)
    // ½(1 + cos(πt/T)).
    all.learningRate.forEach((rate, update) => {
      expect(rate).toBeCloseTo(0.5 * (1 + Math.cos((Math.PI * update) / 50)), 9)
    })
    expect(some.learningRate).toEqual([0, 7, 14, 21, 28, 35, 42, 49].map((update) => all.learningRate[update]))
    expect([some.update, some.examples]).toEqual([
      [0, 7, 14, 21, 28, 35, 42, 49],
      [0, 7, 14, 21, 28, 35, 42, 49].map((update) => update * 80),
    ])
    expect(some.epoch.map((epoch) => Number(epoch.toFixed(9)))).toEqual([0, 0.7, 1.4, 2.1, 2.8, 3.5, 4.2, 4.9])
    expect(some.updates).toBe(50)
  })

  it('takes a config from standard input, and the defaults without one', async () => {
    const { stdout, code } = await batchlab(['plan', '-', '--json'], { input: '{"epochs": 3, "batchSize": 64}' })
    expect(code).toBe(0)
    // The built-in digits: 1,150 training images, 17 full batches of 64.
    expect(JSON.parse(stdout)).toMatchObject({ updates: 51, updatesPerEpoch: 17, epochs: 3 })
    expect(await json<Plan>('plan')).toMatchObject({ epochs: 20, updatesPerEpoch: 8 })
    const refused = await batchlab(['plan', '/dev/stdin'], { input: '{}' })
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('is read where the config is named - and comes on standard input'),
    ])
  })

  it('plans for CIFAR before its files are there, and says so', async () => {
    const plan = await json<Plan>(
      'plan',
      '--set',
      'data.source.type=cifar10',
      '--set',
      'data.source.path=/nowhere/cifar',
      '--set',
      'network.type=resnet',
      '--set',
      'network.depth=20',
      '--every',
      '1000',
    )
    // 40,000 training images in batches of 128, and the parameters of ResNet-20 with option A.
    expect([plan.updatesPerEpoch, plan.parameters]).toEqual([312, 269722])
    expect(plan.warnings.map(({ path }) => path)).toContain('data.source.path')
  })

  it('describes the plan for people without --json', async () => {
    const { stdout, stderr, code } = await batchlab(['plan', '--set', 'epochs=10', '--set', 'batch.ghostSize=32'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('80 updates: 10 epochs of 8')
    expect(stdout).toContain('4 × 32 images')
    // The second epoch begins behind 8 batches of 128.
    expect(stdout).toMatch(/^ *2 +8 +1,024 /m)
  })

  it('refuses to print millions of values instead of filling the memory', async () => {
    const { code, stderr, stdout } = await batchlab([
      'plan',
      '--set',
      'epochs=100000',
      '--set',
      'batchSize=2',
      '--json',
    ])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('--every')
  })
})
