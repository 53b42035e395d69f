import { afterAll, expect } from 'vitest'
import { cleanUp } from './cleanup'

afterAll(cleanUp, 120_000)

// A test that loads TensorFlow would slow down all that share its process: it belongs in `heavy` of vitest.config.mts.
if (process.env['BATCHLAB_PURE'] === '1')
  afterAll(() => {
    expect('_tfengine' in globalThis, 'TensorFlow is loaded').toBe(false)
  })
