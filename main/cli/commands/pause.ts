import { setTimeout as wait } from 'node:timers/promises'
import { titleOf } from '../../../core/names'
import { isLive } from '../../../core/run'
import { judgeAction } from '../../../core/runActions'
import { defineCommand, wholeNumber } from '../command'
import { badInput, failed } from '../failure'
import { libraryOptions, viewLibrary } from '../libraryAccess'
import { findRun } from '../runArgument'

const pollEveryMs = 200

export const pause = defineCommand({
  options: {
    wait: { type: 'string', value: 'SECONDS', help: 'Wait so long for its checkpoint (60); 0 only asks' },
    json: { type: 'boolean', help: "One JSON value: the run's record as it is then" },
    ...libraryOptions,
  },
  notes: ['Works on a run that another process trains, the window included.'],
  positionals: ['RUN'],
  run: async ({ wait: patience, dir, json }, [wanted = ''], terminal) => {
    const seconds = patience === undefined ? 60 : wholeNumber('wait', patience, 0)
    const { library, runs } = await viewLibrary(dir, terminal)
    const found = findRun(runs, wanted)
    const { id } = found
    const verdict = judgeAction('pause', found)
    if (verdict.type === 'refuse') throw badInput(verdict.message)
    // Who waits for a pause must not take an earlier one for it.
    if (verdict.type === 'already' && !isLive(found.status)) throw badInput(verdict.message)
    // Only a trainer looks for the request, and this run has none yet.
    if (found.status === 'queued')
      throw badInput(`${titleOf(found)} waits in the queue of another program: pause it there`)
    if (verdict.type === 'do') await library.requestPause(id)
    let run = await library.readRun(id)
    for (
      const began = performance.now();
      performance.now() - began < 1000 * seconds && isLive(run.status);
      run = await library.readRun(id)
    )
      await wait(pollEveryMs)
    if (seconds > 0 && isLive(run.status))
      throw failed(`Run ${id} did not pause within ${seconds} s: it is ${run.status}`)
    if (json) terminal.printJson(run)
    else
      terminal.print(
        isLive(run.status) ? `Asked run ${id} to pause` : `Run ${id} is ${run.status} at update ${run.moment.update}`,
      )
    return 0
  },
})
