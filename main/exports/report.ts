import { bestEpoch } from '../../core/best'
import type { RunConfig } from '../../core/config/config'
import { chanceNote } from '../../core/chance'
import { divergedMeans, endingOf } from '../../core/ending'
import type { Score } from '../../core/score'
import { extensionText } from '../../core/extension'
import { formatCount, formatPercent, significant } from '../../core/numbers'
import { likenessOf, repeats, sourceOf, unlikeInWords } from '../../content/presets/likeness'
import { scaledRateOfRun } from '../../core/plan/rate'
import type { Run, TracedRun } from '../../core/run'
import { lastFiveAccuracy, secondsPerEpoch } from '../../core/runStatistics'
import { sentence } from '../../core/sentence'
import { escaped } from './escaped'
import { reportColour, reportCharts } from './reportCharts'
import { reportStyle } from './reportStyle'
import { svgChart } from './svgChart'
import { htmlTable } from './htmlTable'
import { settingRows, runDetails } from './reportDetails'

function cards(run: Run): string {
  const best = bestEpoch(run)
  const median = lastFiveAccuracy(run)
  const chance = (score: Score | null | undefined): string => {
    const note = chanceNote(score, run.facts?.classes.length)
    return note === '' ? '' : `, ${note}`
  }
  const shown: readonly (readonly [string, string])[] = [
    ...(run.test.best === null
      ? []
      : [
          [
            formatPercent(run.test.best.score.accuracy),
            `test accuracy, weights of epoch ${run.test.best.epoch} (chosen by ` +
              `validation)${chance(run.test.best.score)}`,
          ] as const,
        ]),
    ...(run.test.last === null
      ? []
      : [
          [
            formatPercent(run.test.last.score.accuracy),
            `test accuracy, last weights (epoch ${run.test.last.epoch})${chance(run.test.last.score)}`,
          ] as const,
        ]),
    ...(best === undefined
      ? []
      : [
          [
            formatPercent(best.validation?.accuracy),
            'best validation accuracy, epoch ' +
              `${best.epoch}${run.status === 'diverged' ? ', before it diverged' : ''}${chance(best.validation)}`,
          ] as const,
        ]),
    ...(median !== null
      ? [[formatPercent(median), 'validation accuracy, median of the last five epochs'] as const]
      : []),
    [`${significant(secondsPerEpoch(run), 3)} s`, 'training time per epoch'],
    [formatCount(run.moment.update), `updates in ${formatCount(run.moment.epoch)} epochs`],
    [formatCount(run.parameters), 'trainable parameters'],
  ]
  const card = ([value, label]: readonly [string, string]): string =>
    `<div class="card"><b>${escaped(value)}</b><span>${escaped(label)}</span></div>`
  return `<div class="cards">${shown.map(card).join('')}</div>`
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
      : `${data.name}: ${formatCount(data.counts.train)} training, ` +
        `${formatCount(data.counts.validation)} validation and ${formatCount(data.counts.test)} test images of ` +
        `${data.shape.join('×')}, ${data.classes.length} classes.`,
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

function overview(runs: readonly { readonly traced: TracedRun; readonly label: string }[]): string {
  const configs = runs.map(({ traced }) => new Map(settingRows({ ...traced.run.config, name: '' } satisfies RunConfig)))
  const paths = [...new Set(configs.flatMap((config) => [...config.keys()]))].filter(
    (path) => new Set(configs.map((config) => config.get(path))).size > 1,
  )
  const rates = runs.map(({ traced }) => scaledRateOfRun(traced.run))
  const scaled = rates.some((rate, index) => rate !== runs[index]?.traced.run.config.learningRate.base)
  return htmlTable(
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
      ...(scaled ? [significant(rates[index], 5)] : []),
      formatPercent(bestEpoch(run)?.validation?.accuracy),
      significant(bestEpoch(run)?.epoch, 5),
      formatPercent(run.test.best?.score.accuracy),
      formatPercent(run.test.last?.score.accuracy),
      significant(secondsPerEpoch(run), 3),
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
  const figures = reportCharts(coloured).map((chart) => {
    const drawing = svgChart(chart, { width: 520, height: 300 })
    return `<figure><figcaption>${escaped(chart.title)}</figcaption>${drawing}</figure>`
  })
  const sections = coloured.map(
    ({ traced: { run }, label }) => `${runs.length === 1 ? '' : `<h2>${escaped(label)}</h2>`}${info(run)}${cards(run)}`,
  )
  const isExtended = runs.some(({ traced }) => (traced.run.extensions ?? []).length > 0)
  const key =
    'Thin: each update, and its average. Thick with dots: validation after each epoch. Diamonds: test.' +
    (isExtended ? ' Dotted lines: where a run was extended.' : '')
  const records = coloured.map(
    ({ traced: { run }, label }) => `<h2>${runs.length === 1 ? 'Record' : escaped(label)}</h2>\n${runDetails(run)}`,
  )
  const writtenAt = at.toISOString().slice(0, 19).replace('T', ' ')
  const origin =
    `Written by Batchlab ${escaped(version)}, ${writtenAt} UTC. ` +
    'This file needs nothing else: no script, no network.'
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
<p class="faint">${key}</p>
<div class="charts">
${figures.join('\n')}
</div>
${runs.length === 1 ? '' : sections.join('\n')}
${records.join('\n')}
<footer>${origin}</footer>
</body>
</html>
`
}
