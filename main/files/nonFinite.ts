/**
 * JSON has no NaN or Infinity. In our files such a number is `null` in its place, and the outermost object says what it
 * was under `nonFinite`, by JSON pointer: `{"loss":null,"nonFinite":{"/loss":"NaN"}}`. Any JSON reader sees a gap; ours
 * gets the number back. The words are "NaN", "Infinity" and "-Infinity".
 */
export type NonFiniteWords = Readonly<Record<string, string>>

const escapeKey = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')
const unescapeKey = (key: string): string => key.replaceAll('~1', '/').replaceAll('~0', '~')

const collect = (value: unknown, pointer: string, words: Record<string, string>): void => {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) words[pointer] = String(value)
  } else if (ArrayBuffer.isView(value)) {
    throw new Error(`${pointer === '' ? 'The value' : pointer} is a typed array; make it a plain array first`)
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => {
      collect(item, `${pointer}/${String(index)}`, words)
    })
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (typeof item === 'number' ? !Number.isFinite(item) : typeof item === 'object')
        collect(item, `${pointer}/${escapeKey(key)}`, words)
    }
  }
}

/** Every number in `value` that JSON cannot hold, by JSON pointer; undefined when there is none. */
export const nonFiniteWords = (value: unknown): NonFiniteWords | undefined => {
  const words: Record<string, string> = {}
  collect(value, '', words)
  return Object.keys(words).length === 0 ? undefined : words
}

const isWord = (word: unknown): word is string => word === 'NaN' || word === 'Infinity' || word === '-Infinity'

const isContainer = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Puts the numbers back, in place; false when `words` does not fit the value. */
export const restoreNonFinite = (value: unknown, words: unknown): boolean => {
  if (words === undefined) return true
  if (!isContainer(words)) return false
  for (const [pointer, word] of Object.entries(words)) {
    const keys = pointer.split('/').slice(1).map(unescapeKey)
    const last = keys.pop()
    let holder: unknown = value
    for (const key of keys) holder = isContainer(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined
    if (
      last === undefined ||
      !isWord(word) ||
      !isContainer(holder) ||
      !Object.hasOwn(holder, last) ||
      holder[last] !== null
    )
      return false
    holder[last] = Number(word)
  }
  return true
}
