import { basename } from 'node:path'
import type { RunConfig } from '../../core/config/config'
import { parseConfig } from '../../core/config/parse'
import { configFields, valueAt, withValue, type Field } from '../../core/fields'
import { expectedOf, typedNumber, typedNumbers } from '../../core/typed'
import { withFullPath } from '../data/place'
import { FileError } from '../files/fileError'
import { configLimits, parseJsonBytes, readCapped } from '../files/jsonFile'
import { parseJson } from '../files/jsonText'
import { badInput, linesOf } from './failure'
import { nearest } from './nearest'
import { readPreset } from './presetFiles'

/** The options by which a command takes a config. */
export const configOptions = {
  preset: { type: 'string', value: 'NAME', help: 'Use a config that comes with the program (see batchlab presets)' },
  set: {
    type: 'string',
    multiple: true,
    value: 'PATH=VALUE',
    help: 'Change a setting, such as batchSize=32 or learningRate.schedule.type=cosine; may be given often',
  },
} as const

/** All that stdin holds, up to the size that a config may have. */
async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of process.stdin) {
    const piece = chunk as Buffer
    bytes += piece.byteLength
    if (bytes > configLimits.maxBytes)
      throw badInput(
        `The config on standard input is larger than allowed: expected at most ${configLimits.maxBytes / 2 ** 20} MiB`,
      )
    chunks.push(piece)
  }
  return Buffer.concat(chunks)
}

async function readJsonInput(file: string): Promise<unknown> {
  try {
    const bytes = file === '-' ? await readStdin() : await readCapped(file, configLimits.maxBytes)
    return parseJsonBytes(file === '-' ? 'standard input' : file, bytes, configLimits.maxDepth)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    const isPipe = error.code === 'ENOTFILE' && /^\/(dev|proc)\//.test(file)
    const hint = '. What another program prints is read where the config is named - and comes on standard input'
    throw badInput(`${error.message}${isPipe ? hint : ''}`)
  }
}

/**
 * The config that was asked for: a file, standard input, a preset or the defaults, with `--set` applied, parsed and
 * complete.
 */
export async function readConfig(
  file: string | undefined,
  { preset, set }: { readonly preset: string | undefined; readonly set: readonly string[] },
): Promise<RunConfig> {
  if (file !== undefined && preset !== undefined) throw badInput('Give a config or --preset, not both')
  const input = preset !== undefined ? await readPreset(preset) : file === undefined ? {} : await readJsonInput(file)
  const where =
    preset !== undefined
      ? `preset ${preset}`
      : file === undefined
        ? ''
        : file === '-'
          ? 'standard input'
          : basename(file)
  const parsed = parseConfig(input)
  if (!parsed.ok) throw badInput(linesOf(parsed.issues, where))
  return withSettings(parsed.value, set)
}

// Kinds from the outermost inwards, then what belongs to them; entries of a list after the list.
function turnOf(path: string): number {
  const keys = path.split('.')
  const isInList = keys.some((key) => /^\d+$/.test(key))
  return (isInList ? 1000 : 0) + (keys.at(-1) === 'type' ? keys.length : 500)
}

/**
 * A config with `path=value` settings changed; a setting's kind (`….type`) is changed before what belongs to it. Data
 * is found from the working directory, wherever its path was written, and from then on by its full path: the run may go
 * on from another directory.
 */
export function withSettings(config: RunConfig, settings: readonly string[]): RunConfig {
  const changes = settings.map(settingFrom)
  const ordered = changes.slice().sort((a, b) => turnOf(a.path) - turnOf(b.path))
  let input: unknown = config
  for (const { path, value } of ordered) {
    const list = /^(.+)\.(\d+)\./.exec(path)
    if (list !== null && valueAt(input, `${list[1] ?? ''}.${list[2] ?? ''}`) === undefined)
      throw badInput(
        `--set ${path}: there is no entry ${list[2] ?? ''} in ${list[1] ?? ''}; its entries are counted from ` +
          '0, and the whole list can be set as JSON',
      )
    if (valueAt(input, path) !== value) input = withValue(input, path, value)
  }
  const parsed = parseConfig(input)
  if (!parsed.ok) throw badInput(linesOf(parsed.issues))
  return withFullPath(parsed.value)
}

function settingFrom(text: string): { readonly path: string; readonly value: unknown } {
  const at = text.indexOf('=')
  const path = text.slice(0, Math.max(0, at)).trim()
  if (path === '') throw badInput(`--set expects PATH=VALUE, found “${text.slice(0, 60)}”`)
  // The entries of a list have the settings of its first one.
  const kind = settable().get(path.replace(/\.\d+(?=\.)/g, '.0'))
  if (kind === undefined) {
    const close = nearest(path, [...settable().keys()])
    throw badInput(
      `--set ${path.slice(0, 100)}: there is no such setting${close === null ? '' : `; did you mean ${close}?`}`,
    )
  }
  return { path, value: valueFrom(path, text.slice(at + 1), kind) }
}

// A number is read as in the window's boxes, so that a comma never changes one. What else is JSON is taken as such;
// anything else is a text, so that names need no quotes, not even one that is a number.
function valueFrom(path: string, text: string, field: Field): unknown {
  if (field.kind === 'text' && !text.startsWith('"')) return text
  if (field.kind === 'number' || field.kind === 'integer') {
    const typed = typedNumber(text, expectedOf(field))
    if (typed.ok) return typed.value
    if (typed.isUnclear) throw badInput(`--set ${path} ${typed.problem}`)
  }
  try {
    return parseJson(text, configLimits.maxDepth)
  } catch {
    return listFrom(path, text, field) ?? text
  }
}

function listFrom(path: string, text: string, field: Field): unknown {
  if (field.kind !== 'list' || field.fields.length > 0 || !/^[\d\s.,;+-]/.test(text)) return null
  const typed = typedNumbers(text, expectedOf(field))
  if (!typed.ok) throw badInput(`--set ${path} ${typed.problem}`)
  return typed.values
}

let paths: ReadonlyMap<string, Field> | undefined

function settable(): ReadonlyMap<string, Field> {
  paths ??= new Map(settingsIn(configFields()))
  return paths
}

function settingsIn(fields: readonly Field[]): readonly (readonly [string, Field])[] {
  return fields.flatMap((field): readonly (readonly [string, Field])[] => [
    [field.path, field],
    ...(field.kind === 'variant'
      ? [
          [`${field.path}.type`, { ...field, kind: 'choice' }] as const,
          ...field.options.flatMap((option) => settingsIn(option.fields)),
        ]
      : settingsIn(field.fields)),
  ])
}
