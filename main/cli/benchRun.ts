import { dirname, resolve } from 'node:path'
import { existsSync } from 'node:fs'
import { errorText } from '../../core/errorText'
import { formatCounted, significant } from '../../core/numbers'
import { version } from '../../package.json'
import { measureStart, measureWindow, NotHere } from '../../bench/app'
import { casesOf, estimatedSeconds, waysOf, type BenchCase } from '../../bench/cases'
import { findTorch } from '../../bench/contestants'
import { circumstances, reportOf, type BenchReport } from '../../bench/report'
import type { CaseResult } from '../../bench/results'
import { runCase } from '../../bench/runCase'
import { runMeasurement } from '../../bench/runMeasurement'
import { startSummary, summaries, windowSummary } from '../../bench/summary'
import { footnotes, liveTable } from '../../bench/table'
import { deliver } from '../files/durableWrite'
import type { BenchOptions, BenchPart } from './benchOptions'
import { badInput } from './failure'
import { benchProcess, resourcesFolder } from './paths'
import type { Terminal } from './terminal'

interface Request {
  readonly options: BenchOptions
  /** The Python that was named, if it has torch. */
  readonly python: string | null
  readonly out: string | undefined
  /** Hears the result line by line as it comes. */
  readonly print: (line: string) => void
  readonly terminal: Terminal
}

// Roughly, besides the table of updates.
const partSeconds: Readonly<Record<BenchPart, number>> = {
  step: 0,
  input: 20,
  events: 20,
  store: 15,
  memory: 45,
  capture: 20,
  start: 15,
  window: 240,
}
const starts = 5

const roughly = (seconds: number): string =>
  seconds < 90
    ? `${Math.ceil(seconds / 10) * 10} s`
    : seconds < 5400
      ? formatCounted(Math.round(seconds / 60), 'minute')
      : `${significant(seconds / 3600, 2)} hours`

/** The Python if it has torch; otherwise null, and a sentence has been said. */
export async function pythonWithTorch(python: string | undefined, terminal: Terminal): Promise<string | null> {
  if (python === undefined) return null
  if (python.includes('/') && !existsSync(python)) throw badInput(`--python: there is no ${python}`)
  const found = await findTorch(python)
  if ('version' in found) return python
  terminal.say(`PyTorch is left out: ${found.reason}.`)
  return null
}

/** Refuses an --out that cannot become a file, before anything is measured. */
export function checkOut(out: string | undefined): void {
  if (out !== undefined && !existsSync(dirname(resolve(out))))
    throw badInput(`--out ${out}: there is no folder ${dirname(resolve(out))}`)
}

/**
 * Measures what was asked for, one thing after the other, and says it as it comes. What fails is said, and the rest
 * goes on.
 */
export async function runBench({ options, python, out, print, terminal }: Request): Promise<BenchReport> {
  const { threads, rounds, seconds, updates, what } = options
  let about = circumstances(version, { threads, rounds, seconds, updates })
  const results: CaseResult[] = []
  let measurements: BenchReport['measurements'] = {}
  const skipped: { what: string; reason: string }[] = []
  const report = (): BenchReport => reportOf(about, { cases: results, measurements, skipped })
  const keep = async (): Promise<void> => {
    if (out !== undefined) await deliver(resolve(out), Buffer.from(`${JSON.stringify(report(), null, 2)}\n`))
  }

  const ways = waysOf(options.engines, options.modes)
  const cases = what.includes('step') ? casesOf(options.networks, options.batchSizes) : []
  const secondsOf = (one: BenchCase): number =>
    estimatedSeconds(one, { ways, pytorch: python !== null, threads, rounds, seconds })
  const total =
    cases.reduce((sum, one) => sum + secondsOf(one), 0) + what.reduce((sum, part) => sum + partSeconds[part], 0)
  const length = updates === null ? `about ${seconds} s` : formatCounted(updates, 'update')
  terminal.say(
    `This takes about ${roughly(total)}` +
      (options.isQuick && what.includes('step') ? ': a quick table; --all measures the whole one. ' : '. ') +
      `In turn, ${formatCounted(rounds, 'round')} of ${length} each. Let nothing else run.`,
  )
  await keep()

  if (cases.length > 0) {
    const table = liveTable([
      ...ways.map(({ engine, mode }) => `${engine} ${mode}`),
      ...(python === null ? [] : ['pytorch']),
    ])
    print('Images per second: forward, backward, momentum update, loss read at each update')
    print(table.head)
    const began = performance.now()
    let done = 0
    for (const [i, one] of cases.entries()) {
      const left = done === 0 ? total : ((total - done) * (performance.now() - began)) / 1000 / done
      const onStep = (step: string): void =>
        terminal.status(
          `${one.network} at batch ${one.batchSize} (${i + 1} of ${cases.length}, ` +
            `about ${roughly(left)} left): ${step}`,
        )
      const { versions, ...result } = await runCase(one, {
        ways,
        python,
        script: benchProcess,
        threads,
        turns: { rounds, seconds, updates },
        onStep,
      })
      results.push(result)
      about = { ...about, versions: { ...about.versions, ...versions } }
      done += secondsOf(one)
      print(table.line(result))
      await keep()
    }
    terminal.status('')
    for (const line of footnotes(results)) print(line)
  }

  const job = { engine: options.engines[0] ?? 'tensorflow', threads, rounds, seconds, resources: resourcesFolder }
  const attempt = async (part: BenchPart, work: () => Promise<readonly string[]>): Promise<void> => {
    if (!what.includes(part)) return
    terminal.status(`Measuring: ${part} …`)
    try {
      for (const line of await work()) print(line)
    } catch (error) {
      const reason = errorText(error)
      skipped.push({ what: part, reason })
      print(`${part}: ${error instanceof NotHere ? 'skipped' : 'could not be measured'}: ${reason}`)
    }
    terminal.status('')
    await keep()
  }
  for (const part of ['input', 'events', 'store', 'memory', 'capture'] as const) {
    await attempt(part, async () => {
      const found = await runMeasurement(benchProcess, { type: part, ...job })
      measurements = { ...measurements, [part]: found }
      // The summary and the figures are both looked up by the same name.
      return (summaries[part] as (figures: typeof found) => readonly string[])(found)
    })
  }
  await attempt('start', async () => {
    const start = await measureStart(starts)
    measurements = { ...measurements, start }
    return startSummary(start)
  })
  await attempt('window', async () => {
    const window = await measureWindow()
    measurements = { ...measurements, window }
    return windowSummary(window)
  })
  return report()
}
