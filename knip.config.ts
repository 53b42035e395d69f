import type { KnipConfig } from 'knip'

/*
 * Run twice. Without a switch: every file and every export is used by another file, tests among them. With
 * --production (the entries and files with a `!`): the product itself uses every file and export; a test is no use.
 * What is tagged @planned is the exception: mathematics that is tested and waits for its way into the window.
 */
const isProduction = process.argv.includes('--production')

const config: KnipConfig = {
  // Beside what package.json and the configs of vite and vitest open.
  entry: [
    'tests/**/*.spec.ts',
    'renderer/dev/main.tsx!',
    // Writes docs/explained, run by tests/content/explain.test.ts -u.
    'content/explain/markdown.ts!',
    'scripts/*.mjs!',
    'scripts/lint/*.mjs!',
    // Started by path, as processes of their own.
    'scripts/setup/{electron-launcher,verifyEngine}.cjs!',
    'scripts/setup/*.d.mts!',
    'tests/app/driven.cjs',
    'tests/chromium/{double.ts,playwright.config.ts}',
    'tests/files/writerProcess.ts',
    'tests/hostile/silentDisk.ts',
    'tests/hosts/{bridge,contractThread,fakeThread}.ts',
    'tests/kills/downloadProcess.ts',
    'tests/library/writer.ts',
    'tests/node/parentPort.cjs',
  ],
  project: [
    '{bench,content,core,main,preload,renderer}/**/*.{ts,tsx}!',
    'scripts/**/*.{mjs,cjs,mts}!',
    'tests/**/*.{ts,tsx,cjs}',
  ],
  ignoreExportsUsedInFile: isProduction,
  tags: isProduction ? ['-planned'] : [],
  // Loaded by name: the engines when one is chosen (main/trainer/engine.ts), the headers when the binding is built.
  ignoreDependencies: [
    '@tensorflow/tfjs',
    '@tensorflow/tfjs-backend-wasm',
    '@tensorflow/tfjs-node-gpu',
    'node-api-headers',
  ],
  // Programs of the system.
  ignoreBinaries: ['nvidia-smi', 'mkfifo', 'mount', 'umount', 'cc'],
}

export default config
