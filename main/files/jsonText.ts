/** Why a text is not JSON that we accept, and where: `Line 3, column 7: expected a value, found “}”`. */
export class JsonTextError extends Error {
  readonly line: number
  readonly column: number

  constructor(text: string, at: number, reason: string) {
    const before = text.slice(0, at)
    const line = before.split('\n').length
    const column = at - before.lastIndexOf('\n')
    super(`line ${String(line)}, column ${String(column)}: ${reason}`)
    this.name = 'JsonTextError'
    this.line = line
    this.column = column
  }
}

type Place = 'value' | 'firstItem' | 'firstKey' | 'key' | 'afterValue'

const blank = /[ \t\r\n]*/y
const plainText = /[^"\\\u0000-\u001f]*/y
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const word = /true|false|null/y
const foreignWord = /[+-]?[A-Za-z_$][\w$]*|\S/uy

const matchAt = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : -1
}

const foundAt = (text: string, at: number): string => {
  if (at >= text.length) return 'the end of the text'
  foreignWord.lastIndex = at
  return `“${(foreignWord.exec(text)?.[0] ?? text.charAt(at)).slice(0, 30)}”`
}

const endOfString = (text: string, start: number): number => {
  let at = start + 1
  for (;;) {
    at = matchAt(plainText, text, at)
    if (text[at] === '"') return at + 1
    const next = matchAt(escape, text, at)
    if (next < 0)
      throw new JsonTextError(
        text,
        at,
        `a string holds ${at < text.length ? 'a character that must be escaped' : 'no closing quote'}`,
      )
    at = next
  }
}

const endOfScalar = (text: string, at: number): number => {
  if (text[at] === '"') return endOfString(text, at)
  const afterNumber = matchAt(number, text, at)
  if (afterNumber > 0) {
    if (Number.isFinite(Number(text.slice(at, afterNumber)))) return afterNumber
    throw new JsonTextError(text, at, `${text.slice(at, afterNumber).slice(0, 30)} is too large for a number`)
  }
  const afterWord = matchAt(word, text, at)
  if (afterWord < 0) throw new JsonTextError(text, at, `expected a value, found ${foundAt(text, at)}`)
  return afterWord
}

const checkKey = (text: string, at: number, key: string, keys: Set<string>, parent: string): void => {
  if (keys.has(key)) throw new JsonTextError(text, at, `“${key}” is given twice`)
  if (key === '__proto__' || (key === 'prototype' && parent === 'constructor')) {
    throw new JsonTextError(text, at, `“${key}” is not allowed as a name`)
  }
  keys.add(key)
}

interface Level {
  /** The names seen so far in an object; absent in an array. */
  readonly keys?: Set<string>
  readonly name: string
}

/**
 * Walks a JSON text without recursion and without building anything, and throws at the first thing we refuse: bad
 * syntax, deeper than `maxDepth`, a name given twice (JSON.parse would keep the last one in silence), a name that
 * reaches prototypes, or a number like 1e999 that would turn into Infinity.
 */
export const checkJsonText = (text: string, maxDepth: number): void => {
  const levels: Level[] = []
  let place: Place = 'value'
  let name = ''
  let at = 0
  for (;;) {
    at = matchAt(blank, text, at)
    const level = levels.at(-1)
    const character = text[at]
    if (place === 'afterValue') {
      if (level === undefined) break
      if (character === ',') {
        place = level.keys === undefined ? 'value' : 'key'
      } else if (character === (level.keys === undefined ? ']' : '}')) {
        levels.pop()
      } else {
        throw new JsonTextError(
          text,
          at,
          `expected “,” or “${level.keys === undefined ? ']' : '}'}”, found ${foundAt(text, at)}`,
        )
      }
      at++
    } else if ((place === 'firstItem' && character === ']') || (place === 'firstKey' && character === '}')) {
      levels.pop()
      place = 'afterValue'
      at++
    } else if (place === 'key' || place === 'firstKey') {
      if (character !== '"' || level?.keys === undefined)
        throw new JsonTextError(text, at, `expected a name in quotes, found ${foundAt(text, at)}`)
      const end = endOfString(text, at)
      name = JSON.parse(text.slice(at, end)) as string
      checkKey(text, at, name, level.keys, level.name)
      at = matchAt(blank, text, end)
      if (text[at] !== ':') throw new JsonTextError(text, at, `expected “:”, found ${foundAt(text, at)}`)
      at++
      place = 'value'
    } else if (character === '{' || character === '[') {
      if (levels.length === maxDepth)
        throw new JsonTextError(text, at, `more than ${String(maxDepth)} levels inside each other`)
      levels.push(character === '{' ? { keys: new Set(), name: level?.keys === undefined ? '' : name } : { name: '' })
      place = character === '{' ? 'firstKey' : 'firstItem'
      at++
    } else {
      at = endOfScalar(text, at)
      place = 'afterValue'
    }
  }
  if (at < text.length) throw new JsonTextError(text, at, `expected the end, found ${foundAt(text, at)}`)
}

// Escapes can spell anything: who meets one looks closer.
const unusual = /__proto__|"constructor"|"prototype"|\\u/

/** Deeper than anything that is meant. */
const deepest = 1000

/**
 * How deep a JSON text goes, how many values it holds at most, and how many names one object of it has, without
 * building anything; all infinite where a string does not end.
 */
export function jsonSize(text: string): { readonly depth: number; readonly values: number; readonly names: number } {
  // Of each object that is open, the names so far; -1 for a list.
  const open: number[] = []
  let [depth, values, names] = [0, 1, 0]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) {
      at = closingQuote(text, at)
      if (at < 0) return { depth: Infinity, values: Infinity, names: Infinity }
    } else if (code === 0x7b || code === 0x5b) {
      open.push(code === 0x7b ? 1 : -1)
      depth = Math.max(depth, open.length)
      if (depth > deepest) return { depth: Infinity, values: Infinity, names: Infinity }
      values++
    } else if (code === 0x7d || code === 0x5d) open.pop()
    else if (code === 0x2c) {
      values++
      const last = open.length - 1
      const known = open[last] ?? -1
      if (known > 0) names = Math.max(names, (open[last] = known + 1))
    }
  }
  return { depth, values, names }
}

/** Where a string ends that begins at `start`; -1 where it does not. */
function closingQuote(text: string, start: number): number {
  const first = text.indexOf('"', start + 1)
  if (first < 0 || text.charCodeAt(first - 1) !== 0x5c) return first
  // The quote may be escaped, or the backslash before it.
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x5c) at++
    else if (code === 0x22) return at
  }
  return -1
}

/** JSON.parse for text that somebody else may have written. */
export const parseJson = (text: string, maxDepth: number): unknown => {
  checkJsonText(text, maxDepth)
  return JSON.parse(text) as unknown
}

/** Bytes as text: UTF-8 only, a byte order mark is dropped, anything else throws. */
export const textFromBytes = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes)

/**
 * The value of bytes that are JSON exactly as JSON.stringify writes it, of at most so many levels, with no name in it
 * that {@link checkJsonText} refuses; undefined for any other, which may still be good. Such a text has no name twice
 * and no number that is too large, and this takes a third of the time.
 */
export const ordinaryValue = (bytes: Uint8Array, maxDepth: number): { readonly value: unknown } | undefined => {
  try {
    const text = textFromBytes(bytes)
    if (unusual.test(text) || jsonSize(text).depth > maxDepth) return undefined
    const value = JSON.parse(text) as unknown
    return JSON.stringify(value) === text ? { value } : undefined
  } catch {
    return undefined
  }
}
