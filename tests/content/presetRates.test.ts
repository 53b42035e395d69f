import { describe, expect, it } from 'vitest'
import { presetMarkdown } from '../../content/explain/presetMarkdown'
import type { RunConfigInput } from '../../core/config/config'
import { presetNamed, presetNames, presets } from '../../content/presets/all'
import { referenceText } from '../../content/presets/preset'
import { expectClose } from '../support/close'
import { configNamed, planNamed, rates } from './presetFixtures'

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
