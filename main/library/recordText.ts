import { Run } from '../../core/run'
import type { TextPieces } from '../files/envelope'
import { ordinaryValue, parseJson, textFromBytes } from '../files/jsonText'
import { nonFiniteWords, type NonFiniteWords } from '../files/nonFinite'
import { inTurns } from './serial'

interface Written {
  readonly bytes: Buffer
  checked: { readonly words: NonFiniteWords | undefined } | null
}

// A run is replaced when it changes, so what was written down of one stays true. Of 2,000 runs one has changed since
// the last time.
const written = new WeakMap<Run, Written>()

function write(run: Run): Written {
  const known = written.get(run)
  if (known !== undefined) return known
  const made = { bytes: Buffer.from(JSON.stringify(run)), checked: null }
  written.set(run, made)
  return made
}

// What we could not read again we must not write.
function check(run: Run, maxDepth: number): void {
  const one = write(run)
  if (one.checked !== null) return
  if (ordinaryValue(one.bytes, maxDepth) === undefined) {
    const text = textFromBytes(one.bytes)
    if (JSON.stringify(parseJson(text, maxDepth)) !== text)
      throw new Error(`The record of run ${run.id} would not read back as it is`)
  }
  one.checked = { words: nonFiniteWords(run) }
}

// Records that came out of the schema's check, or would: their text need not be checked again by the same program.
const fitting = new WeakSet<Run>()

/** Remembers that a record came out of the schema's check. */
export const vouchFor = (run: Run): void => {
  fitting.add(run)
}

/** Whether a record, read back from its text, would come through the schema's check as it is. */
export function fits(run: Run): boolean {
  if (fitting.has(run)) return true
  const { success, data } = Run.safeParse(run)
  if (
    !success ||
    JSON.stringify(data) !== write(run).bytes.toString() ||
    JSON.stringify(nonFiniteWords(data)) !== JSON.stringify(nonFiniteWords(run))
  )
    return false
  fitting.add(run)
  return true
}

const comma = Buffer.from(',')
const listOf = (runs: readonly Run[]): readonly Uint8Array[] =>
  runs.flatMap((run, index) => (index === 0 ? [write(run).bytes] : [comma, write(run).bytes]))

/** Runs as a JSON array. The text of each is made once, and other work goes on in between. */
export async function listText(runs: readonly Run[]): Promise<string> {
  await inTurns(runs, write)
  return `[${Buffer.concat(listOf(runs)).toString('utf8')}]`
}

/** What `library.json` holds of some runs: each is known to read back as it is. */
export async function checkedPieces(runs: readonly Run[], maxDepth: number): Promise<TextPieces> {
  await inTurns(runs, (run) => {
    check(run, maxDepth)
  })
  const words = runs.flatMap((run, index) =>
    Object.entries(write(run).checked?.words ?? {}).map(
      ([pointer, word]) => [`/runs/${String(index)}${pointer}`, word] as const,
    ),
  )
  return {
    bytes: [Buffer.from('{"runs":['), ...listOf(runs), Buffer.from(']}')],
    nonFinite: words.length === 0 ? undefined : Object.fromEntries(words),
  }
}

const epochsTogether = 200

/**
 * What `run.json` holds of a run, the same text as in one piece. A hundred thousand epochs are 35 MB, which would hold
 * up the process for a second each time that they are written; so they are written down some at a time, and other work
 * goes on in between.
 */
export async function runPieces(run: Run): Promise<TextPieces> {
  const bytes: Buffer[] = []
  const words: Record<string, string> = {}
  const post = (text: string): void => {
    bytes.push(Buffer.from(text))
  }
  const note = (path: string, value: unknown): void => {
    for (const [pointer, word] of Object.entries(nonFiniteWords(value) ?? {})) words[path + pointer] = word
  }
  const groups = Array.from(
    { length: Math.ceil(run.epochs.length / epochsTogether) },
    (_, group) => group * epochsTogether,
  )
  let before = '{'
  for (const [key, value] of Object.entries(run)) {
    if (value === undefined) continue
    post(`${before}${JSON.stringify(key)}:${key === 'epochs' ? '[' : JSON.stringify(value)}`)
    before = ','
    if (key !== 'epochs') {
      note(`/${key}`, value)
      continue
    }
    await inTurns(groups, (from) => {
      const some = run.epochs.slice(from, from + epochsTogether)
      post(`${from === 0 ? '' : ','}${JSON.stringify(some).slice(1, -1)}`)
      for (const [index, epoch] of some.entries()) note(`/epochs/${String(from + index)}`, epoch)
    })
    post(']')
  }
  post('}')
  return { bytes, nonFinite: Object.keys(words).length === 0 ? undefined : words }
}
