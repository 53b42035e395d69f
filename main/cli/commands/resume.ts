import { defineCommand, wholeNumber } from '../command'
import { libraryOptions } from '../libraryAccess'
import { findRun } from '../runArgument'
import { conclude, eventOptions, trainHere } from '../training'

export const resume = defineCommand({
  options: {
    epochs: { type: 'string', value: 'N', help: 'Extend the run: train until it has N epochs in all' },
    'accept-changed-data': { type: 'boolean', help: 'Go on even if the data set is not the one that the run began with' },
    ...libraryOptions, ...eventOptions,
  },
  notes: ['On the CPU the result is the same to the bit as if the run had never been paused.'],
  positionals: ['RUN'],
  run: async ({ epochs, 'accept-changed-data': acceptChangedData, dir, json }, [wanted = ''], terminal) => {
    const total = epochs === undefined ? null : wholeNumber('epochs', epochs, 1)
    const outcome = await trainHere({
      dir, json, terminal,
      begin: async (desk, library) => {
        const { id } = findRun(library.runs(), wanted)
        if (total === null) await desk.resume(id, { acceptChangedData })
        else await desk.extend(id, total)
        return id
      },
    })
    return conclude(outcome, json, terminal)
  },
})
