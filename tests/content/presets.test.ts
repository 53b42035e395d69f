import { describe, expect, it } from 'vitest'
import { presetMarkdown } from '../../content/explain/presetMarkdown'
import { parseConfig } from '../../core/config/parse'
import type { RunConfig, RunConfigInput } from '../../core/config/config'
import { contradictions, planRun, type Plan } from '../../core/plan/plan'
import { presetNamed, presetNames, presetOf, presets } from '../../content/presets/all'
import { referenceText } from '../../content/presets/preset'
import { expectClose } from '../support/close'
import { infoOf } from '../support/planInfo'

function configNamed(name: string): RunConfig {
  const parsed = parseConfig(presetNamed(name))
  if (!parsed.ok) throw new Error(`${name}: ${JSON.stringify(parsed.issues)}`)
  return parsed.value
}

/** Facts of what a preset trains on: CIFAR-10 or CIFAR-100, MNIST, or the digits. */
function infoFor({ data }: RunConfig, images?: number) {
  const classes = data.source.type === 'cifar100' ? 100 : 10
  const shape: [number, number, number] =
    data.source.type === 'idx' ? [28, 28, 1] : data.source.type === 'digits' ? [8, 8, 1] : [32, 32, 3]
  const all = data.source.type === 'idx' ? 60_000 : 50_000
  const info = infoOf(images ?? data.trainingImages ?? Math.round(all * (1 - data.validationFraction)))
  return { ...info, shape, classes: Array.from({ length: classes }, (_, index) => `class ${index}`) }
}

const planNamed = (name: string, images?: number): Plan => {
  const config = configNamed(name)
  return planRun(config, infoFor(config, images))
}

describe('presets', () => {
  it('have names of their own', () => {
    expect(new Set(presetNames()).size).toBe(presetNames().length)
    expect(new Set(presets.map(({ id }) => id)).size).toBe(presets.length)
    expect(presetNames().length).toBe(2 * presets.reduce((sum, { configs }) => sum + configs.length, 0))
    expect(presetNamed('goyal/9k')).toBeNull()
    expect(presetOf('goyal/8k-gradual:small')?.isSmall).toBe(true)
    expect(configNamed('goyal/8k-gradual:small').name).toBe('goyal/8k-gradual:small')
  })

  it.each(presetNames().map((name) => [name]))('%s parses and can be started', (name) => {
    const config = configNamed(name)
    expect(contradictions(config, infoFor(config))).toEqual([])
    expect(planRun(config, infoFor(config)).updates).toBeGreaterThan(0)
  })

  it('contradict themselves nowhere, beyond what a small run cannot help', () => {
    // Few updates per epoch and in all come with batches that are large for the data, which is what is studied.
    const inevitable = [/updates? per epoch/, /updates in the whole run/]
    const found = presetNames().flatMap((name) =>
      planNamed(name)
        .warnings.filter(({ message }) => !inevitable.some((pattern) => pattern.test(message)))
        .map(({ path, message }) => `${name}: ${path} ${message}`),
    )
    expect(found).toEqual([])
  })

  it('name a config of their own wherever a number belongs to one', () => {
    for (const { id, reference } of presets) {
      for (const { config } of reference)
        if (config !== undefined) expect(presetNames(), `${id}/${config}`).toContain(`${id}/${config}`)
    }
  })

  it('cite a paper with its address, or the lab notes', () => {
    for (const { id, paper, ourReading } of presets) {
      expect(ourReading.length, id).toBeGreaterThan(0)
      if (id.startsWith('notes/')) expect(paper, id).toBeNull()
      else
        expect(paper?.url, id).toMatch(
          /^https:\/\/(arxiv\.org\/abs\/\d{4}\.\d{5}|arxiv\.org\/abs\/1404\.5997|proceedings\.neurips\.cc\/.+)$/,
        )
    }
  })
})

describe('the small variants', () => {
  it.each(presets.map((preset) => [preset.id, preset] as const))('%s keeps its ratios', (id, { configs, fit }) => {
    for (const { name, fit: own } of configs) {
      const [full, small] = [configNamed(`${id}/${name}`), configNamed(`${id}/${name}:small`)]
      // Half an image of rounding: a 51.2th of 6,000 is 117.
      expect(Math.abs(small.batchSize - full.batchSize / { ...fit, ...own }.images), name).toBeLessThanOrEqual(0.5)
      expectClose(
        small.batchSize / small.learningRate.referenceBatch,
        full.batchSize / full.learningRate.referenceBatch,
        0.005,
      )
      expect(small.learningRate.base).toBe(full.learningRate.base)
      const [a, b] = [planNamed(`${id}/${name}`), planNamed(`${id}/${name}:small`)]
      expectClose(b.scaledRate, a.scaledRate, 0.005)
      expect(b.updates).toBeLessThan(a.updates)
    }
  })

  it('of Keskar keep the large batch at a tenth of the training images', () => {
    for (const net of ['f1', 'c1', 'c2', 'c3', 'c4']) {
      const { batchSize, data } = configNamed(`keskar/${net}/large:small`)
      expect(batchSize, net).toBe((data.trainingImages ?? 0) / 10)
    }
  })

  it('of the notes shrink batch, ghosts and images alike, so updates per epoch and noise scale stay', () => {
    const full = planNamed('notes/exp3/config4')
    const small = planNamed('notes/exp3/config4:small')
    expect([full.updatesPerEpoch, small.updatesPerEpoch]).toEqual([39, 39])
    expect(small.noiseScale(0)).toBe(full.noiseScale(0))
    expect([full.ghostSizes.length, small.ghostSizes.length]).toEqual([8, 8])
    expect(small.ghostSizes[0]).toBe(16)
  })

  it("leave ratios that are set directly at the paper's rates", () => {
    expect(planNamed('jastrzebski/beta4:small').scaledRate).toBeCloseTo(0.4, 12)
    expect(configNamed('jastrzebski/beta4:small').batchSize).toBe(40)
  })

  it('move milestones with the epochs', () => {
    const plan = planNamed('goyal/8k-gradual:small')
    const rates = [5, 6, 11, 12, 15, 16].map((epoch) => plan.learningRate(plan.clock.updateAt(epoch)))
    const expected = [3.2, 0.32, 0.32, 0.032, 0.032, 0.0032]
    rates.forEach((rate, index) => expectClose(rate, expected[index] ?? 0, 1e-12))
    expect(plan.epochs).toBe(18)
  })
})

/** [preset, training images, [epoch, rate] pairs as the source has them]. */
const rates: readonly (readonly [
  name: string,
  images: number,
  pairs: readonly (readonly [epoch: number, rate: number])[],
])[] = [
  [
    'goyal/256',
    50_000,
    [
      [0, 0.1],
      [29, 0.1],
      [30, 0.01],
      [60, 1e-3],
      [80, 1e-4],
    ],
  ],
  [
    'goyal/8k-gradual',
    50_000,
    [
      [0, 0.1],
      [2.5, 1.65],
      [5, 3.2],
      [29, 3.2],
      [30, 0.32],
      [60, 0.032],
      [80, 0.0032],
    ],
  ],
  [
    'goyal/8k-constant',
    50_000,
    [
      [0, 0.1],
      [4, 0.1],
      [5, 3.2],
    ],
  ],
  ['goyal/8k-sqrt', 50_000, [[0, 0.1 * Math.sqrt(32)]]],
  ['goyal/8k-unscaled', 50_000, [[0, 0.1]]],
  [
    'hoffer/resnet44/small',
    50_000,
    [
      [0, 0.1],
      [80, 0.1],
      [81, 1e-2],
      [122, 1e-3],
      [164, 1e-4],
    ],
  ],
  [
    'hoffer/resnet44/large-rate',
    50_000,
    [
      [0, 0.565685424949238],
      [81, 0.0565685424949238],
    ],
  ],
  // 32 times the epochs: 81, 122, 164 become 2592, 3904, 5248.
  [
    'hoffer/resnet44/large-adapted',
    50_000,
    [
      [2591, 0.565685424949238],
      [2592, 0.0565685424949238],
      [3904, 0.00565685424949238],
      [5248, 0.000565685424949238],
    ],
  ],
  [
    'hoffer/c1/small',
    50_000,
    [
      [0, 1e-3],
      [59, 1e-3],
      [60, 1e-2],
      [120, 1e-3],
      [180, 1e-4],
    ],
  ],
  [
    'hoffer/c3/small',
    50_000,
    [
      [0, 1e-3],
      [59, 1e-3],
      [60, 1e-2],
      [120, 1e-3],
      [180, 1e-4],
    ],
  ],
  [
    'hoffer/wrn/small',
    50_000,
    [
      [0, 0.1],
      [60, 2e-2],
      [120, 4e-3],
      [140, 1e-4],
    ],
  ],
  [
    'hoffer/f1/small',
    60_000,
    [
      [0, 0.1],
      [10, 1e-2],
      [20, 1e-3],
      [30, 1e-4],
    ],
  ],
  ['krizhevsky/1024-1024', 50_000, [[0, 0.08]]],
  [
    'krizhevsky/128-128',
    50_000,
    [
      [0, 0.01],
      [40, 0.0015874010519682],
      [80, 4e-5],
    ],
  ],
  [
    'lin/large',
    50_000,
    [
      [0, 0.1],
      [5, 1.6],
      [149, 1.6],
      [150, 0.16],
      [225, 0.016],
    ],
  ],
  [
    'lin/large-rate3.2',
    50_000,
    [
      [0, 0.1],
      [5, 3.2],
      [150, 0.32],
    ],
  ],
  [
    'lin/small',
    50_000,
    [
      [0, 0.1],
      [150, 0.01],
      [225, 1e-3],
    ],
  ],
  [
    'smith/decay',
    50_000,
    [
      [0, 0.1],
      [59, 0.1],
      [60, 0.02],
      [120, 0.004],
      [160, 8e-4],
    ],
  ],
  [
    'smith/increase',
    50_000,
    [
      [0, 0.1],
      [60, 0.1],
      [120, 0.1],
      [160, 0.1 * (5120 / 16_000)],
    ],
  ],
  [
    'jastrzebski/beta2',
    50_000,
    [
      [0, 0.2],
      [199, 0.2],
    ],
  ],
  ['super-convergence/one-cycle', 50_000, [[0, 0.1]]],
  [
    'notes/exp1/config6',
    40_000,
    [
      [0, 0.1],
      [49, 0.1],
      [50, 0.05],
      [299, 0.1 / 32],
    ],
  ],
  ['notes/exp2/config6', 40_000, [[0, 3.2]]],
  [
    'notes/exp4/config6',
    40_000,
    [
      [0, 0.1],
      [5, 3.2],
    ],
  ],
  [
    'notes/exp5/config1',
    40_000,
    [
      [0, 0.1],
      [50, 1],
      [100, 0.1],
      [150, 0.55],
    ],
  ],
]

describe('the rates of a preset', () => {
  it.each(rates)('%s are those of its source', (name, images, pairs) => {
    const plan = planNamed(name, images)
    for (const [epoch, rate] of pairs)
      expectClose(plan.learningRate(Math.round(plan.clock.updateAt(epoch))), rate, 1e-9)
  })

  it('of one cycle reach their peak, and end far below their start', () => {
    const plan = planNamed('super-convergence/one-cycle', 50_000)
    expect(plan.updates).toBe(10_000)
    const all = Array.from({ length: plan.updates }, (_, update) => plan.learningRate(update))
    expectClose(Math.max(...all), 3, 1e-3)
    expectClose(plan.learningRate(9999), 1e-3, 1e-9)
  })
})

describe('what a preset computes', () => {
  it("is Smith's number of updates for each way of lowering the noise", () => {
    expect(
      ['decay', 'increase', 'increase-rate', 'increase-momentum'].map(
        (name) => planNamed(`smith/${name}`, 50_000).updates,
      ),
    ).toEqual([78_200, 29_240, 6500, 2360])
  })

  it("is the same noise scale at every epoch of Smith's falling rate and growing batch", () => {
    const [decay, increase] = [planNamed('smith/decay', 50_000), planNamed('smith/increase', 50_000)]
    for (const epoch of [0, 59, 60, 119, 120, 159, 160, 199]) {
      expectClose(
        increase.noiseScale(increase.clock.updateAt(epoch)),
        decay.noiseScale(decay.clock.updateAt(epoch)),
        1e-12,
      )
    }
  })

  it("is a noise variance of 31 and 32 times the epochs for Hoffer's batches", () => {
    const config = configNamed('hoffer/resnet44/large-adapted')
    expect(config.batchSize / config.learningRate.referenceBatch).toBe(32)
    expect(planNamed('hoffer/resnet44/large-adapted', 50_000).epochs).toBe(6400)
    expect(['c1', 'c3'].map((net) => planNamed(`hoffer/${net}/large-adapted`, 50_000).epochs)).toEqual([6400, 6400])
    expect(planNamed('hoffer/resnet44/large-ghost', 50_000).ghostSizes).toEqual(Array.from({ length: 32 }, () => 128))
  })

  it('is the same weight decay per update relative to the mean rate at every m of Masters and Luschi', () => {
    const decayed = [2, 8, 32, 128, 512].map((m) => {
      const { optimizer, learningRate } = configNamed(`masters/m${m}`)
      return (optimizer.weightDecay * learningRate.base) / (learningRate.base * m)
    })
    for (const one of decayed) expectClose(one, 1e-4, 1e-12)
    expect(configNamed('masters/m8').optimizer).toMatchObject({ momentum: 0, reduction: 'sum' })
  })

  it("is one worker's batch of 128 in Lin's 2,048, averaged at every update until the first drop", () => {
    const plan = planNamed('lin/post-local-h16', 50_000)
    const switched = plan.clock.updateAt(150)
    expect([0, switched - 1].map((update) => plan.averagesWorkers(update))).toEqual([true, true])
    const averaged = Array.from({ length: 64 }, (_, index) => plan.averagesWorkers(switched + index)).filter(Boolean)
    expect(averaged.length).toBe(4)
    expect(plan.ghostSizes).toEqual(Array.from({ length: 16 }, () => 128))
  })
})

describe('numbers of a source', () => {
  it('that were recalled are never shown without the mark', () => {
    const mark = '(recalled, not re-verified)'
    let recalled = 0
    for (const preset of presets) {
      const page = presetMarkdown(preset).split('\n')
      for (const one of preset.reference) {
        expect(referenceText(one).includes(mark)).toBe(one.evidence === 'recalled, not re-verified')
        if (one.evidence !== 'recalled, not re-verified') continue
        recalled++
        const line = page.find((text) => text.startsWith(`| ${one.label} |`) && text.includes(referenceText(one)))
        expect(line, `${preset.id}: ${one.label}`).toContain(mark)
      }
      // Nor do they stand in the prose, where a mark could be overlooked.
      const prose = [
        preset.protocol,
        preset.expect,
        preset.fits,
        preset.title,
        ...preset.configs.map(({ title }) => title),
      ].join(' ')
      for (const { value, quantity, evidence } of preset.reference) {
        if (value !== null && evidence === 'recalled, not re-verified' && quantity !== 'updates')
          expect(prose, preset.id).not.toContain(String(value))
      }
    }
    expect(recalled).toBeGreaterThan(80)
  })

  it('say how exact they are', () => {
    expect(
      referenceText({
        label: '',
        quantity: 'error',
        value: 23.74,
        spread: 0.09,
        split: 'test',
        evidence: 'recalled, not re-verified',
      }),
    ).toBe('23.74 ± 0.09 % error (recalled, not re-verified)')
    expect(
      referenceText({ label: '', quantity: 'updates', value: 2500, bound: 'below', split: '', evidence: 'read' }),
    ).toBe('fewer than 2,500 updates')
    expect(referenceText({ label: '', quantity: 'accuracy', value: null, split: 'test', evidence: 'read' })).toBe(
      'not given',
    )
    expect(
      referenceText({ label: '', quantity: 'accuracy', value: 98.27, split: 'test', evidence: 'third-party note' }),
    ).toBe('98.27 % (from a note that quotes it)')
  })

  it('of the notes stand beside the presets that imitate them, gaps included', () => {
    const shown = (id: string) =>
      presets.find((preset) => preset.id === id)?.reference.map((one) => `${one.config} ${referenceText(one)}`)
    expect(shown('notes/exp2')).toEqual([
      'config1 86.58 %',
      'config2 85.97 %',
      'config3 85.35 %',
      'config4 82.79 %',
      'config5 not given',
    ])
    expect(shown('notes/exp5')?.slice(-5)).toEqual([
      'config6 82.79 %',
      'config6 42.40 s/epoch',
      'config61 88.61 %',
      'config62 89.87 %',
      'config63 89.46 %',
    ])
  })
})

describe('a preset without numbers', () => {
  it('says why, and no other does', () => {
    for (const { id, paper, reference, withoutNumbers } of presets)
      expect(withoutNumbers !== undefined, id).toBe(paper !== null && reference.length === 0)
  })
})

describe('the config inputs', () => {
  it('survive JSON, as files and messages need', () => {
    for (const name of presetNames()) {
      const config = presetNamed(name) as RunConfigInput
      expect(JSON.parse(JSON.stringify(config))).toEqual(config)
    }
  })
})
