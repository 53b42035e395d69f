import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: 'tests/app',
  testMatch: '**/*.spec.ts',
  // Each test trains for real, and TensorFlow wants every core.
  workers: 1,
  fullyParallel: false,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: process.env['CI'] === 'true',
  // A second try that passes is named at the end (scripts/setup/counts.mjs), so that nobody overlooks it.
  retries: process.env['CI'] === 'true' ? 1 : 0,
  reporter: 'list',
  outputDir: 'test-results',
})
