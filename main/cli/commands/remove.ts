import type { Run } from '../../../core/run'
import { judgeAction } from '../../../core/runActions'
import type { Library } from '../../library/library'
import { defineCommand, type Command } from '../command'
import { badInput, type ExitCode } from '../failure'
import { withLibrary, writingOptions } from '../libraryAccess'
import { findRuns } from '../runArgument'

interface Change {
  readonly request: 'remove' | 'restore'
  readonly apply: (library: Library, ids: readonly string[]) => Promise<void>
  readonly done: string
}

const changing = ({ request, apply, done }: Change, notes: readonly string[]): Command =>
  defineCommand({
    options: { json: { type: 'boolean', help: 'One JSON value: the ids' }, ...writingOptions },
    notes,
    positionals: ['RUN…'],
    run: async ({ json, dir, 'take-over': takeOver }, wanted, terminal) =>
      await withLibrary<ExitCode>(
        dir,
        terminal,
        async (library) => {
          const runs = findRuns(library.runs(), wanted)
          // All are looked at first, so that a refusal changes nothing.
          const changed = runs.filter((run: Run) => {
            const verdict = judgeAction(request, run)
            if (verdict.type === 'refuse') throw badInput(verdict.message)
            return verdict.type === 'do'
          })
          await apply(
            library,
            changed.map(({ id }) => id),
          )
          if (json) terminal.printJson(runs.map(({ id }) => id))
          else for (const { id } of runs) terminal.print(`Run ${id} ${done}`)
          return 0
        },
        takeOver,
      ),
  })

export const remove = changing(
  { request: 'remove', apply: async (library, ids) => await library.remove(ids), done: 'is in the trash' },
  ['Nothing is deleted: batchlab restore brings runs back.'],
)

export const restoreCommand = changing(
  { request: 'restore', apply: async (library, ids) => await library.restore(ids), done: 'is out of the trash' },
  ['batchlab list --trash shows what is in the trash.'],
)
