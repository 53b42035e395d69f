import { ScheduleChoice } from '../../../core/extension'
import type { Run } from '../../../core/run'
import { allowsAction } from '../../../core/runActions'
import { fullPath } from '../../data/place'
import { sourcePath } from '../../data/dataError'
import { RequestError } from '../../requests/requestError'
import { defineCommand, wholeNumber } from '../command'
import { badInput, linesOf } from '../failure'
import { writingOptions } from '../libraryAccess'
import { findRun } from '../runArgument'
import { printEnding, eventOptions, trainHere } from '../training'

export const resume = defineCommand({
  options: {
    epochs: {
      type: 'string',
      value: 'N',
      help: 'Extend the run: train until it has N epochs in all; where that was interrupted, the same command goes on',
    },
    schedule: {
      type: 'string',
      value: 'CHOICE',
      help:
        'What becomes of the schedule of an extended run: replan plans it over all epochs, hold keeps its last ' +
        'rate, restart repeats it over the added epochs',
    },
    data: {
      type: 'string',
      value: 'PATH',
      help: 'Where its data is now, if it was moved; accepted where its fingerprint shows that it is the same',
    },
    set: {
      type: 'string',
      multiple: true,
      value: 'data.source.path=PATH',
      help: 'The same; every other setting of a run that goes on is that of its start',
    },
    'accept-changed-data': {
      type: 'boolean',
      help: 'Go on even if the data set is not the one that the run began with',
    },
    ...writingOptions,
    ...eventOptions,
  },
  notes: [
    'On the CPU the result is the same to the bit as if the run had never been paused.',
    'A run whose data is missing or not what it was trained on is left as it is (exit code 2).',
    'An extension that would make the rate jump, because the schedule ends with the run, is refused until ' +
      '--schedule says what is meant. Batch growth, SWA and post-local SGD keep their epochs.',
  ],
  positionals: ['RUN'],
  run: async (
    { epochs, schedule: choice, data, set, 'accept-changed-data': acceptChangedData, dir, 'take-over': takeOver, json },
    [wanted = ''],
    terminal,
  ) => {
    const total = epochs === undefined ? null : wholeNumber('epochs', epochs, 1)
    const schedule = choice === undefined ? null : choiceOf(choice)
    if (schedule !== null && total === null)
      throw badInput('--schedule says what becomes of the schedule of an extended run: expected --epochs N beside it')
    const options = { acceptChangedData, place: placeFrom(data, set) }
    const outcome = await sayingHow(wanted, () =>
      trainHere({
        dir,
        takeOver,
        json,
        terminal,
        begin: async (queue, library) => {
          const run = findRun(library.runs(), wanted)
          const { id } = run
          if (total === null || isExtendedSo(run, total, schedule)) await queue.resume(id, options)
          else await queue.extend(id, total, { ...options, schedule })
          return id
        },
      }),
    )
    return printEnding(outcome, json, terminal)
  },
})

/**
 * Whether the same command has extended the run before and was killed before the end: it goes on then, as a sweep does.
 */
function isExtendedSo(run: Run, epochs: number, schedule: ScheduleChoice | null): boolean {
  const last = run.extensions?.at(-1)
  return allowsAction('resume', run) && last?.epochs === epochs && (schedule === null || last.schedule === schedule)
}

/** A refusal of the data with what can be typed about it. */
async function sayingHow<T>(run: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof RequestError) || !error.issues.some(({ path }) => path === sourcePath)) throw error
    throw badInput(`${linesOf(error.issues)}\nWhere it was moved to is said with: batchlab resume ${run} --data PATH`)
  }
}

function placeFrom(data: string | undefined, set: readonly string[]): string | undefined {
  const prefix = `${sourcePath}=`
  const foreign = set.find((one) => !one.startsWith(prefix))
  if (foreign !== undefined)
    throw badInput(
      `--set ${foreign.slice(0, 60)}: a run that goes on keeps its settings; only ${sourcePath} can be changed ` +
        'here, and batchlab fork takes others',
    )
  const places = [...(data === undefined ? [] : [data]), ...set.map((one) => one.slice(prefix.length))].map((one) =>
    fullPath(one),
  )
  if (new Set(places).size > 1) throw badInput(`Say once where the data is now, found ${places.join(' and ')}`)
  return places[0]
}

function choiceOf(text: string): ScheduleChoice {
  const { success, data } = ScheduleChoice.safeParse(text)
  if (!success)
    throw badInput(`--schedule must be ${ScheduleChoice.options.join(' or ')}, found “${text.slice(0, 60)}”`)
  return data
}
