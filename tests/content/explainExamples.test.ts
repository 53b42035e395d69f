import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formulaText, parseFormula, type MathNode } from '../../content/explain/formula'
import { explainedFiles } from '../../content/explain/markdown'
import { pageOf, pages } from '../../content/explain/all'
import { planOfExample, tableOf } from '../../content/explain/page'
import { tables } from './explainTables'

const folder = join(import.meta.dirname, '..', '..', 'docs', 'explained')

const tags = (node: MathNode): readonly string[] => [node.tag, ...(node.children ?? []).flatMap(tags)]

const everyTex = pages.flatMap((page) => [...page.formulas.map(({ tex }) => tex), ...page.symbols.map(([tex]) => tex)])

describe('examples', () => {
  it.each(tables)('of %s are the values of its formula', (id, rows) => {
    const page = pageOf(id)
    expect(page === undefined ? [] : tableOf(page.example).rows).toEqual(rows)
  })

  it('all have finite numbers and full rows', () => {
    for (const { id, example } of pages) {
      const { columns, rows } = tableOf(example)
      expect(rows.length, id).toBeGreaterThan(0)
      for (const row of rows) {
        expect(row.length, id).toBe(columns.length)
        for (const value of row) expect(value, id).not.toMatch(/NaN|Infinity|^$/)
      }
    }
  })

  it('that are plans stay inside the run that they show', () => {
    for (const { id, example } of pages) {
      if (example.type === 'plan')
        expect(Math.max(...example.at), id).toBeLessThan(planOfExample(example.images, example.config).updates)
    }
  })
})

describe('formulas', () => {
  it('are trees of MathML', () => {
    expect(parseFormula('η_0 · γ^{⌊e/s⌋}')).toEqual({
      tag: 'mrow',
      children: [
        {
          tag: 'msub',
          children: [
            { tag: 'mi', text: 'η' },
            { tag: 'mn', text: '0' },
          ],
        },
        { tag: 'mo', text: '·' },
        {
          tag: 'msup',
          children: [
            { tag: 'mi', text: 'γ' },
            {
              tag: 'mrow',
              children: ['⌊', 'e', '/', 's', '⌋'].map((text) => ({ tag: /[es]/.test(text) ? 'mi' : 'mo', text })),
            },
          ],
        },
      ],
    })
    expect(parseFormula('\\frac{1}{\\sqrt{2}}')).toEqual({
      tag: 'mfrac',
      children: [
        { tag: 'mn', text: '1' },
        { tag: 'msqrt', children: [{ tag: 'mn', text: '2' }] },
      ],
    })
    expect(parseFormula('\\sum_{i=1}^{K} \\hat{m}').children?.map(({ tag }) => tag)).toEqual(['munderover', 'mover'])
    expect(parseFormula('\\text{a b} \\cos x').children).toEqual([
      { tag: 'mtext', text: 'a b' },
      { tag: 'mi', text: 'cos', upright: true },
      { tag: 'mi', text: 'x' },
    ])
  })

  it.each([['\\unknown{x}'], ['{x'], ['x}'], ['x_'], ['\\text x'], ['\\frac{1}']])('refuse %s', (tex) => {
    expect(() => parseFormula(tex)).toThrow(/^(A formula|\\text)/)
  })

  it('of every page parse, and read as text without TeX', () => {
    expect(everyTex.length).toBeGreaterThan(150)
    for (const tex of everyTex) {
      const node = parseFormula(tex)
      expect(tags(node).length, tex).toBeGreaterThan(0)
      expect(formulaText(node), tex).not.toMatch(/[\\{}]|undefined/)
    }
  })

  it('read as text', () => {
    const text = (tex: string): string => formulaText(parseFormula(tex))
    expect(text('η_t = η_0 · \\frac{B}{B_0}')).toBe('η_t = η_0 · B/B_0')
    expect(text('η_{\\text{end}} + (η_0 - η_{\\text{end}}) (1 - \\frac{t}{T})^p')).toBe(
      'η_end + (η_0 − η_end)(1 − t/T)^p',
    )
    expect(text('\\frac{1 - μ}{2 s}')).toBe('(1 − μ)/(2s)')
    expect(text('-\\ln p_y')).toBe('−ln p_y')
    expect(text('\\sum_{i=1}^{K} w_i')).toBe('∑_(i = 1)^Kw_i')
  })
})

describe('docs/explained', () => {
  it('is what the window shows', async () => {
    for (const [file, text] of explainedFiles()) await expect(text).toMatchFileSnapshot(join(folder, file))
  })

  it('has no page that is no longer made', () => {
    const found = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    const made = explainedFiles()
    // A page that is missing is the test above's to find, and with -u to write.
    expect(found.filter((file) => !made.has(file))).toEqual([])
  })

  it('links only to pages that there are', () => {
    const files = explainedFiles()
    for (const [file, text] of files) {
      for (const [, target = ''] of text.matchAll(/\]\(([^)#]+\.md)\)/g)) {
        if (target !== '../config-reference.md') expect(files.has(target), `${file}: ${target}`).toBe(true)
      }
    }
  })
})
