import { describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { parseConfig } from '../../core/config/parse'
import { fold } from '../../core/fold'
import { newRun, type Run } from '../../core/run'
import { isDone, isEqual, isTrainingOf, standing } from '../../core/sameRun'

const configOf = (input: RunConfigInput) => {
  const parsed = parseConfig({ epochs: 4, ...input })
  if (!parsed.ok) throw new Error('refused')
  return parsed.value
}
const config = configOf({})
const info = {
  name: 'x',
  classes: ['a', 'b'],
  shape: [8, 8, 1] as [number, number, number],
  counts: { train: 10, validation: 2, test: 2 },
  mean: [0],
  std: [1],
  fingerprint: 'now',
}
const run: Run = {
  ...newRun('0000abcd', '2026-01-01T00:00:00.000Z', config, { type: 'new' }),
  facts: info,
  status: 'finished',
}

describe('a run that stands for a config', () => {
  it('has its settings, began anew, was never extended, and saw the images that there are', () => {
    expect(isTrainingOf(run, configOf({}), 'now')).toBe(true)
    // Nothing was read yet, so nothing can have changed.
    expect(isTrainingOf({ ...run, facts: null }, config, 'now')).toBe(true)
    // Images that follow from the config cannot change.
    expect(isTrainingOf(run, config, null)).toBe(true)
  })

  it.each<[string, Run]>([
    ['began with weights of a file', { ...run, origin: { type: 'weights', file: 'a.safetensors', sha256: '' } }],
    ['is a fork', { ...run, origin: { type: 'fork', run: '0000abce', checkpoint: 'last', update: 3 } }],
    [
      'was extended to as many epochs',
      fold({ ...run, config: configOf({ epochs: 2 }) }, { type: 'extended', at: '', epochs: 4 }),
    ],
    ['was trained on other images', { ...run, facts: { ...info, fingerprint: 'then' } }],
    ['lies in the trash', { ...run, removedAt: '2026-01-02T00:00:00.000Z' }],
    ['has another seed', { ...run, config: configOf({ seed: 2 }) }],
    [
      'has another setting deep inside',
      { ...run, config: configOf({ learningRate: { schedule: { type: 'multiStep', milestones: [0.2] } } }) },
    ],
  ])('is none that %s', (_, other) => {
    expect(isTrainingOf(other, config, 'now')).toBe(false)
  })

  it('is the one that is done, not a newer one that failed; of equals the newest', () => {
    const at = (createdAt: string, status: Run['status']) => ({ ...run, createdAt, status })
    expect(standing([at('1', 'finished'), at('3', 'failed'), at('2', 'paused')])?.createdAt).toBe('1')
    expect(standing([at('1', 'paused'), at('2', 'failed')])?.createdAt).toBe('2')
    expect(standing([])).toBeUndefined()
    expect(
      ['finished', 'earlyStopped', 'diverged', 'stopped', 'paused', 'failed', 'interrupted'].filter((status) =>
        isDone(status as Run['status']),
      ),
    ).toEqual(['finished', 'earlyStopped', 'diverged'])
  })
})

it('equality looks at values, whatever the order of keys', () => {
  expect(isEqual({ a: [1, { b: null }], c: undefined }, { a: [1, { b: null }] })).toBe(true)
  expect(isEqual({ b: 1, a: 2 }, { a: 2, b: 1 })).toBe(true)
  for (const [a, b] of [
    [[1], { 0: 1 }],
    [{ a: null }, {}],
    [[1, 2], [1]],
    [1, '1'],
    [{ a: 1 }, null],
  ])
    expect(isEqual(a, b)).toBe(false)
})
