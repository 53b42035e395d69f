import { join, resolve } from 'node:path'
import { cliFile } from '../cli/built'
import type { Programs } from '../soak/app'
import { bundleFile } from '../soak/bundleFile'

let built: Promise<Programs> | null = null

/** The app without its window, as a program of its own. */
export const programs = (): Promise<Programs> => {
  built ??= bundleFile(join(__dirname, '..', 'soak', 'appProcess.ts')).then((app) => ({
    app,
    resources: resolve(__dirname, '../../resources'),
    trainerThread: join(cliFile, '..', 'trainerThread.js'),
  }))
  return built
}
