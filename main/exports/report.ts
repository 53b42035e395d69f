import { bestEpoch } from '../../core/best'
import type { RunConfig } from '../../core/config/config'
import { RunConfig as ConfigSchema } from '../../core/config/config'
import { chanceNote } from '../../core/chance'
import { divergedMeans, endingOf } from '../../core/ending'
import type { Score } from '../../core/score'
import { extensionText } from '../../core/extension'
import { medianOfLastFive } from '../../core/measure'
import { likenessOf, repeats, sourceOf, unlikeInWords } from '../../content/presets/likeness'
import { scaledRateOfRun } from '../../core/plan/rate'
import type { Run, TracedRun } from '../../core/run'
import { sentence } from '../../core/sentence'
import { escaped } from './escaped'
import { reportColour, reportCharts } from './reportCharts'
import { reportStyle } from './reportStyle'
import { svgChart } from './svgChart'

const percent = (fraction: number | null | undefined): string =>
  typeof fraction === 'number' ? `${(100 * fraction).toFixed(2)} %` : '–'
const number = (value: number | null | undefined, digits = 5): string =>
  typeof value === 'number' && Number.isFinite(value) ? String(Number(value.toPrecision(digits))) : '–'
const count = (value: number | null | undefined): string =>
  typeof value === 'number' ? value.toLocaleString('en-US') : '–'

/** A table; a heading that ends in `#` is a column of numbers. */
function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  isChanged: (row: number) => boolean,
): string {
  const kind = headings.map((heading) => (heading.endsWith('#') ? ' class="n"' : ''))
  const head = headings
    .map((heading, index) => `<th${kind[index] ?? ''}>${escaped(heading.replace(/#$/, ''))}</th>`)
    .join('')
  const body = rows
    .map(
      (row, at) =>
        `<tr${isChanged(at) ? ' class="changed"' : ''}>${row.map((cell, index) => `<td${kind[index] ?? ''}>${escaped(cell)}</td>`).join('')}</tr>`,
    )
    .join('\n')
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`
}

const isNode = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A config as its settings by path. */
export const settingRows = (value: unknown, path = ''): readonly (readonly [string, string])[] =>
  isNode(value)
    ? Object.entries(value).flatMap(([key, inner]) => settingRows(inner, path === '' ? key : `${path}.${key}`))
    : [[path, value === null ? '–' : typeof value === 'string' ? value : JSON.stringify(value)]]

const secondsPerEpoch = (run: Run): number | null =>
  run.epochs.length === 0 ? null : run.epochs.reduce((sum, { seconds }) => sum + seconds, 0) / run.epochs.length

function cards(run: Run): string {
  const best = bestEpoch(run)
  const median = medianOfLastFive(
    run.epochs.flatMap(({ validation }) => (validation === null ? [] : [validation.accuracy])),
  )
  const chance = (score: Score | null | undefined): string => {
    const note = chanceNote(score, run.facts?.classes.length)
    return note === '' ? '' : `, ${note}`
  }
  const shown: readonly (readonly [string, string])[] = [
    ...(run.test.best === null
      ? []
      : [
          [
            percent(run.test.best.score.accuracy),
            `test accuracy, weights of epoch ${run.test.best.epoch} (chosen by ` +
              `validation)${chance(run.test.best.score)}`,
          ] as const,
        ]),
    ...(run.test.last === null
      ? []
      : [
          [
            percent(run.test.last.score.accuracy),
            `test accuracy, last weights (epoch ${run.test.last.epoch})${chance(run.test.last.score)}`,
          ] as const,
        ]),
    ...(best === undefined
      ? []
      : [
          [
            percent(best.validation?.accuracy),
            'best validation accuracy, epoch ' +
              `${best.epoch}${run.status === 'diverged' ? ', before it diverged' : ''}${chance(best.validation)}`,
          ] as const,
        ]),
    ...(Number.isFinite(median)
      ? [[percent(median), 'validation accuracy, median of the last five epochs'] as const]
      : []),
    [`${number(secondsPerEpoch(run), 3)} s`, 'training time per epoch'],
    [count(run.moment.update), `updates in ${count(run.moment.epoch)} epochs`],
    [count(run.parameters), 'trainable parameters'],
  ]
  return (
    '<div ' +
    `class="cards">${shown.map(([value, label]) => `<div class="card"><b>${escaped(value)}</b><span>${escaped(label)}</span></div>`).join('')}</div>`
  )
}

function info(run: Run): string {
  const { status, engine, facts: data, createdAt, id, extensions = [] } = run
  const { what, why } = endingOf(run)
  const lines = [
    `Run ${id} ${what}. ${[sentence(why), ...(status === 'diverged' ? [divergedMeans] : [])]
      .filter((part) => part !== '')
      .map((part) => `${part} `)
      .join('')}Created ${createdAt.slice(0, 19).replace('T', ' ')} UTC.`,
    sourceLine(run),
    data === null
      ? ''
      : `${data.name}: ${count(data.counts.train)} training, ${count(data.counts.validation)} validation and ` +
        `${count(data.counts.test)} test images of ${data.shape.join('×')}, ${data.classes.length} classes.`,
    ...run.log.filter(({ about }) => about === 'data').map(({ message: said }) => sentence(said)),
    engine === null
      ? ''
      : `Trained with ${engine.name} (${Object.entries(engine.versions)
          .map(([name, version]) => `${name} ${version}`)
          .join(', ')}) on ${engine.device}.`,
  ]
  return [...lines, ...extensions.map((one) => `${extensionText(one)}.`)]
    .filter((line) => line !== '')
    .map((line) => `<p class="faint">${escaped(line)}</p>`)
    .join('\n')
}

/**
 * The config of a paper or of the notes that a run repeats, with the source's number; of one that is only called so,
 * what differs.
 */
function sourceLine(run: Run): string {
  const likeness = likenessOf(run)
  if (likeness === null) return ''
  const {
    preset: { name, preset },
    differing,
  } = likeness
  if (!repeats(likeness))
    return (
      `It does not count as ${name} (${preset.title}): ` +
      `${unlikeInWords(likeness)}${differing.length === 0 ? '' : ` (${differing.join(', ')})`}.`
    )
  const source = sourceOf(run)
  return (
    `It repeats ${name} ` +
    `(${preset.title})${source === '' ? '' : `, whose source reports ${source} on test images`}.`
  )
}

/** Nobody reads more rows than this, and a page of a hundred megabytes opens nowhere. */
const mostRows = 1000

const everyOf = (epochs: Run['epochs']): number => Math.ceil(epochs.length / mostRows)

/** The epochs that a table shows: all, or of very many so many at equal distances, with the best and the last. */
function shownEpochs(epochs: Run['epochs'], best: Run['epochs'][number] | undefined): Run['epochs'] {
  const every = everyOf(epochs)
  return every <= 1
    ? epochs
    : epochs.filter((epoch, index) => (index + 1) % every === 0 || index === epochs.length - 1 || epoch === best)
}

const latestNote = (rows: readonly unknown[]): string =>
  rows.length <= mostRows ? '' : `<p class="faint">The last ${count(mostRows)} of ${count(rows.length)}.</p>\n`

function details(run: Run): string {
  const initial = new Map(settingRows(ConfigSchema.parse({})))
  const settings = settingRows(run.config)
  const best = bestEpoch(run)
  const epochs = shownEpochs(run.epochs, best)
  const epochNote =
    epochs.length === run.epochs.length
      ? ''
      : `<p class="faint">Every ${count(everyOf(run.epochs))}th of ${count(run.epochs.length)} epochs, the best ` +
        'and the last: the CSV of an export has all.</p>\n'
  const section = (title: string, body: string, isOpen: boolean): string =>
    `<details${isOpen ? ' open' : ''}><summary>${title}</summary>\n${body}\n</details>`
  return [
    ...(run.notes === '' ? [] : [section('Notes', `<p style="white-space: pre-wrap">${escaped(run.notes)}</p>`, true)]),
    section(
      'Epochs',
      epochNote +
        table(
          [
            'epoch#',
            'update#',
            'train loss#',
            'train accuracy#',
            'validation loss#',
            'validation accuracy#',
            'rate#',
            'seconds#',
            '‖w − w₀‖#',
          ],
          epochs.map((epoch) => [
            String(epoch.epoch),
            count(epoch.moment.update),
            number(epoch.train.loss),
            percent(epoch.train.accuracy),
            number(epoch.validation?.loss),
            percent(epoch.validation?.accuracy),
            number(epoch.learningRate),
            number(epoch.seconds, 3),
            number(epoch.distance),
          ]),
          (row) => epochs[row] === best,
        ),
      epochs.length <= 40,
    ),
    section(
      'Settings (those that are not the default in bold)',
      table(['setting', 'value'], settings, (row) => {
        const [path = '', value = ''] = settings[row] ?? []
        return initial.get(path) !== value
      }),
      false,
    ),
    section(
      'Checkpoints',
      latestNote(run.checkpoints) +
        table(
          ['name', 'epoch#', 'update#', 'validation accuracy#', 'bytes#'],
          run.checkpoints
            .slice(-mostRows)
            .map(({ name, moment, validation, bytes }) => [
              name,
              String(moment.epoch),
              count(moment.update),
              percent(validation?.accuracy),
              count(bytes),
            ]),
          () => false,
        ),
      false,
    ),
    ...(run.log.length === 0
      ? []
      : [
          section(
            'Log',
            latestNote(run.log) +
              table(
                ['at', 'update#', 'message'],
                run.log.slice(-mostRows).map(({ at, update, message }) => [at, count(update), sentence(message)]),
                () => false,
              ),
            true,
          ),
        ]),
  ].join('\n')
}

function overview(runs: readonly { readonly traced: TracedRun; readonly label: string }[]): string {
  const configs = runs.map(({ traced }) => new Map(settingRows({ ...traced.run.config, name: '' } satisfies RunConfig)))
  const paths = [...new Set(configs.flatMap((config) => [...config.keys()]))].filter(
    (path) => new Set(configs.map((config) => config.get(path))).size > 1,
  )
  const rates = runs.map(({ traced }) => scaledRateOfRun(traced.run))
  const scaled = rates.some((rate, index) => rate !== runs[index]?.traced.run.config.learningRate.base)
  return table(
    [
      'run',
      ...paths,
      ...(scaled ? ['rate as trained#'] : []),
      'best validation#',
      'epoch#',
      'test (best)#',
      'test (last)#',
      's/epoch#',
    ],
    runs.map(({ traced: { run }, label }, index) => [
      label,
      ...paths.map((path) => configs[index]?.get(path) ?? '–'),
      ...(scaled ? [number(rates[index])] : []),
      percent(bestEpoch(run)?.validation?.accuracy),
      number(bestEpoch(run)?.epoch),
      percent(run.test.best?.score.accuracy),
      percent(run.test.last?.score.accuracy),
      number(secondsPerEpoch(run), 3),
    ]),
    () => false,
  )
}

export interface ReportOptions {
  readonly version: string
  readonly at: Date
}

/** A self-contained page about runs: facts, curves, tables. It holds no script and asks nothing of any other place. */
export function reportHtml(
  runs: readonly { readonly traced: TracedRun; readonly label: string }[],
  { version, at }: ReportOptions,
): string {
  const coloured = runs.map((run, index) => ({ ...run, colour: reportColour(index) }))
  const title = runs.length === 1 ? (runs[0]?.label ?? '') : `${runs.length} runs`
  const legend = coloured
    .map(({ label, colour }) => `<span><i style="background: ${colour}"></i>${escaped(label)}</span>`)
    .join('')
  const figures = reportCharts(coloured).map(
    (chart) =>
      `<figure><figcaption>${escaped(chart.title)}</figcaption>${svgChart(chart, { width: 520, height: 300 })}</figure>`,
  )
  const sections = coloured.map(
    ({ traced: { run }, label }) => `${runs.length === 1 ? '' : `<h2>${escaped(label)}</h2>`}${info(run)}${cards(run)}`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)} – Batchlab</title>
<style>${reportStyle}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${runs.length === 1 ? sections.join('\n') : overview(runs)}
<div class="legend">${legend}</div>
<p class="faint">Thin: each update, and its average. Thick with dots: validation after each epoch. Diamonds: test.${runs.some(({ traced }) => (traced.run.extensions ?? []).length > 0) ? ' Dotted lines: where a run was extended.' : ''}</p>
<div class="charts">
${figures.join('\n')}
</div>
${runs.length === 1 ? '' : sections.join('\n')}
${coloured.map(({ traced: { run }, label }) => `<h2>${runs.length === 1 ? 'Record' : escaped(label)}</h2>\n${details(run)}`).join('\n')}
<footer>Written by Batchlab ${escaped(version)}, ${at.toISOString().slice(0, 19).replace('T', ' ')} UTC. This file needs nothing else: no script, no network.</footer>
</body>
</html>
`
}
