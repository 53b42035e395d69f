import { defineConfig } from 'vitest/config'

// Tests that load TensorFlow, that start processes and threads, or that take many seconds of both cores. Those of
// tests/node need a second Node (scripts/test.mjs); without one they would only be skipped.
const heavy = [
  'tests/{cli,hosts,hostile,injector,kills,soak,trainer}/**/*.test.ts',
  'tests/scripts/{build,cleanupOnly,currentElectron,display,setup}.test.ts',
  'tests/bench/measure.test.ts',
  'tests/data/{cache,prefetch}.test.ts',
  'tests/electron/outputLog.test.ts',
  'tests/files/{durableWrite,jsonFile,kill,lock}.test.ts',
  'tests/library/{append,kill,large,verify}.test.ts',
  ...(process.env['BATCHLAB_OTHER_NODE'] === undefined ? [] : ['tests/node/**/*.test.ts']),
]
// Tests that replace modules need modules of their own.
const mocked = ['tests/electron/{appProtocol,ipc}.test.ts', 'tests/renderer/{joinedTrace,runActions,settings}.test.ts']

export default defineConfig({
  test: {
    testTimeout: 30_000,
    pool: 'forks',
    setupFiles: ['tests/support/afterFile.ts'],
    projects: [
      {
        // The quick ones first, so that most mistakes show within seconds. Loading the same modules for each file took
        // two thirds of their time.
        extends: true,
        test: {
          name: 'pure',
          include: ['tests/**/*.test.{ts,tsx}'],
          exclude: ['tests/{app,chromium,node}/**', ...heavy, ...mocked],
          isolate: false,
          env: { BATCHLAB_PURE: '1' },
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'mocked', include: mocked, sequence: { groupOrder: 0 } } },
      {
        // TensorFlow wants both cores, and two copies of it in one machine only slow each other down. How long a
        // training takes is not what these tests are about, so a busy machine must not fail them.
        extends: true,
        test: {
          name: 'heavy',
          include: heavy,
          maxWorkers: 2,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
