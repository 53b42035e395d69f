import type { z } from 'zod'
import type { Issue } from '../issue'
import { fieldAt, valueAt } from '../fields'
import { typedNumber, typedProblem, expectedOf } from '../typed'
import { RunConfig } from './config'

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly issues: readonly Issue[] }

const mostShown = 60
const mostPath = 300
/** Only as much of a value as can be shown: nobody waits for the rest of a long one to be written. */
const beginning = (_key: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'string') return value.slice(0, mostShown)
  if (Array.isArray(value)) return value.slice(0, mostShown / 2)
  if (typeof value !== 'object' || value === null) return value
  const first: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  let count = 0
  for (const key in value) {
    if (++count > mostShown / 5) break
    first[key] = (value as Record<string, unknown>)[key]
  }
  return first
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  try {
    const text = typeof value === 'number' ? String(value) : JSON.stringify(value, beginning)
    return text.length > mostShown ? `${text.slice(0, mostShown - 3)}…` : text
  } catch {
    // What holds itself cannot be written, nor what is too deep.
    return `${article(typeof value)} that cannot be shown`
  }
}

const at = (root: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    root,
  )

function sentence(issue: z.core.$ZodIssue, found: unknown): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `unknown ${issue.keys.length > 1 ? 'settings' : 'setting'} ${issue.keys
        .slice(0, 5)
        .map((key) => shown(key))
        .join(', ')}`
    case 'too_small':
      return (
        `must be ${issue.inclusive === false ? 'more than' : 'at least'} ` +
        `${String(issue.minimum)}${unitOf(issue.origin)}, found ${shown(found)}`
      )
    case 'too_big':
      return (
        `must be ${issue.inclusive === false ? 'less than' : 'at most'} ` +
        `${String(issue.maximum)}${unitOf(issue.origin)}, found ${shown(found)}`
      )
    case 'invalid_type':
      return (
        `must be ${article(issue.expected)}, found ` +
        `${typeof found === 'number' && !Number.isFinite(found) ? String(found) : shown(found)}`
      )
    case 'invalid_value':
      return `must be ${issue.values.map(shown).join(' or ')}, found ${shown(found)}`
    case 'invalid_union':
      return `has an unknown or missing type, found ${shown(found)}`
    default:
      return issue.message
  }
}

const unitOf = (origin: string): string => (origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : '')
const article = (expected: string): string =>
  expected === 'int' ? 'a whole number' : /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`

/** Parses untrusted input with a schema; what is wrong comes back as one sentence per field. */
export function parseWith<S extends z.ZodType>(schema: S, input: unknown): Parsed<z.output<S>> {
  const result = schema.safeParse(input)
  if (result.success) return { ok: true, value: result.data }
  return {
    ok: false,
    issues: result.error.issues.slice(0, 50).map((issue) => ({
      path: issue.path.join('.').slice(0, mostPath),
      message: sentence(issue, at(input, issue.path)),
    })),
  }
}

/**
 * Parses a config as people write it and fills in the defaults. Text that was typed where a number belongs is refused
 * with what it can mean.
 */
export function parseConfig(input: unknown): Parsed<RunConfig> {
  const parsed = parseWith(RunConfig, input)
  return parsed.ok
    ? parsed
    : {
        ok: false,
        issues: parsed.issues.map((issue) => ({ ...issue, message: ofText(issue.path, input) ?? issue.message })),
      }
}

function ofText(path: string, input: unknown): string | null {
  const text = valueAt(input, path)
  if (typeof text !== 'string') return null
  const field = fieldAt(path, input)
  if (field === undefined) return null
  if (field.kind !== 'list' || field.path === path) return typedProblem(field, text)
  // An entry of a list.
  const typed = typedNumber(text, expectedOf(field))
  return typed.ok || !typed.isUnclear ? null : typed.problem
}
