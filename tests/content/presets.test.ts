import { describe, expect, it } from 'vitest'
import { contradictions, planRun } from '../../core/plan/plan'
import { presetNamed, presetNames, presetOf, presets } from '../../content/presets/all'
import { expectClose } from '../support/close'
import { configNamed, infoFor, planNamed } from './presetFixtures'

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
