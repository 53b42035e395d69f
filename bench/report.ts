import { availableParallelism, cpus, totalmem } from 'node:os'
import type { MeasurementResults } from './job'
import type { StartFigures, WindowFigures } from './app'
import type { CaseResult } from './results'

/** The machine and the programs that figures were taken with. */
export interface Circumstances {
  readonly batchlab: string
  readonly at: string
  readonly platform: string
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  readonly versions: Readonly<Record<string, string>>
  readonly settings: {
    readonly threads: number
    readonly rounds: number
    readonly seconds: number
    readonly updates: number | null
  }
}

/** All that `batchlab bench --json` says. */
export interface BenchReport extends Circumstances {
  readonly cases: readonly CaseResult[]
  readonly measurements: Partial<MeasurementResults & { readonly start: StartFigures; readonly window: WindowFigures }>
  /** What was asked for and not measured, and why. */
  readonly skipped: readonly { readonly what: string; readonly reason: string }[]
  /** The speed of the one contestant of the one case, where there was just one. */
  readonly imagesPerSecond?: number
}

/** What is known of the machine before anything is measured. */
export const circumstances = (batchlab: string, settings: Circumstances['settings']): Circumstances => ({
  batchlab,
  at: new Date().toISOString(),
  platform: `${process.platform}-${process.arch}`,
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryBytes: totalmem(),
  versions: { node: process.versions.node },
  settings,
})

/** Puts a report together; one case with one contestant has its speed on top, for scripts that ask for nothing else. */
export function reportOf(
  about: Circumstances,
  found: Pick<BenchReport, 'cases' | 'measurements' | 'skipped'>,
): BenchReport {
  const [only, ...others] = found.cases.flatMap(({ standings }) => standings)
  return {
    ...about,
    ...(only !== undefined && others.length === 0 ? { imagesPerSecond: only.imagesPerSecond } : {}),
    ...found,
  }
}
