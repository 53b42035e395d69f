import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { openEngine, probeEngines, tensorflowBinding } from '../../main/trainer/engine'
import { describeTensorflow, testedEngines } from './tensorflow'

describe('openEngine', () => {
  it.each(testedEngines)('opens %s and makes it the current backend', async (name) => {
    const engine = await openEngine(name, {})
    expect(engine.name).toBe(name)
    expect(tf.getBackend()).toBe(name)
    expect(engine.native !== undefined).toBe(name === 'tensorflow')
    expect(engine.device).toMatch(/^(CPU: .+, \d+ threads?|GPU)/)
    expect(Object.keys(engine.versions)).toContain('tfjs')
    expect(engine.refused).toEqual([])
    expect(tf.tidy(() => [...tf.add(tf.tensor1d([1, 2]), 1).dataSync()])).toEqual([2, 3])
  })

  it('takes the best engine that works, and says why better ones do not', async () => {
    const engine = await openEngine('auto', {})
    if (tensorflowBinding() !== undefined) {
      expect(engine.name).toBe('tensorflow')
      return
    }
    expect(engine.name).toBe('wasm')
    expect(engine.refused).toEqual([{ name: 'tensorflow', reason: expect.stringContaining('not set up') as string }])
  })

  it('reports every engine', async () => {
    const reports = await probeEngines()
    expect(reports.map(({ name }) => name)).toEqual(['tensorflow', 'wasm', 'cpu'])
    for (const { name, works, reason, device } of reports) {
      const expected = (testedEngines as readonly string[]).includes(name)
      expect(works).toBe(expected)
      expect(reason === '').toBe(expected)
      expect(device !== '').toBe(expected)
    }
  })
})

describeTensorflow('the tensorflow engine', () => {
  it('names TensorFlow’s version', async () => {
    expect((await openEngine('tensorflow', {})).versions['tensorflow']).toMatch(/^\d+\.\d+\.\d+/)
  })
})
