import { join } from 'node:path'
import type { Preset } from '../../content/presets/preset'
import { presetNamed, presetNames, presetOf, presets, smallSuffix } from '../../content/presets/all'
import { configLimits, parseJsonBytes, readCapped } from '../files/jsonFile'
import { badInput } from './failure'
import { nearest } from './nearest'
import { resourcesFolder } from './paths'

const demo = 'demo'

/** A config that comes with the program, by itself and as part of its preset. */
interface Listed {
  readonly name: string
  readonly title: string
  readonly preset: string
}

/**
 * Every config that comes with the program: the demo, and those of the presets, each also at a size for small machines.
 */
export const listedPresets = (): readonly Listed[] => [
  { name: demo, title: 'Handwritten digits', preset: 'Demo' },
  ...presetNames().map((name) => {
    const found = presetOf(name)
    return {
      name,
      title: `${found?.config.title ?? ''}${found?.isSmall === true ? ', small' : ''}`,
      preset: found?.preset.title ?? '',
    }
  }),
]

/** The preset of that id, such as `goyal`, which has several configs; undefined where it is none. */
export const presetGroup = (id: string): Preset | undefined => presets.find((preset) => preset.id === id)

/** One of the configs, not parsed yet. */
export async function readPreset(name: string): Promise<unknown> {
  if (name === demo) {
    const file = join(resourcesFolder, 'demo.json')
    return parseJsonBytes(file, await readCapped(file, configLimits.maxBytes), configLimits.maxDepth)
  }
  const config = presetNamed(name)
  if (config !== null) return config
  const group = presetGroup(name)
  if (group !== undefined)
    throw badInput(
      `The preset “${name}” has several configs: choose one, such as ${group.configs
        .slice(0, 3)
        .map((one) => `${group.id}/${one.name}`)
        .join(', ')}`,
    )
  const close = nearest(name, [demo, ...presetNames(), ...presets.map(({ id }) => id)])
  throw badInput(`There is no preset “${name.slice(0, 100)}”${close === null ? '' : `; did you mean “${close}”?`}`)
}

/**
 * The configs that a name stands for: one config, all of a preset, or all presets of a family such as `notes`; with the
 * suffix, their small variants.
 */
export function presetFamily(name: string): readonly string[] {
  const isSmall = name.endsWith(smallSuffix)
  const family = `${isSmall ? name.slice(0, -smallSuffix.length) : name}/`
  const members = presetNames().filter((one) => one.startsWith(family) && one.endsWith(smallSuffix) === isSmall)
  return members.length > 0 ? members : [name]
}
