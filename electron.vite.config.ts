import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

// Named inputs: electron-vite only finds entries by itself under src/ (docs/decisions/0003).
// main and preload are CommonJS so that they also run on Electron 25 (ESM main needs 28).
const commonJs = { format: 'cjs' as const, entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' }

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      target: 'node18',
      externalizeDeps: { exclude: ['lowdb', 'steno', 'zod', 'pure-rand', 'electron-log', 'jsonc-parser'] },
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
      rollupOptions: { input: { index: 'renderer/index.html', figure: 'renderer/figure.html' } },
    },
    plugins: [react()],
  },
})
