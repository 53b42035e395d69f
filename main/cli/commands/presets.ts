import type { RunConfig } from '../../../core/config/config'
import { parseConfig } from '../../../core/config/parse'
import { presetMarkdown } from '../../../content/explain/presetMarkdown'
import { presetNamed, smallSuffix } from '../../../content/presets/all'
import type { PresetConfig } from '../../../content/presets/preset'
import { defineCommand } from '../command'
import { failed, linesOf } from '../failure'
import { listedPresets, presetGroup, readPreset } from '../presetFiles'
import { table } from '../format'

async function configOf(name: string): Promise<RunConfig> {
  const parsed = parseConfig(await readPreset(name))
  if (!parsed.ok) throw failed(linesOf(parsed.issues, `preset ${name}`))
  return parsed.value
}

const withBothSizes = (id: string, { name, title }: PresetConfig) => {
  const full = `${id}/${name}`
  return { name: full, title, config: presetNamed(full), small: presetNamed(`${full}${smallSuffix}`) }
}

export const presetsCommand = defineCommand({
  options: { json: { type: 'boolean', help: 'One JSON value: the list, the preset, or the config' } },
  notes: [
    'batchlab presets NAME --json prints a config that batchlab train - reads; batchlab presets goyal says ' +
      'what the preset goyal is about.',
    `A name with ${smallSuffix} behind it is the same experiment at a size for a small machine.`,
  ],
  positionals: ['[NAME]'],
  run: async ({ json }, [name], terminal) => {
    if (name !== undefined) {
      const group = presetGroup(name)
      if (group === undefined) terminal.print(JSON.stringify(await configOf(name), null, json ? undefined : 2))
      else if (json) terminal.printJson({ ...group, configs: group.configs.map((one) => withBothSizes(group.id, one)) })
      else terminal.write(presetMarkdown(group))
      return 0
    }
    const list = listedPresets()
    if (json) terminal.printJson(list)
    else
      terminal.print(
        table(
          ['name', 'title'],
          list.filter((one) => !one.name.endsWith(smallSuffix)).map((one) => [one.name, one.title]),
        ),
      )
    return 0
  },
})
