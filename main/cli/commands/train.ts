import { statSync } from 'node:fs'
import { contradictions } from '../../../core/plan/plan'
import { RequestError } from '../../requests/requestError'
import { fullPath } from '../../data/place'
import { defineCommand } from '../command'
import { configOptions, readConfig } from '../configInput'
import { badInput } from '../failure'
import { writingOptions } from '../libraryAccess'
import { foldersFor, libraryFolder } from '../paths'
import { planInputs } from '../planInputs'
import { printEnding, eventOptions, trainHere } from '../training'

export const trainCommand = defineCommand({
  options: {
    ...configOptions,
    weights: { type: 'string', value: 'FILE', help: 'Start from the weights in a .safetensors file' },
    ...writingOptions,
    ...eventOptions,
  },
  notes: [
    'Ctrl-C, SIGTERM, SIGHUP and a reader of the output that goes away write a checkpoint and pause the run ' +
      '(exit code 130).',
    'At a terminal, a second Ctrl-C stops at once.',
  ],
  positionals: ['[CONFIG]'],
  run: async ({ weights, dir, 'take-over': takeOver, json, ...given }, [file], terminal) => {
    const config = await readConfig(file, given)
    // Before anything is written: a run that cannot be trained leaves no trace.
    const { info, missing } = await planInputs(config.data, foldersFor(libraryFolder(dir)))
    if (missing !== '' && 'path' in config.data.source)
      throw badInput(`data.source.path ${config.data.source.path}: there is no such file or folder`)
    const issues = contradictions(config, info)
    if (issues.length > 0) throw new RequestError(issues)
    const path = weights === undefined ? null : weightsFile(weights)
    return printEnding(
      await trainHere({ dir, takeOver, json, terminal, begin: async (queue) => await queue.start(config, path) }),
      json,
      terminal,
    )
  },
})

function weightsFile(file: string): string {
  const path = fullPath(file)
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    throw badInput(`--weights: there is no file ${path}`)
  return path
}
