import type { RunConfigInput } from '../../core/config/config'
import { goyal } from './goyal'
import { he } from './he'
import { hoffer } from './hoffer'
import { jastrzebski } from './jastrzebski'
import { keskar } from './keskar'
import { krizhevsky } from './krizhevsky'
import { lin } from './lin'
import { masters } from './masters'
import { notesPresets } from './notes'
import type { Preset, PresetConfig } from './preset'
import { parsedPreset, shrunk } from './shrink'
import { smith } from './smith'
import { superConvergence } from './superConvergence'

/** Every preset, the lab notes first. Adding one: its file, an entry here; the tests parse and plan it. */
export const presets: readonly Preset[] = [
  ...notesPresets,
  masters,
  goyal,
  ...hoffer,
  ...keskar,
  krizhevsky,
  jastrzebski,
  he,
  lin,
  smith,
  superConvergence,
]

/** What the name of a config ends with when it is made to fit a small machine. */
export const smallSuffix = ':small'

/** One config of a preset, found by its name. */
export interface NamedPreset {
  readonly name: string
  readonly preset: Preset
  readonly config: PresetConfig
  readonly isSmall: boolean
}

const named: ReadonlyMap<string, NamedPreset> = new Map(
  presets.flatMap((preset) =>
    preset.configs.flatMap((config) =>
      [false, true].map((isSmall): [string, NamedPreset] => {
        const name = `${preset.id}/${config.name}${isSmall ? smallSuffix : ''}`
        return [name, { name, preset, config, isSmall }]
      }),
    ),
  ),
)

/** The names of all configs, such as `goyal/8k-gradual` and `goyal/8k-gradual:small`. */
export const presetNames = (): readonly string[] => [...named.keys()]

/** What a name stands for; null where there is no such config. */
export const presetOf = (name: string): NamedPreset | null => named.get(name) ?? null

/** The config of that name, called by it; null where there is none. */
export function presetNamed(name: string): RunConfigInput | null {
  const found = presetOf(name)
  if (found === null) return null
  const { preset, config, isSmall } = found
  return { ...(isSmall ? shrunk(config.config, { ...preset.fit, ...config.fit }) : parsedPreset(config.config)), name }
}
