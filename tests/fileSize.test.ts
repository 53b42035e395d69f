import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const mostLines = 300
const longestLine = 120

/** Files that may have more than 300 lines, and why. */
const longFiles: Readonly<Record<string, string>> = {
  'main/queue/runQueue.ts': 'to be split with the queue',
}

const sources = execFileSync(
  'git',
  ['ls-files', ...['ts', 'tsx', 'mts', 'mjs', 'cjs', 'css', 'py', 'c', 'html'].map((ending) => `*.${ending}`)],
  { cwd: root, encoding: 'utf8' },
)
  .split('\n')
  // Test files are being split; fixtures stay as they were written.
  .filter((file) => file !== '' && !file.startsWith('tests/') && existsSync(join(root, file)))

const linesOf = (file: string): readonly string[] =>
  readFileSync(join(root, file), 'utf8').replace(/\n$/, '').split('\n')

describe('every source file', () => {
  it(`has at most ${mostLines} lines: a longer one has two jobs`, () => {
    const tooLong = sources.filter((file) => longFiles[file] === undefined && linesOf(file).length > mostLines)
    expect(tooLong.map((file) => `${file}: ${linesOf(file).length} lines`)).toEqual([])
  })

  it(`has lines of at most ${longestLine} characters`, () => {
    const tooLong = sources.flatMap((file) =>
      linesOf(file).flatMap((line, index) =>
        [...line].length > longestLine ? [`${file}:${index + 1}: ${[...line].length} characters`] : [],
      ),
    )
    expect(tooLong).toEqual([])
  })
})
