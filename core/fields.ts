import { z } from 'zod'
import { RunConfig } from './config/config'

/**
 * One control of the form, one path of `--set`, one line of the reference page: what the schema says of one setting.
 */
export interface Field {
  readonly path: string
  readonly kind: 'number' | 'integer' | 'boolean' | 'text' | 'choice' | 'list' | 'group' | 'variant'
  readonly label: string
  readonly help: string
  readonly unit: string
  readonly paper: string
  readonly minimum: number | null
  readonly maximum: number | null
  readonly step: number | null
  readonly log: boolean
  /** Whether the entries of a list are whole numbers. */
  readonly wholeEntries: boolean
  /** Whether the value may be null (an empty box). */
  readonly nullable: boolean
  readonly initial: unknown
  /** The values of a choice, or the kinds of a variant. */
  readonly options: readonly {
    readonly value: string | number
    readonly label: string
    readonly help: string
    readonly fields: readonly Field[]
  }[]
  /**
   * The members of a group, or of the entries of a list of groups; those of its first entry, `path.0`, stand for all.
   */
  readonly fields: readonly Field[]
}

type Node = Readonly<Record<string, unknown>>
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const number = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : null
const nodes = (value: unknown): readonly Node[] => (Array.isArray(value) ? value.filter(isNode) : [])
const named = (key: string): string =>
  key
    .replace(/([A-Z])/g, ' $1')
    .toLowerCase()
    .replace(/^./, (first) => first.toUpperCase())

const constantType = (node: Node): string => {
  const properties = isNode(node.properties) ? node.properties : {}
  return isNode(properties.type) ? text(properties.type.const) : ''
}

function fieldFrom(path: string, node: Node): Field {
  const alternatives = nodes(node.anyOf ?? node.oneOf)
  const variants = alternatives.filter((one) => constantType(one) !== '')
  const nullable = alternatives.some((one) => one.type === 'null')
  const inner = nullable ? (alternatives.find((one) => one.type !== 'null') ?? node) : node
  const key = path.slice(path.lastIndexOf('.') + 1)
  const common = {
    path,
    nullable,
    label: text(node.label) || text(inner.label) || named(key),
    help: text(node.help) || text(inner.help),
    unit: text(node.unit),
    paper: text(node.paper),
    minimum: number(inner.minimum) ?? number(inner.exclusiveMinimum),
    maximum: number(inner.maximum) ?? number(inner.exclusiveMaximum),
    step: number(node.step),
    log: node.log === true,
    wholeEntries: isNode(inner.items) && inner.items.type === 'integer',
    initial: node.default ?? null,
    options: [],
    fields: [],
  }
  if (variants.length > 0) {
    const options = variants.map((one) => ({
      value: constantType(one),
      label: text(one.label) || named(constantType(one)),
      help: text(one.help),
      fields: membersOf(path, one),
    }))
    return { ...common, kind: 'variant', options }
  }
  if (Array.isArray(inner.enum))
    return {
      ...common,
      kind: 'choice',
      options: inner.enum.map((value: unknown) => ({
        value: typeof value === 'number' ? value : String(value),
        label: named(String(value)),
        help: '',
        fields: [],
      })),
    }
  if (isNode(inner.properties)) return { ...common, kind: 'group', fields: membersOf(path, inner) }
  switch (inner.type) {
    case 'boolean':
      return { ...common, kind: 'boolean' }
    case 'integer':
      return { ...common, kind: 'integer' }
    case 'number':
      return { ...common, kind: 'number' }
    case 'array':
      return { ...common, kind: 'list', fields: isNode(inner.items) ? membersOf(`${path}.0`, inner.items) : [] }
    default:
      return { ...common, kind: 'text' }
  }
}

function membersOf(path: string, node: Node): readonly Field[] {
  const properties = isNode(node.properties) ? node.properties : {}
  return Object.entries(properties).flatMap(([key, value]) =>
    isNode(value) && text(value.const) === '' ? [fieldFrom(path === '' ? key : `${path}.${key}`, value)] : [],
  )
}

/** The JSON Schema of a config as people write it: also what `batchlab schema` prints. */
export const configSchema = (): Readonly<Record<string, unknown>> =>
  z.toJSONSchema(RunConfig, { io: 'input', reused: 'inline' })

let known: readonly Field[] | undefined

/** The settings of a config, in the schema's order, as a tree; made once, for a form asks for it again and again. */
export const configFields = (): readonly Field[] => (known ??= membersOf('', configSchema()))

/**
 * The setting at a path, entries of lists included; where kinds of one thing have settings of the same path, that of
 * the kind which an input chooses.
 */
export function fieldAt(path: string, input: unknown): Field | undefined {
  const wanted = path.replace(/\.\d+(?=\.|$)/g, '.0')
  const within = (fields: readonly Field[]): Field | undefined => {
    for (const field of fields) {
      if (field.path === wanted) return field
      if (!wanted.startsWith(`${field.path}.`)) continue
      const chosen = valueAt(input, `${field.path}.type`)
      const options = [...field.options].sort((a, b) => Number(b.value === chosen) - Number(a.value === chosen))
      for (const some of [field.fields, ...options.map((option) => option.fields)]) {
        const found = within(some)
        if (found !== undefined) return found
      }
      if (field.kind === 'list' && field.fields.length === 0) return field
    }
    return undefined
  }
  return within(configFields())
}

const isIndex = (key: string): boolean => /^(0|[1-9]\d{0,6})$/.test(key)

/** The value at a dotted path, or undefined; entries of lists are counted from 0. */
export const valueAt = (config: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return isIndex(key) ? (value as readonly unknown[])[Number(key)] : undefined
    return isNode(value) && Object.hasOwn(value, key) ? value[key] : undefined
  }, config)

/**
 * A copy with the value at a dotted path replaced. Replacing a `type` drops the settings of the kind that was there; a
 * list has no entries beyond its end.
 */
export function withValue(config: unknown, path: string, value: unknown): unknown {
  const [key = '', ...rest] = path.split('.')
  if (key === '__proto__') return config
  if (Array.isArray(config) && isIndex(key)) {
    const change = (entry: unknown, index: number): unknown =>
      index !== Number(key) ? entry : rest.length === 0 ? value : withValue(entry, rest.join('.'), value)
    return config.map(change)
  }
  const node = isNode(config) ? config : {}
  if (rest.length === 0) return key === 'type' ? { type: value } : { ...node, [key]: value }
  return { ...node, [key]: withValue(Object.hasOwn(node, key) ? node[key] : undefined, rest.join('.'), value) }
}

/** All settable paths, variants included, as leaves. */
export function leafPaths(fields: readonly Field[] = configFields()): readonly string[] {
  return fields.flatMap((field): readonly string[] => {
    if (field.kind === 'group') return leafPaths(field.fields)
    if (field.kind === 'variant')
      return [`${field.path}.type`, ...new Set(field.options.flatMap((option) => leafPaths(option.fields)))]
    return [field.path]
  })
}
