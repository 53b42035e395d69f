import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.{ts,tsx}'],
    exclude: ['tests/app/**'],
    testTimeout: 30_000,
    // TensorFlow wants both cores, and two copies of it in one machine only slow each other down.
    pool: 'forks',
    maxWorkers: 2,
  },
})
