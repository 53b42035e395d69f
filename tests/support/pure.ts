import { afterAll, expect } from 'vitest'

// A test that loads TensorFlow would slow down all that share its process: it belongs in `heavy` of vitest.config.mts.
afterAll(() => {
  expect('_tfengine' in globalThis, 'TensorFlow is loaded').toBe(false)
})
