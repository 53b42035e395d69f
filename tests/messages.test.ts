import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
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

/** The calls that say something to a person, with the place of the text among their arguments. */
const said: Readonly<Record<string, number>> = {
  requestError: 0,
  badInput: 0,
  failed: 0,
  notify: 0,
  notifyWithUndo: 0,
  notifyFailure: 0,
  logWarning: 0,
  inform: 0,
  'terminal.say': 0,
  ask: 2,
  notice: 1,
  'library.notice': 1,
}

/** Texts as they are written, also in pieces that are added up; what is filled in stands as its source. */
function writtenText(node: ts.Node | undefined): string {
  if (node === undefined) return ''
  if (ts.isStringLiteralLike(node)) return node.text
  if (ts.isTemplateExpression(node)) return node.getText().slice(1, -1)
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return writtenText(node.left) + writtenText(node.right)
  return ''
}

function messagesIn(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const at = said[node.expression.getText()]
      if (at !== undefined) found.push(writtenText(node.arguments[at]))
    }
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'message' && /path: ''/.test(node.parent.getText()))
      found.push(writtenText(node.initializer))
    if (ts.isJsxAttribute(node) && node.name.getText() === 'title' && node.parent.parent.getText().startsWith('<Empty'))
      found.push(
        writtenText(
          node.initializer !== undefined && ts.isJsxExpression(node.initializer)
            ? node.initializer.expression
            : node.initializer,
        ),
      )
    ts.forEachChild(node, visit)
  }
  visit(
    ts.createSourceFile(
      file,
      text,
      ts.ScriptTarget.Latest,
      true,
      file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
    ),
  )
  return found
}

const messages = ['main', 'renderer']
  .flatMap(sources)
  .flatMap((file) => messagesIn(file).map((message) => ({ file, message })))
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
