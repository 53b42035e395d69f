import { defineConfig } from '@playwright/test'

// The built page in the system's own Chromium: what a current Electron shows, where none can be had (CONTRIBUTING.md
// says how to run it).
export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  workers: 1,
  fullyParallel: false,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  forbidOnly: process.env['CI'] === 'true',
  // A second try that passes is named at the end (scripts/setup/counts.mjs), so that nobody overlooks it.
  retries: process.env['CI'] === 'true' ? 1 : 0,
  reporter: 'list',
  outputDir: '../../test-results/chromium',
})
