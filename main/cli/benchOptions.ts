import { availableParallelism } from 'node:os'
import {
  benchEngines,
  benchModes,
  benchNetworkNames,
  usualModes,
  type BenchEngine,
  type BenchMode,
  type BenchNetwork,
} from '../../bench/cases'
import { measurementNames } from '../../bench/job'
import { wholeNumber } from './command'
import { badInput } from './failure'
import { nearest } from './nearest'

/** What `bench` can measure: `step` is the table of updates, the rest is by itself. */
export const benchParts = ['step', ...measurementNames, 'start', 'window'] as const
export type BenchPart = (typeof benchParts)[number]

/** What was asked for on the command line, as text. */
export interface BenchArguments {
  readonly network: string | undefined
  readonly batch: string | undefined
  readonly engine: string | undefined
  readonly mode: string | undefined
  readonly what: string | undefined
  readonly threads: string | undefined
  readonly rounds: string | undefined
  readonly seconds: string | undefined
  readonly updates: string | undefined
  readonly all: boolean
  readonly app: boolean
}

/** What will be measured, and how. */
export interface BenchOptions {
  readonly networks: readonly BenchNetwork[]
  readonly batchSizes: readonly number[]
  readonly engines: readonly BenchEngine[]
  readonly modes: readonly BenchMode[]
  readonly what: readonly BenchPart[]
  readonly threads: number
  readonly rounds: number
  readonly seconds: number
  readonly updates: number | null
  /** Whether nothing was said of what to measure, so that the quick table was taken. */
  readonly isQuick: boolean
}

const quick = {
  networks: ['conv4', 'resnet8'],
  batchSizes: [2, 32, 128],
  engines: ['tensorflow'],
  rounds: 3,
  seconds: 0.5,
} as const
const whole = {
  networks: benchNetworkNames,
  batchSizes: [2, 8, 32, 128, 512, 1024],
  engines: ['tensorflow', 'wasm'],
  rounds: 5,
  seconds: 1,
} as const

const listed = (text: string): readonly string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')

function chosen<T extends string>(
  name: string,
  text: string | undefined,
  known: readonly T[],
  otherwise: readonly T[],
): readonly T[] {
  if (text === undefined) return otherwise
  const picked = listed(text).map((one) => {
    const found = known.find((each) => each === one)
    if (found !== undefined) return found
    const close = nearest(one, known)
    throw badInput(
      `--${name} ${one}: expected ${known.join(', ')}${close === null ? '' : `; did you mean “${close}”?`}`,
    )
  })
  if (picked.length === 0) throw badInput(`--${name} names nothing; expected some of ${known.join(', ')}`)
  return [...new Set(picked)]
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0 || value > 600)
    throw badInput(`--${name} must be a number of seconds above 0 and at most 600, found “${text}”`)
  return value
}

const largestBatch = 65536

/** Reads the options; throws a sentence that names the one that is wrong. */
export function benchOptions(given: BenchArguments): BenchOptions {
  const base = given.all ? whole : quick
  const batchSizes =
    given.batch === undefined ? base.batchSizes : listed(given.batch).map((text) => wholeNumber('batch', text, 1))
  if (batchSizes.length === 0) throw badInput('--batch names nothing; expected whole numbers such as 2,32,128')
  const huge = batchSizes.find((size) => size > largestBatch)
  if (huge !== undefined) throw badInput(`--batch can be at most ${largestBatch}, found ${huge}`)
  const parts: readonly BenchPart[] = [
    ...chosen('what', given.what, benchParts, given.all ? benchParts : given.app ? [] : ['step']),
    ...(given.app ? (['start', 'window'] as const) : []),
  ]
  const engines = chosen('engine', given.engine, benchEngines, base.engines)
  const modes = chosen('mode', given.mode, benchModes, usualModes)
  if (!modes.includes('eager') && !engines.includes('tensorflow'))
    throw badInput(
      `--mode ${modes.join(',')}: only the engine tensorflow captures updates, found ${engines.join(', ')}`,
    )
  return {
    networks: chosen('network', given.network, benchNetworkNames, base.networks),
    batchSizes: [...new Set(batchSizes)],
    engines,
    modes,
    what: benchParts.filter((part) => parts.includes(part)),
    threads: given.threads === undefined ? availableParallelism() : wholeNumber('threads', given.threads, 1),
    rounds: given.rounds === undefined ? base.rounds : wholeNumber('rounds', given.rounds, 1),
    seconds: given.seconds === undefined ? base.seconds : positive('seconds', given.seconds),
    updates: given.updates === undefined ? null : wholeNumber('updates', given.updates, 1),
    isQuick: !given.all && given.network === undefined && given.batch === undefined,
  }
}
