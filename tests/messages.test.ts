import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')

const sources = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? sources(join(folder, entry.name))
      : /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts')
        ? [join(folder, entry.name)]
        : [],
  )

// What is said to a person as it stands: the first text in each of these calls, or in the attribute.
const said = [
  /\b(?:refusal|badInput|failed|tell|tellWithUndo|warn|inform|terminal\.say)\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g,
  /\btellFailure\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g,
  /\bask\('[\w.]+',[^\n]*?, (['"`])((?:\\.|(?!\1).)*)\1\)/g,
  /\bnotice\('(?:information|warning|error)', (['"`])((?:\\.|(?!\1).)*)\1/g,
  /\bpath: '', message: (['"`])((?:\\.|(?!\1).)*)\1/g,
  /<Empty title=(["'`])((?:\\.|(?!\1).)*)\1/g,
]

const messages = ['main', 'renderer']
  .flatMap(sources)
  .flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    return said.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => ({ file, message: match[2] ?? '' })))
  })
  .filter(({ message }) => message !== '')

/** What is wrong with a message as a sentence; empty where nothing is. */
function fault(written: string): string {
  // What is filled in stands for some word; a literal may end inside it.
  const message = written.replace(/\$\{(?!titleOf\(|runName\()(?:[^{}]|\{[^{}]*\})*(?:\}|$)/g, 'X')
  // A setting's path and the command's own words stand as they are.
  if (/^\p{Ll}+(?![\p{L}\d.]*[.\p{Lu}\d])/u.test(message) && !/^data expects\b/.test(message))
    return 'begins in lower case'
  if (/ {2}/.test(message.trim())) return 'has two blanks'
  if (/ [.,;:!?](?:\s|$)/.test(message)) return 'has a blank before a mark'
  if (/[a-z]{2}(?:“|\$\{(?:titleOf|runName)\()/.test(message)) return 'misses a blank before a name'
  return /\.\.(?!\.)/.test(message.replaceAll('...', '')) ? 'has two full stops' : ''
}

describe('what is said to a person', () => {
  it('is found', () => {
    expect(messages.length).toBeGreaterThan(100)
    expect(messages.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['The run could not be paused', 'No runs yet', 'Batchlab is closing']),
    )
  })

  it('is a sentence', () => {
    expect(
      messages.flatMap(({ file, message }) =>
        fault(message) === '' ? [] : [`${file}: “${message}” ${fault(message)}`],
      ),
    ).toEqual([])
  })

  it.each(['fork ofBaseline', 'the run is gone', 'It is gone .', 'It  is gone', 'fork of“x”', 'Gone.. for good'])(
    'would be found out: %s',
    (message) => {
      expect(fault(message.replace('ofBaseline', 'of${titleOf(run)}'))).not.toBe('')
    },
  )
})
