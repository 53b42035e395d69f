import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { configLimits, parseJsonBytes, readCapped } from '../files/jsonFile'
import { badInput } from './failure'
import { nearest } from './nearest'
import { resourcesFolder } from './places'

/** The files of the configs that come with the program, by name: `demo`, and everything in `resources/presets/`. */
export async function presetFiles(): Promise<ReadonlyMap<string, string>> {
  const folder = join(resourcesFolder, 'presets')
  const names = existsSync(folder) ? (await readdir(folder)).filter((name) => name.endsWith('.json')).sort() : []
  return new Map([['demo', join(resourcesFolder, 'demo.json')], ...names.map((name) => [name.slice(0, -'.json'.length), join(folder, name)] as const)])
}

/** One of them, as it lies on disk: not parsed yet. */
export async function readPreset(name: string): Promise<unknown> {
  const files = await presetFiles()
  const file = files.get(name)
  if (file === undefined) {
    const close = nearest(name, [...files.keys()])
    throw badInput(`There is no preset “${name.slice(0, 100)}”${close === null ? '' : `; did you mean “${close}”?`}`)
  }
  return parseJsonBytes(file, await readCapped(file, configLimits.maxBytes), configLimits.maxDepth)
}
