import { describe, expect, it } from 'vitest'
import { RunConfig } from '../../core/config/config'
import { runName, titleOf } from '../../core/names'

const run = (name: string) => ({
  name,
  config: RunConfig.parse({ network: { type: 'lenet' }, batchSize: 32, learningRate: { base: 0.1 } }),
  facts: null,
})

describe('a run', () => {
  it('is called by its name, or by its settings where it has none', () => {
    expect([runName(run('Baseline')), runName(run('')), runName(run('  '))]).toEqual([
      'Baseline',
      'LeNet-5 · Digits · B 32 · η 0.1',
      'LeNet-5 · Digits · B 32 · η 0.1',
    ])
  })

  it('is called in quotation marks and on one line inside a sentence', () => {
    expect([titleOf(run('Baseline')), titleOf(run('')), titleOf(run('two\nlines'))]).toEqual([
      '“Baseline”',
      '“LeNet-5 · Digits · B 32 · η 0.1”',
      '“two lines”',
    ])
    expect([...titleOf(run('🦓'.repeat(200)))]).toHaveLength(82)
  })
})
