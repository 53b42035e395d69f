import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configFields, type Field } from '../../core/fields'
import { formulaText, parseFormula, type MathNode } from '../../content/explain/formula'
import { explainedFiles } from '../../content/explain/markdown'
import { pageFor, pageOf, pages } from '../../content/explain/all'
import { planOfExample, tableOf } from '../../content/explain/page'
import { presets } from '../../content/presets/all'

const folder = join(import.meta.dirname, '..', '..', 'docs', 'explained')

const flat = (fields: readonly Field[]): readonly Field[] =>
  fields.flatMap((field) => [field, ...flat(field.fields), ...field.options.flatMap((option) => flat(option.fields))])
const fields = flat(configFields())

const tags = (node: MathNode): readonly string[] => [node.tag, ...(node.children ?? []).flatMap(tags)]
const everyTex = pages.flatMap((page) => [...page.formulas.map(({ tex }) => tex), ...page.symbols.map(([tex]) => tex)])

describe('explanations', () => {
  it('have ids of their own, and everything a reader needs', () => {
    expect(new Set(pages.map(({ id }) => id)).size).toBe(pages.length)
    for (const page of pages) {
      expect(page.formulas.length, page.id).toBeGreaterThan(0)
      for (const text of [page.says, page.helps, page.breaks, page.example.says])
        expect(text, page.id).toMatch(/^\P{Ll}.{5,}\.$/u)
      for (const id of page.presets)
        expect(
          presets.map((preset) => preset.id),
          page.id,
        ).toContain(id)
    }
  })

  it('name settings that exist', () => {
    for (const { id, settings } of pages) {
      for (const { path, value } of settings) {
        const named = fields.filter((field) => field.path === path)
        expect(named.length, `${id}: ${path}`).toBeGreaterThan(0)
        if (value !== undefined)
          expect(
            named.flatMap(({ options }) => options.map((option) => String(option.value))),
            `${id}: ${path}`,
          ).toContain(value)
      }
    }
  })

  it.each([
    'learningRate.schedule',
    'learningRate.scaling',
    'learningRate.warmup',
    'optimizer',
    'optimizer.clip',
    'batch.growth',
    'batch.gradientNoise',
    'batch.workers',
    'regularisation.average',
  ])('explain every choice of %s', (path) => {
    const values = new Set(
      fields
        .filter((field) => field.path === path)
        .flatMap(({ options }) => options.map((option) => String(option.value))),
    )
    expect(values.size).toBeGreaterThan(1)
    for (const value of values)
      if (value !== 'none')
        expect(pageFor(path, value)?.settings ?? [], `${path} ${value} has no page`).toContainEqual({ path, value })
  })

  it('explain every setting of the sections they are about', () => {
    const sections = /^(batch|optimizer|regularisation|earlyStopping|diagnostics|networkOptions|data\.augmentation)\./
    const leaves = fields.filter(
      ({ path, kind }) =>
        sections.test(path) &&
        kind !== 'group' &&
        kind !== 'variant' &&
        !/^batch\.(growth|gradientNoise|workers)\.|^optimizer\.clip\.|^regularisation\.average\./.test(path),
    )
    expect(leaves.length).toBeGreaterThan(25)
    expect(leaves.filter(({ path }) => pageFor(path) === undefined).map(({ path }) => path)).toEqual([])
  })

  it('are found by a setting, its value, and what lies below it', () => {
    expect(pageFor('learningRate.schedule', 'cosine')?.id).toBe('cosine')
    expect(pageFor('learningRate.schedule.type', 'cyclic')?.id).toBe('cyclic')
    expect(pageFor('learningRate.schedule.parts.3.schedule.schedule.type', 'cosine')?.id).toBe('cosine')
    expect(pageFor('earlyStopping.patience')?.id).toBe('early-stopping')
    expect(pageFor('networkOptions.batchNorm.newValueWeight')?.id).toBe('ghost-batch-norm')
    expect(pageFor('diagnostics.gradientNoise')?.id).toBe('gradient-noise-scale')
    expect(pageFor('diagnostics.every')?.id).toBe('live-diagnostics')
    expect(pageFor('seed')).toBeUndefined()
  })
})

/** [page, rows as shown]: values of the papers' formulas, worked out apart from the code. */
const tables: readonly (readonly [string, readonly (readonly string[])[]])[] = [
  [
    'cosine',
    [
      ['0', '0', '0.1'],
      ['250', '2.5', '0.0853553'],
      ['500', '5', '0.05'],
      ['750', '7.5', '0.0146447'],
      ['999', '9.99', '2.4674e-7'],
    ],
  ],
  [
    'exponential',
    [
      ['0', '0', '0.1'],
      ['100', '1', '0.09'],
      ['500', '5', '0.059049'],
      ['900', '9', '0.038742'],
    ],
  ],
  [
    'polynomial',
    [
      ['0', '0', '0.1'],
      ['500', '5', '0.025'],
      ['990', '9.9', '0.00001'],
    ],
  ],
  [
    'plateau',
    [
      ['1', '1', '0', '0.1'],
      ['2', '0.8', '0', '0.1'],
      ['3', '0.81', '1', '0.1'],
      ['4', '0.8', '0', '0.05'],
      ['5', '0.79', '0', '0.05'],
      ['6', '0.795', '1', '0.05'],
      ['7', '0.8', '0', '0.025'],
    ],
  ],
  [
    'join',
    [
      ['0', '0', '0.1'],
      ['200', '2', '0.07'],
      ['399', '3.99', '0.04015'],
      ['400', '4', '0.04'],
      ['700', '7', '0.02'],
      ['999', '9.99', '2.74155e-7'],
    ],
  ],
  [
    'scale-and-stretch',
    [
      ['0', '0', '0.1'],
      ['299', '2.99', '0.1'],
      ['300', '3', '0.05'],
      ['600', '6', '0.025'],
      ['999', '9.99', '0.0125'],
    ],
  ],
  [
    'gradual-warmup',
    [
      ['0', '0', '0.1'],
      ['1', '0.05', '0.107'],
      ['50', '2.5', '0.45'],
      ['99', '4.95', '0.793'],
      ['100', '5', '0.8'],
    ],
  ],
  [
    'constant-warmup',
    [
      ['0', '0', '0.1'],
      ['34', '4.85714', '0.1'],
      ['35', '5', '3.2'],
      ['69', '9.85714', '3.2'],
    ],
  ],
  [
    'cyclic',
    [
      ['0', '0', '0.01'],
      ['100', '1', '0.055'],
      ['200', '2', '0.1'],
      ['400', '4', '0.01'],
      ['600', '6', '0.055'],
      ['800', '8', '0.01'],
    ],
  ],
  [
    'linear-rule',
    [
      ['32', '0.025'],
      ['128', '0.1'],
      ['512', '0.4'],
      ['4096', '3.2'],
    ],
  ],
  [
    'square-root-rule',
    [
      ['32', '0.05'],
      ['128', '0.1'],
      ['512', '0.2'],
      ['4096', '0.565685'],
    ],
  ],
  [
    'dataset-rule',
    [
      ['32', '0.00008'],
      ['128', '0.00032'],
      ['512', '0.00128'],
      ['4096', '0.01024'],
    ],
  ],
  [
    'momentum-and-batch',
    [
      ['0.1', '128', '0.9', '312.5', '1280'],
      ['0.8', '1024', '0.9', '312.5', '10240'],
      ['0.1', '640', '0.98', '312.5', '32000'],
      ['0.1', '128', '0', '31.25', '128'],
    ],
  ],
  [
    'sgd',
    [
      ['heavy ball', '0.899, 0.707201, 0.433875'],
      ['Nesterov', '0.8081, 0.534755, 0.188455'],
    ],
  ],
  [
    'weight-decay',
    [
      ['coupled', '0.899, 0.707201, 0.433875'],
      ['decoupled', '0.899, 0.708101, 0.436393'],
    ],
  ],
  [
    'momentum-correction',
    [
      ['outside', '-0.1, -0.29, -3, -6.439'],
      ['inside', '-0.1, -0.29, -1.461, -3.5149'],
      ['inside, corrected', '-0.1, -0.29, -3, -6.439'],
    ],
  ],
  [
    'lars',
    [
      ['0.001', '0.00498753', '2.997, 3.996'],
      ['0.01', '0.0498753', '2.97, 3.96'],
    ],
  ],
  ['lamb', [['3.41594', '2.9964816, 3.9964474']]],
  [
    'gradient-clipping',
    [
      ['norm, limit 1', '0.6, 0.8'],
      ['norm, limit 10', '3, 4'],
      ['value, limit 3.5', '3, 3.5'],
    ],
  ],
  [
    'label-smoothing',
    [
      ['0', '0.41703'],
      ['0.1', '0.513697'],
    ],
  ],
  [
    'gradient-noise',
    [
      ['128', '0'],
      ['512', '3'],
      ['4096', '31'],
    ],
  ],
  [
    'ghost-batch-norm',
    [
      ['64', '64'],
      ['128', '128'],
      ['129', '65, 64'],
      ['300', '100, 100, 100'],
      ['1000', '125, 125, 125, 125, 125, 125, 125, 125'],
    ],
  ],
  [
    'regime-adaptation',
    [
      ['128', '100', '7800', '100'],
      ['512', '400', '7600', '411'],
      ['1024', '800', '7200', '867'],
    ],
  ],
  [
    'dense-batch',
    [
      ['1024', '0.08'],
      ['512', '0.04'],
      ['128', '0.01'],
    ],
  ],
  [
    'post-local-sgd',
    [
      ['1', '50', '50'],
      ['5', '50', '10'],
      ['25', '50', '2'],
    ],
  ],
  [
    'growing-batch',
    [
      ['0', '0', '10'],
      ['299', '2.99', '10'],
      ['300', '3', '50'],
      ['360', '6', '250'],
      ['368', '8', '500'],
    ],
  ],
  [
    'last-partial-batch',
    [
      ['128', '312', '313'],
      ['1024', '39', '40'],
      ['4096', '9', '10'],
    ],
  ],
  [
    'gradient-noise-scale',
    [
      ['32', '128', '5', '1.25'],
      ['128', '128', '2', '2'],
      ['1024', '128', '1.125', '9'],
    ],
  ],
  [
    'sharpness',
    [
      ['0.001', '0.5'],
      ['0.0005', '0.125'],
    ],
  ],
  [
    'hessian',
    [
      ['1', '2'],
      ['2', '3'],
      ['4', '3.6'],
      ['7', '3.61798'],
    ],
  ],
  [
    'swa',
    [
      ['1', '1'],
      ['2', '1.5'],
      ['3', '3'],
    ],
  ],
  [
    'early-stopping',
    [
      ['1', '0.5', '0', 'no'],
      ['2', '0.6', '0', 'no'],
      ['3', '0.59', '1', 'no'],
      ['4', '0.6', '2', 'yes'],
    ],
  ],
  [
    'initialisation',
    [
      ['He', '0.117851'],
      ['Glorot', '0.0680414'],
      ['LeCun', '0.0833333'],
    ],
  ],
]

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
