import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.{ts,tsx}'],
    // Those of tests/node want a second Node (scripts/test.mjs); without one they would only be skipped.
    exclude: ['tests/app/**', ...(process.env['BATCHLAB_OTHER_NODE'] === undefined ? ['tests/node/**'] : [])],
    testTimeout: 30_000,
    // TensorFlow wants both cores, and two copies of it in one machine only slow each other down.
    pool: 'forks',
    maxWorkers: 2,
  },
})
