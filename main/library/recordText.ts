import type { Run } from '../../core/run'
import type { TextPieces } from '../files/envelope'
import { parseJson } from '../files/jsonText'
import { nonFiniteWords } from '../files/nonFinite'
import { inTurns } from './serial'

/** Throws where a record, written as JSON, would not read back as it is: such a one must not be written. */
export function assertReadable(run: Run, maxDepth: number): void {
  // Epochs and remarks are many, and of a shape that every reader takes.
  const text = JSON.stringify({ ...run, epochs: [], log: [] })
  if (JSON.stringify(parseJson(text, maxDepth)) !== text)
    throw new Error(`The record of run ${run.id} would not read back as it is`)
}

/** Runs as a JSON array; other work goes on in between. */
export async function listText(runs: readonly Run[]): Promise<string> {
  const texts: string[] = []
  await inTurns(runs, (run) => {
    texts.push(JSON.stringify(run))
  })
  return `[${texts.join(',')}]`
}

/**
 * An object as text, the same as in one piece, whose items under one name may be many. A hundred thousand epochs are 35
 * MB, and the summaries of 2,000 runs 7, which would hold up the process each time that they are written; so they are
 * written down some at a time, and other work goes on in between.
 */
async function piecesOf(value: object, long: string, together: number): Promise<TextPieces> {
  const bytes: Buffer[] = []
  const words: Record<string, string> = {}
  const post = (text: string): void => {
    bytes.push(Buffer.from(text))
  }
  const note = (path: string, part: unknown): void => {
    for (const [pointer, word] of Object.entries(nonFiniteWords(part) ?? {})) words[path + pointer] = word
  }
  let before = '{'
  for (const [key, part] of Object.entries(value) as [string, unknown][]) {
    if (part === undefined) continue
    const isLong = key === long && Array.isArray(part)
    post(`${before}${JSON.stringify(key)}:${isLong ? '[' : JSON.stringify(part)}`)
    before = ','
    if (!isLong) {
      note(`/${key}`, part)
      continue
    }
    const groups = Array.from({ length: Math.ceil(part.length / together) }, (_, group) => group * together)
    await inTurns(groups, (from) => {
      const some: readonly unknown[] = part.slice(from, from + together)
      post(`${from === 0 ? '' : ','}${JSON.stringify(some).slice(1, -1)}`)
      for (const [index, item] of some.entries()) note(`/${key}/${from + index}`, item)
    })
    post(']')
  }
  post('}')
  return { bytes, nonFinite: Object.keys(words).length === 0 ? undefined : words }
}

/** What `run.json` holds of a run. */
export const runPieces = (run: Run): Promise<TextPieces> => piecesOf(run, 'epochs', 200)

/** What `library.json` holds. */
export const listPieces = (list: { readonly runs: readonly unknown[] }): Promise<TextPieces> =>
  piecesOf(list, 'runs', 10)
