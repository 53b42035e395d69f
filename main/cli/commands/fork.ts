import { bestCheckpoint } from '../../../core/best'
import { defineCommand } from '../command'
import { configOptions, withSettings } from '../configInput'
import { badInput } from '../failure'
import { writingOptions } from '../libraryAccess'
import { findRun } from '../runArgument'
import { printEnding, eventOptions, trainHere } from '../training'

export const fork = defineCommand({
  options: {
    from: {
      type: 'string',
      value: 'CHECKPOINT',
      help:
        'The checkpoint to start from, such as last, best-00012 or best, which is the one that validation chose ' +
        '(batchlab show RUN lists them)',
    },
    set: configOptions.set,
    ...writingOptions,
    ...eventOptions,
  },
  notes: [
    'The new run keeps the settings of the old one but for those that --set changes; the old run is not touched.',
  ],
  positionals: ['RUN'],
  run: async ({ from, set, dir, 'take-over': takeOver, json }, [wanted = ''], terminal) => {
    if (from === undefined) throw badInput('--from CHECKPOINT is missing')
    const outcome = await trainHere({
      dir,
      takeOver,
      json,
      terminal,
      begin: async (queue, library) => {
        const run = findRun(library.runs(), wanted)
        const checkpoint = from === 'best' ? (bestCheckpoint(run)?.name ?? from) : from
        if (!run.checkpoints.some(({ name }) => name === checkpoint))
          throw badInput(
            `Run ${run.id} has no checkpoint ${from}: it has ` +
              `${run.checkpoints.map(({ name }) => name).join(', ') || 'none'}`,
          )
        return await queue.fork(run.id, checkpoint, withSettings(run.config, set))
      },
    })
    return printEnding(outcome, json, terminal)
  },
})
