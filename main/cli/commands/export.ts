import { existsSync, statSync } from 'node:fs'
import { dirname, extname, join, resolve } from 'node:path'
import { version } from '../../../package.json'
import { plainJson } from '../../../core/plain'
import type { TracedRun } from '../../../core/run'
import { runName } from '../../../core/names'
import { epochsCsv, traceCsv } from '../../exports/csv'
import { reportHtml } from '../../exports/report'
import { deliver } from '../../files/durableWrite'
import { defineCommand, wholeNumber } from '../command'
import { badInput } from '../failure'
import { drawFiguresInApp } from '../figures'
import { libraryOptions, viewLibrary } from '../libraryAccess'
import { findRuns } from '../runArgument'

const formats = ['csv', 'json', 'html', 'svg', 'png', 'pdf'] as const
type Format = (typeof formats)[number]

const charts = [
  'loss',
  'accuracy',
  'learningRate',
  'gradientNorm',
  'imagesPerSecond',
  'batchSize',
  'noiseScale',
  'rateToBatch',
  'distance',
] as const

/** A text to write, and what its file is called in a folder. */
interface Part {
  readonly stem: string
  readonly text: string
}

function formatFrom(text: string | undefined, out: string | undefined): Format {
  const named = text ?? (out === undefined ? undefined : extname(out).slice(1).toLowerCase())
  const format = formats.find((one) => one === named)
  if (format === undefined)
    throw badInput(
      `--format must be one of ${formats.join(', ')}, found ` +
        `${named === undefined || named === '' ? 'nothing' : `“${named.slice(0, 60)}”`}`,
    )
  return format
}

// Ids, never names: what a person typed must not become a path.
const stemOf = (runs: readonly TracedRun[]): string =>
  `${runs[0]?.run.id ?? 'runs'}${runs.length > 1 ? `-and-${runs.length - 1}-more` : ''}`

function partsOf(format: 'csv' | 'json' | 'html', runs: readonly TracedRun[]): readonly Part[] {
  switch (format) {
    case 'csv':
      return runs.flatMap(({ run, trace }) => [
        { stem: `${run.id}-trace`, text: traceCsv(trace) },
        { stem: `${run.id}-epochs`, text: epochsCsv(run) },
      ])
    case 'json':
      return [{ stem: stemOf(runs), text: `${plainJson(runs.length === 1 ? runs[0] : runs)}\n` }]
    case 'html':
      return [
        {
          stem: stemOf(runs),
          text: reportHtml(
            runs.map((traced) => ({ traced, label: runName(traced.run) })),
            { version, at: new Date() },
          ),
        },
      ]
  }
}

/** Where the files go: a folder that exists or ends in a slash, or one file, whose second part is named after it. */
function filesFor(out: string | undefined, stems: readonly string[], extension: string): readonly string[] {
  const target = resolve(out ?? '.')
  if (out === undefined || /[\\/]$/.test(out) || statSync(target, { throwIfNoEntry: false })?.isDirectory() === true) {
    if (!existsSync(target)) throw badInput(`--out: there is no folder ${target}`)
    return stems.map((stem) => join(target, `${stem}.${extension}`))
  }
  if (!existsSync(dirname(target))) throw badInput(`--out: there is no folder ${dirname(target)}`)
  const [first = ''] = stems
  const base = target.slice(0, target.length - extname(target).length)
  const prefix = first.slice(0, first.indexOf('-') + 1)
  const ownPart = (stem: string): string => (stem.startsWith(prefix) ? stem.slice(stem.indexOf('-') + 1) : stem)
  return stems.map((stem, index) => (index === 0 ? target : `${base}-${ownPart(stem)}${extname(target)}`))
}

export const exportRuns = defineCommand({
  options: {
    format: { type: 'string', value: 'FORMAT', help: `${formats.join(', ')}; otherwise what --out ends in` },
    out: {
      type: 'string',
      value: 'PATH',
      help: 'A folder, a file, or - for standard output (csv: the trace); otherwise this folder',
    },
    chart: {
      type: 'string',
      multiple: true,
      value: 'NAME',
      help: `For figures: ${charts.join(', ')} (loss and accuracy)`,
    },
    width: { type: 'string', value: 'PIXELS', help: 'For figures: width (900)' },
    height: { type: 'string', value: 'PIXELS', help: 'For figures: height (480)' },
    json: { type: 'boolean', help: 'The written files as one JSON value' },
    ...libraryOptions,
  },
  notes: [
    'csv writes two files per run: the trace, a line per update at full resolution, and the epochs.',
    'html is one file with everything in it: settings, facts, curves, tables; it asks nothing of any other place.',
    'svg, png and pdf are drawn as the window draws them, by the Electron runtime; several runs share a figure.',
  ],
  positionals: ['RUN…'],
  run: async ({ format: named, out, chart, width, height, json, dir }, wanted, terminal) => {
    const format = formatFrom(named, out)
    const unknown = chart.find((one) => !charts.some((known) => known === one))
    if (unknown !== undefined)
      throw badInput(`--chart must be one of ${charts.join(', ')}, found “${unknown.slice(0, 60)}”`)
    const size = {
      width: width === undefined ? 900 : wholeNumber('width', width, 50),
      height: height === undefined ? 480 : wholeNumber('height', height, 50),
    }
    const { library, runs: known } = await viewLibrary(dir, terminal)
    const runs = await Promise.all(
      findRuns(known, wanted).map(async (found): Promise<TracedRun> => {
        const { status, message } = found
        return {
          run: { ...(await library.readRun(found.id)), status, message },
          trace: await library.readTrace(found.id),
        }
      }),
    )
    const written =
      format === 'svg' || format === 'png' || format === 'pdf'
        ? await figures(format, chart.length === 0 ? ['loss', 'accuracy'] : chart, size, runs, out)
        : await texts(format, runs, out, (text) => terminal.write(text))
    if (json) terminal.printJson(written)
    else for (const file of written) terminal.print(file)
    return 0
  },
})

async function texts(
  format: 'csv' | 'json' | 'html',
  runs: readonly TracedRun[],
  out: string | undefined,
  write: (text: string) => void,
): Promise<readonly string[]> {
  const parts = partsOf(format, runs)
  if (out === '-') {
    if (format === 'csv' && runs.length > 1)
      throw badInput('--out -: standard output holds the trace of one run; name one, or a folder')
    write(parts[0]?.text ?? '')
    return []
  }
  const files = filesFor(
    out,
    parts.map(({ stem }) => stem),
    format,
  )
  for (const [index, file] of files.entries()) await deliver(file, Buffer.from(parts[index]?.text ?? ''))
  return files
}

async function figures(
  format: 'svg' | 'png' | 'pdf',
  names: readonly string[],
  size: { readonly width: number; readonly height: number },
  runs: readonly TracedRun[],
  out: string | undefined,
): Promise<readonly string[]> {
  if (out === '-') throw badInput('--out -: figures are written to files; name a file or a folder')
  const files = filesFor(
    out,
    names.map((name) => `${stemOf(runs)}-${name}`),
    format,
  )
  await drawFiguresInApp({
    runs: [...runs],
    figures: files.map((file, index) => ({ chart: names[index] ?? '', format, ...size, file })),
  })
  return files
}
