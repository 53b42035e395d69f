import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { RunConfig } from '../../../core/config/config'
import { contradictions } from '../../../core/plan/plan'
import { isLive, type Run, type RunId, type TracedRun } from '../../../core/run'
import { allowsAction } from '../../../core/runActions'
import { isDone, isTrainingOf, standing } from '../../../core/sameRun'
import { killedForMemory } from '../../../core/shortageAdvice'
import { runName } from '../../../core/names'
import { formatCounted } from '../../../core/numbers'
import { runCli, type Ended } from '../childProcess'
import { defineCommand, wholeNumber } from '../command'
import { badInput, linesOf } from '../failure'
import { isInsistent, isWish, onInterrupt } from '../interrupts'
import { becomesFree, viewLibrary, writingOptions } from '../libraryAccess'
import { foldersFor, libraryFolder } from '../paths'
import { currentFingerprint, planInputs } from '../planInputs'
import { sweepConfigs } from '../sweepConfigs'
import { markdownTable, resultOf, sweepTable } from '../sweepResults'
import type { Terminal } from '../terminal'
import { table } from '../format'

export const sweep = defineCommand({
  options: {
    preset: {
      type: 'string',
      multiple: true,
      value: 'NAME',
      help: 'A config, a preset (notes/exp1:small: all its configs) or a family (notes:small); may be given often',
    },
    set: {
      type: 'string',
      multiple: true,
      value: 'PATH=VALUE',
      help: 'Change a setting of every run; may be given often',
    },
    grid: {
      type: 'string',
      multiple: true,
      value: 'PATH=V,V,…',
      help: 'Train with each of these values; of several grids, every combination',
    },
    seeds: { type: 'string', value: 'N', help: 'Train everything with N seeds (1)' },
    'dry-run': { type: 'boolean', help: 'Check every config and list the runs, but train nothing' },
    markdown: { type: 'boolean', help: 'Print the table of results as Markdown' },
    json: {
      type: 'boolean',
      help: 'What each run prints with train --json, and {"type":"summary","results":[…]} last',
    },
    ...writingOptions,
  },
  notes: [
    'Ctrl-C (or SIGTERM, SIGHUP, a reader that goes away) pauses the run in progress and ends the sweep; the ' +
      'same command goes on with it. A run of the library that was trained with exactly the same settings, from ' +
      'its beginning to its planned end and on the same images, is not trained again.',
    'Every run is trained in a process of its own: one that fails or diverges does not end the sweep.',
  ],
  positionals: ['[CONFIG]'],
  run: async (
    { preset, set, grid, seeds, dir, markdown, json, 'dry-run': dryRun, 'take-over': takeOver },
    [file],
    terminal,
  ) => {
    const configs = await sweepConfigs({
      file,
      presets: preset,
      set,
      grids: grid,
      seeds: seeds === undefined ? 1 : wholeNumber('seeds', seeds, 1),
    })
    await checkAll(configs, dir)
    if (dryRun) {
      if (json) terminal.printJson(configs)
      else for (const config of configs) terminal.print(runName({ name: config.name, config }))
      return 0
    }
    const runs: TracedRun[] = []
    let wasInterrupted = false
    const { forward, isAsked, off } = forwardInterrupts()
    for (const [index, config] of configs.entries()) {
      terminal.say(`${index + 1} of ${formatCounted(configs.length, 'run')}: ${runName({ name: config.name, config })}`)
      const { code, signal } = await trainOne(config, { dir, json, terminal, forward, takeOver })
      const { run, read } = await sameRun(config, dir, terminal)
      if (run !== undefined) runs.push(await read(run.id))
      // A process that crashed, or was killed for its memory, is a run that failed: the others are trained all the
      // same.
      if (signal !== null && !isWish(signal) && !isAsked())
        terminal.say(
          signal === 'SIGKILL'
            ? killedForMemory(
                { config, info: null, engine: null },
                `The process of this run was ended by ${signal}; the same command goes on with it. The system ` +
                  'does that when memory runs out',
              )
            : `The process of this run was ended by ${signal}; the same command goes on with it`,
        )
      wasInterrupted = code === 130 || (signal !== null && isWish(signal)) || isAsked()
      if (wasInterrupted) break
    }
    off()
    const results = runs.map(resultOf)
    const done = runs.filter(({ run }) => isDone(run.status))
    if (json) terminal.printJson({ type: 'summary', results })
    else if (results.length > 0)
      terminal.print(
        markdown ? markdownTable(sweepTable(results)) : table(sweepTable(results).names, sweepTable(results).rows),
      )
    if (wasInterrupted)
      terminal.say(`${done.length} of ${formatCounted(configs.length, 'run')} done; the same command goes on`)
    return wasInterrupted
      ? 130
      : done.length === configs.length && done.every(({ run }) => run.status !== 'diverged')
        ? 0
        : 1
  },
})

/** Before anything is trained: a sweep whose last config is wrong should not be found out in the night. */
async function checkAll(configs: readonly RunConfig[], dir: string | undefined): Promise<void> {
  const known = new Map<string, ReturnType<typeof planInputs>>()
  for (const config of configs) {
    const key = JSON.stringify(config.data)
    const info = known.get(key) ?? planInputs(config.data, foldersFor(libraryFolder(dir)))
    known.set(key, info)
    if ('path' in config.data.source && (await info).missing !== '')
      throw badInput(`data.source.path ${config.data.source.path}: there is no such file or folder`)
    const issues = contradictions(config, (await info).info)
    if (issues.length > 0) throw badInput(linesOf(issues, runName({ name: config.name, config })))
  }
}

type Outcome = Pick<Ended, 'code' | 'signal'>

/** Trains a config, or goes on with the run of it that the library has; how its process ended. */
async function trainOne(
  config: RunConfig,
  {
    dir,
    json,
    terminal,
    forward,
    takeOver,
  }: {
    readonly takeOver: boolean
    readonly dir: string | undefined
    readonly json: boolean
    readonly terminal: Terminal
    readonly forward: Forwarding['forward']
  },
): Promise<Outcome> {
  // The training of an earlier sweep that was killed may be about to pause: it is this config's run, not one more.
  await becomesFree(dir)
  const { run: same } = await sameRun(config, dir, terminal)
  if (same !== undefined && isDone(same.status)) {
    terminal.say(`Run ${same.id} has done that already`)
    return { code: 0, signal: null }
  }
  if (same !== undefined && isLive(same.status)) {
    terminal.say(`Run ${same.id} is being trained by another program`)
    return { code: 1, signal: null }
  }
  const args = [
    ...(same !== undefined && allowsAction('resume', same) ? ['resume', same.id] : ['train', '-']),
    ...(dir === undefined ? [] : ['--dir', dir]),
    ...(json ? ['--json'] : []),
    ...(takeOver ? ['--take-over'] : []),
  ]
  return await runCli(args, {
    shown: true,
    input: JSON.stringify(config),
    onStart: forward,
    onLine: (line) => {
      if (json) terminal.print(line)
    },
  })
}

/** The run of a library that is the training of a config, and a way to read all of it. */
async function sameRun(
  config: RunConfig,
  dir: string | undefined,
  terminal: Terminal,
): Promise<{ readonly run: Run | undefined; readonly read: (id: RunId) => Promise<TracedRun> }> {
  if (!existsSync(libraryFolder(dir)))
    return { run: undefined, read: () => Promise.reject(new Error('There is no library')) }
  const { runs, library } = await viewLibrary(dir, terminal)
  // The data is looked at only where a run could be the one.
  const listed = runs.filter((run) => isTrainingOf(run, config, null))
  // The list of an older program does not say which runs were extended: their logs do.
  const known = await Promise.all(
    listed.map(async (run) => ({ ...run, extensions: run.extensions ?? (await library.readRun(run.id)).extensions })),
  )
  const candidates = known.filter((run) => isTrainingOf(run, config, null))
  const fingerprint =
    candidates.length === 0 ? null : await currentFingerprint(config.data, foldersFor(libraryFolder(dir)))
  return {
    run: standing(candidates.filter((run) => isTrainingOf(run, config, fingerprint))),
    read: async (id) => ({ run: await library.readRun(id), trace: await library.readTrace(id) }),
  }
}

interface Forwarding {
  readonly forward: (child: ChildProcess) => void
  readonly isAsked: () => boolean
  readonly off: () => void
}

/**
 * Tells the child what this process is told. Where a terminal tells the whole group, nothing is passed on; a child that
 * hears it twice within a second takes it for one wish.
 */
function forwardInterrupts(): Forwarding {
  let child: ChildProcess | null = null
  let asked: NodeJS.Signals | null = null
  const off = onInterrupt((cause) => {
    asked = cause === 'reader' ? 'SIGTERM' : cause
    if (!isInsistent(cause)) child?.kill(asked)
  })
  return {
    off,
    isAsked: () => asked !== null,
    forward: (one) => {
      child = one
      // It began after the signal came, so nobody has told it.
      if (asked !== null) one.kill(asked)
    },
  }
}
