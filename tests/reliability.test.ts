/*
 * docs/reliability.md names a test for every fault. A test that is renamed or deleted must not leave a promise that
 * nothing holds.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs', 'reliability.md'), 'utf8')

interface Row {
  readonly id: string
  readonly text: string
  readonly tests: readonly { readonly file: string; readonly title: string }[]
}

const named = /`([\w./-]+\.(?:test|spec)\.tsx?)` “(.+?)”(?=<br>| \||$)/g

/** The rows of all tables whose first cell is such an id. */
const rowsOf = (text: string, id: RegExp): readonly Row[] =>
  text.split('\n').flatMap((line) => {
    const first = /^\| ([^|]*?) \|/.exec(line)?.[1] ?? ''
    if (!id.test(first)) return []
    return [
      { id: first, text: line, tests: [...line.matchAll(named)].map(([, file = '', title = '']) => ({ file, title })) },
    ]
  })

const faults = rowsOf(page, /^F\d+$/)
const items = rowsOf(page, /^\d+$/)
const rows = [...faults, ...items]

const tables = new Map<string, ReadonlySet<string>>()

/** A text as it is written, also in pieces that are added up; what is filled in stands as its source. */
function writtenText(node: ts.Node | undefined): string | undefined {
  if (node === undefined) return undefined
  if (ts.isStringLiteralLike(node)) return node.text
  if (ts.isTemplateExpression(node)) return node.getText().slice(1, -1)
  if (!ts.isBinaryExpression(node)) return undefined
  const [left, right] = [writtenText(node.left), writtenText(node.right)]
  return left === undefined || right === undefined ? undefined : left + right
}

/** The titles of all tests and groups of a file, as they are written. */
function titlesIn(file: string): ReadonlySet<string> {
  const known = tables.get(file)
  if (known !== undefined) return known
  const path = join(root, 'tests', file)
  const titles = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(?:it|test|describe)\b/.test(node.expression.getText())) {
      const title = writtenText(node.arguments[0])
      if (title !== undefined) titles.add(title)
    }
    ts.forEachChild(node, visit)
  }
  if (existsSync(path)) visit(ts.createSourceFile(file, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true))
  tables.set(file, titles)
  return titles
}

const missing = (some: readonly Row[]): readonly string[] =>
  some.flatMap(({ id, tests }) =>
    tests
      .filter(({ file, title }) => !titlesIn(file).has(title))
      .map(({ file, title }) => `${id}: ${file} has no “${title}”`),
  )

/** A row names its tests, or says why it has none. */
const unheld = (some: readonly Row[]): readonly string[] =>
  some.filter(({ text, tests }) => tests.length === 0 && !/No test: \S/.test(text)).map(({ id }) => id)

describe('docs/reliability.md', () => {
  it('has a row for every fault, F1 to F43, and for each of the 20 items of Electron’s checklist', () => {
    expect(faults.map(({ id }) => id)).toEqual(Array.from({ length: 43 }, (_, i) => `F${i + 1}`))
    expect(items.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, i) => String(i + 1)))
  })

  it('names only tests that there are', () => {
    expect(missing(rows)).toEqual([])
    // What looks like a test's name and is not read as one would not be checked.
    for (const { id, text, tests } of rows)
      expect(text.match(/`[\w./-]+\.(?:test|spec)\.tsx?`/g) ?? [], id).toHaveLength(tests.length)
  })

  it('says of a fault without a test why it has none', () => {
    expect(unheld(rows)).toEqual([])
  })

  it('would be found out', () => {
    const wrong = rowsOf(
      '| F1 | x | y | `files/kill.test.ts` “no such title” |\n| F2 | x | y | `no/such.test.ts` “loses nothing” ' +
        '|\n| F3 | x | y | |',
      /^F\d+$/,
    )
    expect(missing(wrong)).toHaveLength(2)
    expect(unheld(wrong)).toEqual(['F3'])
  })
})
