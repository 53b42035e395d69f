import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

// Named inputs: electron-vite only finds entries by itself under src/ (docs/decisions/0003).
// main and preload are CommonJS so that they also run on Electron 25 (ESM main needs 28).
// Main and preload bundle what package.json lists under devDependencies and load the rest from node_modules.
const commonJs = { format: 'cjs' as const, entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' }
// The bundled packages' licences ask for a copy of themselves, and minifying removes their comments.
const license = { fileName: 'licences.md' }

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      target: 'node18',
      license,
      rollupOptions: {
        input: {
          index: 'main/index.ts',
          cli: 'main/cli/index.ts',
          utilityProcess: 'main/hosts/utilityProcess.ts',
          trainerThread: 'main/trainer/thread.ts',
          checkThread: 'main/library/checkThread.ts',
          inputThread: 'main/data/prefetch/inputThread.ts',
          benchProcess: 'bench/process.ts',
        },
        output: commonJs,
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      target: 'node18',
      rollupOptions: { input: { index: 'preload/index.ts' }, output: commonJs },
    },
  },
  renderer: {
    root: 'renderer',
    build: {
      outDir: 'out/renderer',
      target: 'chrome114',
      minify: true,
      license,
      rollupOptions: {
        input: { index: 'renderer/index.html', figure: 'renderer/figure.html' },
        // A report of a fault names functions and components.
        output: { minify: { mangle: { keepNames: true }, compress: { keepNames: { function: true, class: true } } } },
      },
    },
    plugins: [react()],
  },
})
