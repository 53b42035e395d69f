import type { RunConfig } from '../../../core/config/config'
import { parseConfig } from '../../../core/config/parse'
import { defineCommand } from '../command'
import { failed, linesOf } from '../failure'
import { presetFiles, readPreset } from '../presetFiles'
import { table } from '../wording'

async function configOf(name: string): Promise<RunConfig> {
  const parsed = parseConfig(await readPreset(name))
  if (!parsed.ok) throw failed(linesOf(parsed.issues, `preset ${name}`))
  return parsed.value
}

export const presets = defineCommand({
  options: { json: { type: 'boolean', help: 'One JSON value: the list, or the config' } },
  notes: ['batchlab presets NAME --json prints a config that batchlab train - reads.'],
  positionals: ['[NAME]'],
  run: async ({ json }, [name], terminal) => {
    if (name !== undefined) {
      terminal.print(JSON.stringify(await configOf(name), null, json ? undefined : 2))
      return 0
    }
    const list = await Promise.all([...(await presetFiles()).keys()].map(async (one) => ({ name: one, title: (await configOf(one)).name })))
    if (json) terminal.printJson(list)
    else terminal.print(table(['name', 'title'], list.map((one) => [one.name, one.title])))
    return 0
  },
})
