// npm start: opens the app; on the first run it sets up TensorFlow and Electron and builds.
import { spawn } from 'node:child_process'
import { projectFolder } from './setup/cache.mjs'
import { sandboxSwitches } from './setup/electron.mjs'
import { prepareWindow } from './setup/launch.mjs'

const electron = await prepareWindow()
const switches = sandboxSwitches(electron.path)
const app = spawn(electron.path, [...switches, projectFolder, ...process.argv.slice(2)], {
  stdio: 'inherit',
  cwd: projectFolder,
})
// Ctrl-C reaches the app too, which saves before it ends: wait for it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && app.kill(signal))
app.on('exit', (code) => process.exit(code ?? 1))
