import { parseArgs } from 'node:util'
import { errorText } from '../../core/errorText'
import { typedNumber } from '../../core/typed'
import { badInput, type ExitCode } from './failure'
import type { Terminal } from './terminal'

/** One option of a command, as the parser and the help need it. */
export interface Option {
  readonly type: 'string' | 'boolean'
  readonly multiple?: boolean
  /** What stands for the value in the help. */
  readonly value?: string
  readonly help: string
}
type Options = Readonly<Record<string, Option>>

type ValueOf<O extends Option> = O['type'] extends 'boolean'
  ? boolean
  : O extends { readonly multiple: true }
    ? readonly string[]
    : string | undefined
type Values<O extends Options> = { readonly [K in keyof O]: ValueOf<O[K]> }

/** A command ready to run: its options are known, its arguments are not parsed yet. */
export interface Command {
  readonly options: Options
  /** Lines under the options in the help. */
  readonly notes: readonly string[]
  readonly invoke: (args: readonly string[], terminal: Terminal) => Promise<ExitCode>
}

interface Definition<O extends Options> {
  readonly options: O
  readonly notes?: readonly string[]
  /** Names of what stands after the command; one ending in … takes any number, one in brackets may be missing. */
  readonly positionals: readonly string[]
  readonly run: (values: Values<O>, positionals: readonly string[], terminal: Terminal) => Promise<ExitCode>
}

/** Describes a command once: parser, help and types follow from it. */
export function defineCommand<const O extends Options>({
  options,
  notes = [],
  positionals,
  run,
}: Definition<O>): Command {
  return {
    options,
    notes,
    invoke: async (args, terminal) => {
      const parsed = parse(args, options)
      const least = positionals.filter((name) => !name.startsWith('[')).length
      const most = positionals.some((name) => name.includes('…')) ? Infinity : positionals.length
      if (parsed.positionals.length < least)
        throw badInput(`${positionals[parsed.positionals.length] ?? 'An argument'} is missing`)
      const extra = parsed.positionals[most]
      if (extra !== undefined)
        throw badInput(`“${extra}” is one argument too many: expected ${most === 0 ? 'none' : positionals.join(' ')}`)
      // The parser was built from `options`, so its values have their types.
      return await run(parsed.values as Values<O>, parsed.positionals, terminal)
    },
  }
}

function parse(
  args: readonly string[],
  options: Options,
): { readonly values: Readonly<Record<string, unknown>>; readonly positionals: readonly string[] } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      strict: true,
      options: Object.fromEntries(
        Object.entries(options).map(([name, { type, multiple = false }]) => [name, { type, multiple }]),
      ),
    })
    const defaults = Object.fromEntries(
      Object.entries(options).map(([name, { type, multiple }]) => [
        name,
        type === 'boolean' ? false : multiple === true ? [] : undefined,
      ]),
    )
    return { values: { ...defaults, ...values }, positionals }
  } catch (error) {
    // Node adds advice after its first sentence that only fits some commands.
    const [sentence = ''] = errorText(error).split(/\. |\n/)
    throw badInput(sentence)
  }
}

/** A number given as an option, held to its limits. */
export function wholeNumber(name: string, text: string, minimum: number): number {
  const typed = typedNumber(text, { kind: 'integer', isShare: false })
  if (!typed.ok && typed.isUnclear) throw badInput(`--${name} ${typed.problem}`)
  const value = typed.ok ? typed.value : NaN
  if (!Number.isSafeInteger(value) || value < minimum)
    throw badInput(`--${name} must be a whole number of at least ${minimum}, found “${text}”`)
  return value
}
