import { bestEpoch } from '../../../core/best'
import { plannedEpochs } from '../../../core/plan/phases'
import { scaledRateOfRun } from '../../../core/plan/rate'
import type { Run } from '../../../core/run'
import { runName } from '../../../core/names'
import { formatClock, formatCount, formatPercent, significant } from '../../../core/numbers'
import { defineCommand } from '../command'
import { libraryOptions, viewLibrary } from '../libraryAccess'
import { table } from '../format'

export const listCommand = defineCommand({
  options: {
    json: { type: 'boolean', help: 'One JSON value: the records of the runs, without traces' },
    trash: { type: 'boolean', help: 'The runs in the trash instead' },
    all: { type: 'boolean', help: 'Those in the trash too' },
    ...libraryOptions,
  },
  notes: [
    'Epochs such as 8/8 (4+4) are those of a run that was extended from 4 to 8.',
    'A record in the list holds the best and the last epochs only; batchlab show RUN --json has all of them.',
    'The rate is that of the training: the base rate after the scaling rule.',
  ],
  positionals: [],
  run: async ({ json, trash, all, dir }, _, terminal) => {
    const view = await viewLibrary(dir, terminal)
    const runs = view.runs.filter(({ removedAt }) => all || (removedAt !== null) === trash)
    if (json) {
      terminal.printJson(runs)
      return 0
    }
    if (runs.length === 0) {
      terminal.say(
        trash ? 'The trash is empty' : `There are no runs in ${view.library.folder} yet: batchlab train starts one`,
      )
      return 0
    }
    terminal.print(
      table(
        ['run', 'name', 'status', 'epochs#', 'batch#', 'rate#', 'validation#', 'test#', 's/epoch#', 'created'],
        runs.map((run) => [
          run.id,
          runName(run),
          run.removedAt === null ? run.status : 'in the trash',
          `${run.moment.epoch}/${plannedEpochs(run)}${addedEpochs(run)}`,
          formatCount(run.config.batchSize),
          significant(scaledRateOfRun(run)),
          formatPercent(bestEpoch(run)?.validation?.accuracy),
          formatPercent((run.test.best ?? run.test.last)?.score.accuracy),
          run.moment.epoch > 0 ? formatClock(run.moment.seconds / run.moment.epoch) : '–',
          run.createdAt.slice(0, 16).replace('T', ' '),
        ]),
      ),
    )
    return 0
  },
})

function addedEpochs({ extensions = [] }: Run): string {
  const [first] = extensions
  if (first === undefined) return ''
  const steps = extensions.map(({ from, epochs }) => (from === null ? '?' : epochs - from))
  return ` (${first.from ?? '?'}+${steps.join('+')})`
}
