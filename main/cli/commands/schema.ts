import { configSchema } from '../../../core/fields'
import { defineCommand } from '../command'
import { configReference } from '../configReference'

export const schema = defineCommand({
  options: {
    json: { type: 'boolean', help: 'The JSON Schema on one line' },
    markdown: { type: 'boolean', help: 'The settings as a page in Markdown (docs/config-reference.md)' },
  },
  positionals: [],
  run: ({ json, markdown }, _, terminal) => {
    if (markdown) terminal.write(configReference())
    else terminal.print(JSON.stringify(configSchema(), null, json ? undefined : 2))
    return Promise.resolve(0)
  },
})
