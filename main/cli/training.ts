import { bestEpoch } from '../../core/best'
import { chanceNote } from '../../core/chance'
import { divergedMeans, endingOf } from '../../core/ending'
import { errorText } from '../../core/errorText'
import type { Score } from '../../core/score'
import { plannedEpochs } from '../../core/plan/phases'
import { plainLine } from '../../core/plain'
import type { Run, RunId } from '../../core/run'
import { runName } from '../../core/names'
import { formatClock, formatCount, formatPercent, significant } from '../../core/numbers'
import { createRunQueue, type RunQueue } from '../queue/runQueue'
import { nodeHost } from '../hosts/nodeHost'
import type { Library } from '../library/library'
import { failed, type ExitCode } from './failure'
import { isInsistent, onInterrupt } from './interrupts'
import { withLibrary } from './libraryAccess'
import { foldersFor, trainerThreadFile } from './paths'
import { progressLine } from './progressLine'
import type { Terminal } from './terminal'
import { progressed, scored } from './format'

/** The option by which a training tells everything as it happens. */
export const eventOptions = {
  json: { type: 'boolean', help: "Events as NDJSON: one JSON object a line, the run's record last" },
} as const

interface Options {
  readonly dir: string | undefined
  readonly takeOver?: boolean
  readonly json: boolean
  readonly terminal: Terminal
  /** Starts or resumes a run, and says which. */
  readonly begin: (queue: RunQueue, library: Library) => Promise<RunId>
}

/** Trains a run in this process until it ends or is paused; a signal, or a reader that goes away, pauses it. */
export const trainHere = async (
  options: Options,
): Promise<{ readonly code: ExitCode; readonly run: Run; readonly folder: string }> =>
  await withLibrary(
    options.dir,
    options.terminal,
    async (library) => {
      const queue = createRunQueue({ library, host: nodeHost(trainerThreadFile), folders: foldersFor(library.folder) })
      try {
        return await follow(queue, library, options)
      } finally {
        await queue.shutDown({ pause: true })
      }
    },
    options.takeOver,
  )

async function follow(
  queue: RunQueue,
  library: Library,
  { json, terminal, begin }: Options,
): Promise<{ readonly code: ExitCode; readonly run: Run; readonly folder: string }> {
  const interrupts = listenForInterrupts(terminal)
  let id: RunId | null = null
  const line = progressLine()
  const stop = queue.listen((event) => {
    if (event.type === 'progress') terminal.status(progressed(event.message, event.fraction))
    if (event.type !== 'run' || event.id !== id) return
    for (const one of event.events) {
      if (json) terminal.printJson({ run: id, ...one })
      else if (one.type === 'epochEnded' && !terminal.isInteractive)
        terminal.say(epochLine(one.epoch, library.run(event.id)))
      else if (one.type === 'noted') terminal.say(plainLine(one.message))
      line.onEvent(one)
    }
    if (!json) terminal.status(line.text(library.run(event.id)))
  })
  try {
    const started = await begin(queue, library)
    id = started
    if (json) terminal.printJson({ type: 'queued', run: id, folder: library.runFolder(id) })
    else terminal.say(`Run ${id} · ${runName(library.run(id))} · ${library.runFolder(id)}`)
    interrupts.on(
      () => queue.pause(started),
      () => queue.kill(started),
    )
    const run = await queue.settled(started)
    // What it said last may still wait for its turn.
    await queue.shutDown({ pause: true })
    terminal.status('')
    const full = await library.readRun(started)
    if (json) terminal.printJson({ type: 'record', run: id, record: full })
    return { code: codeOf(run, interrupts.count()), run: full, folder: library.runFolder(started) }
  } finally {
    stop()
    interrupts.off()
  }
}

/**
 * The first signal asks for a pause. At a terminal, a second Ctrl-C ends training at once, and a third ends this
 * process.
 */
function listenForInterrupts(terminal: Terminal): {
  readonly on: (pause: () => Promise<void>, kill: () => Promise<void>) => void
  readonly count: () => number
  readonly off: () => void
} {
  let heard = 0
  let act: (() => void) | null = null
  const off = onInterrupt((cause) => {
    if (heard > 0 && !isInsistent(cause)) return
    heard++
    if (heard === 1)
      terminal.say(`Pausing: writing a checkpoint …${isInsistent('SIGINT') ? ' (Ctrl-C once more stops at once)' : ''}`)
    if (heard > 2) process.exit(130)
    act?.()
  })
  return {
    on: (pause, kill) => {
      const reportError = (error: unknown): void => terminal.say(errorText(error))
      act = () => {
        ;(heard > 1 ? kill() : pause()).catch(reportError)
      }
      // It may have been asked for while the data was being looked at.
      if (heard > 0) act()
    },
    count: () => heard,
    off,
  }
}

function codeOf(run: Run, interrupts: number): ExitCode {
  switch (run.status) {
    case 'finished':
    case 'stopped':
    case 'earlyStopped':
      return 0
    case 'paused':
      return run.message === '' ? 130 : 1
    case 'interrupted':
      return interrupts > 0 ? 130 : 1
    default:
      return 1
  }
}

const epochLine = (epoch: Run['epochs'][number], run: Run): string => {
  const scores = ({ loss, accuracy }: Score): string => `loss ${significant(loss)}, accuracy ${formatPercent(accuracy)}`
  return [
    `epoch ${epoch.epoch}/${plannedEpochs(run)}`,
    `train ${scores(epoch.train)}`,
    ...(epoch.validation === null ? [] : [`validation ${scores(epoch.validation)}`]),
    `rate ${significant(epoch.learningRate)}`,
    formatClock(epoch.seconds),
  ].join('  ')
}

/** What became of a run, for people: a few lines. */
export function endingLines(run: Run): readonly string[] {
  const best = bestEpoch(run)
  const seconds =
    run.epochs.length === 0 ? null : run.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0) / run.epochs.length
  const { last, best: tested } = run.test
  const { what, why } = endingOf(run)
  const chance = (score: Score | null): string => {
    const note = chanceNote(score, run.facts?.classes.length)
    return note === '' ? '' : `, ${note}`
  }
  return [
    `Run ${run.id} ${what}${why === '' ? '' : `: ${why}`}`,
    ...(run.status === 'diverged' ? [`  ${divergedMeans}`] : []),
    `  ${formatCount(run.moment.update)} of ${formatCount(run.updates)} updates, ${formatCount(run.moment.epoch)} of ` +
      `${formatCount(plannedEpochs(run))} epochs, ${formatClock(run.moment.seconds)} of ` +
      `training${seconds === null ? '' : `, ${formatClock(seconds)} per epoch`}`,
    ...(best === undefined || best.validation === null
      ? []
      : [
          `  best validation accuracy ${formatPercent(best.validation.accuracy)} in epoch ` +
            `${best.epoch}${run.status === 'diverged' ? ', before it diverged' : ''}${chance(best.validation)}`,
        ]),
    ...(tested === null
      ? []
      : [
          `  test accuracy ${scored(tested.score)} with the weights of epoch ${tested.epoch}, which validation ` +
            `chose${chance(tested.score)}`,
        ]),
    ...(last === null
      ? []
      : [`  test accuracy ${scored(last.score)} with the last weights (epoch ${last.epoch})${chance(last.score)}`]),
  ]
}

/** Ends a training command: the summary on stdout; a run that failed is an error too. */
export function printEnding(
  { code, run, folder }: Awaited<ReturnType<typeof trainHere>>,
  json: boolean,
  terminal: Terminal,
): ExitCode {
  const [first, ...rest] = endingLines(run)
  if (!json) for (const line of [...(code === 1 ? [] : [first ?? '']), ...rest, `  ${folder}`]) terminal.print(line)
  if (code === 1) throw failed(first ?? '')
  if (!json && (run.status === 'paused' || run.status === 'interrupted'))
    terminal.say(`Go on with: batchlab resume ${run.id}`)
  return code
}
