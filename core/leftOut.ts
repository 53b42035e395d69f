import { formatCount } from './numbers'
/** A file of a data set that was left out, and why, as half a sentence: “is not a PNG …”. */
export interface Skipped {
  readonly file: string
  readonly reason: string
}

const named = 3

/** What was left out, for people: one sentence for each reason, with the count and the first names. */
export function leftOutSentences(skipped: readonly Skipped[]): readonly string[] {
  const byReason = new Map<string, string[]>()
  for (const { file, reason } of skipped) {
    // Folders that were left out are told with the layout.
    if (file.endsWith('/')) continue
    const files = byReason.get(reason)
    if (files === undefined) byReason.set(reason, [file])
    else files.push(file)
  }
  const told = [...byReason].sort(([, a], [, b]) => b.length - a.length)
  const sentences = told.slice(0, named).map(([reason, files]) => `${sentenceStart(files)} ${reason}.`)
  const others = told.slice(named).reduce((sum, [, files]) => sum + files.length, 0)
  return others === 0
    ? sentences
    : [
        ...sentences,
        `${formatCount(others)} more ${others === 1 ? 'file was' : 'files were'} left out for other ` + 'reasons.',
      ]
}

function sentenceStart(files: readonly string[]): string {
  const [first = ''] = files
  if (files.length === 1) return `1 file was left out: ${first}`
  const rest = files.length - named
  return (
    `${formatCount(files.length)} files were left out ` +
    `(${files.slice(0, named).join(', ')}${rest > 0 ? ` and ${formatCount(rest)} more` : ''}): each`
  )
}
