import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { productName } from '../../package.json'
import type { Folders } from '../../core/job'
import { guardFolder } from '../files/guard'

// This file is built into out/main/cli.js or into a chunk beside it; the project is two folders above out/main.
const built = basename(__dirname) === 'chunks' ? dirname(__dirname) : __dirname
const project = resolve(built, '..', '..')

/** The folder of the app's own files. */
export const projectFolder = project
export const resourcesFolder = join(project, 'resources')
export const trainerThreadFile = join(built, 'trainerThread.js')
export const benchProcess = join(built, 'benchProcess.js')
/** What this process was started with, for starting another one like it. */
export const cliScript = join(built, 'cli.js')

/**
 * Electron's userData folder of the app, computed as Electron does, so that window and command line share one library.
 */
export function userData(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const home = homedir()
  switch (platform) {
    case 'darwin':
      return join(home, 'Library', 'Application Support', productName)
    case 'win32':
      return join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), productName)
    default:
      return join(env['XDG_CONFIG_HOME'] || join(home, '.config'), productName)
  }
}

/** The library that a command works on: `--dir`, else BATCHLAB_LIBRARY, else the app's own. */
export function libraryFolder(dir: string | undefined): string {
  const named = dir ?? process.env['BATCHLAB_LIBRARY']
  const folder =
    named === undefined || named === '' ? join(userData(process.env, process.platform), 'library') : resolve(named)
  guardFolder(folder)
  return folder
}

/** What a trainer may use, for a library. */
export const foldersFor = (library: string): Folders => ({
  cache: join(library, 'cache'),
  resources: resourcesFolder,
  library,
})
