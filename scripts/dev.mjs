// npm run dev: electron-vite with hot reloading, on whichever Electron is set up.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { projectFolder } from './setup/cache.mjs'
import { sandboxSwitches } from './setup/electron.mjs'
import { prepareWindow } from './setup/launch.mjs'

const electron = await prepareWindow({ build: false })
const builder = path.join(projectFolder, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
const switches = sandboxSwitches(electron.path).length > 0 ? ['--noSandbox'] : []
const dev = spawn(process.execPath, [builder, 'dev', ...switches, ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd: projectFolder,
  env: { ...process.env, ELECTRON_EXEC_PATH: electron.path },
})
dev.on('exit', (code) => process.exit(code ?? 1))
