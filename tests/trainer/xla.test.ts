import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { openEngine, type Engine } from '../../main/trainer/engine'
import { createLearner } from '../../main/trainer/learner/openLearner'
import { batchOf, configOf, info, stripes } from './setups'
import { describeTensorflow } from './tensorflow'
import { removeFolder } from '../support/cleanup'

const folder = mkdtempSync(join(tmpdir(), 'batchlab-xla-'))
let engine: Engine
beforeAll(async () => {
  // Whatever XLA compiles it also writes down here.
  process.env['XLA_FLAGS'] = `--xla_dump_to=${folder}`
  engine = await openEngine('tensorflow', { xla: true })
})
afterAll(() => removeFolder(folder))

const compiled = (): number => readdirSync(folder).length

describeTensorflow('the captured step with XLA', () => {
  const cases: readonly (readonly [string, RunConfigInput])[] = [
    ['an MLP', { network: { type: 'mlp', hidden: [7, 5] } }],
    [
      'a tiny CNN with ghosts, dropout and clipping',
      {
        network: { type: 'tinyCnn' },
        batch: { ghostSize: 4 },
        networkOptions: { dropout: 0.3 },
        optimizer: { type: 'sgd', nesterov: true, weightDecay: 1e-3, clip: { type: 'norm', limit: 1 } },
      },
    ],
  ]
  it.each(cases)(
    'is compiled, and computes the eager step but for its roundings: %s',
    { timeout: 120_000 },
    (_, input) => {
      const before = compiled()
      const [eager, captured] = (['off', 'auto'] as const).map((capture) => {
        const learner = createLearner(engine, configOf({ ...input, engine: { backend: 'tensorflow', capture } }), info)
        const losses = Array.from(
          { length: 10 },
          (_, update) =>
            learner.update(batchOf(stripes(48, update), 12, update), { learningRate: 0.02, momentum: 0.9 }).loss,
        )
        learner.dispose()
        return { losses, captured: learner.engine.captured, compiled: compiled() }
      })
      if (eager === undefined || captured === undefined) throw new Error('two runs')
      expect([eager.captured, captured.captured]).toEqual([false, true])
      expect(eager.compiled).toBe(before)
      expect(captured.compiled).toBeGreaterThan(before)
      captured.losses.forEach((loss, update) =>
        expect(Math.abs(loss - (eager.losses[update] ?? NaN)) / loss).toBeLessThan(1e-4),
      )
      expect(captured.losses).not.toEqual(eager.losses)
    },
  )
})
