// npm run setup [-- --only engine|electron] [--engine upstream] [--retry]
import { parseArgs } from 'node:util'
import { electronPath } from './setup/electron.mjs'
import { setUp } from './setup/setup.mjs'
import { engineState } from './setup/state.mjs'

const options = read()
const parts = options.only ? [options.only] : ['engine', 'electron']
const problems = await setUp({ parts, retry: options.retry, upstream: options.engine === 'upstream' })
if (problems.length === 0) process.stderr.write(`${ready()}\n`)

function read() {
  try {
    const { values } = parseArgs({
      options: { only: { type: 'string' }, engine: { type: 'string' }, retry: { type: 'boolean', default: false } },
    })
    if (values.only !== undefined && !['engine', 'electron'].includes(values.only))
      throw new Error(`--only expects engine or electron, found ${values.only}.`)
    if (values.engine !== undefined && values.engine !== 'upstream')
      throw new Error(`--engine expects upstream, found ${values.engine}.`)
    return values
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    process.exit(2)
  }
}

function ready() {
  const { wheel, version } = engineState()
  const electron = electronPath()
  const said = [
    parts.includes('engine') && `${wheel} ${version}`,
    parts.includes('electron') && `Electron ${electron?.version} (${electron?.source})`,
  ]
  return `Ready: ${said.filter(Boolean).join(', ')}.`
}
