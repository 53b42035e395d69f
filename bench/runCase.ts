import { loadavg } from 'node:os'
import { errorText } from '../core/errorText'
import type { BenchCase, BenchWay } from './cases'
import { learnerEntrant, pytorchEntrant, type Entrant, type Places } from './contestants'
import { measure } from './measure'
import { ratiosOf, standingOf, type CaseResult } from './results'

interface Options extends Places {
  readonly ways: readonly BenchWay[]
  /** A Python with torch; null leaves PyTorch out. */
  readonly python: string | null
  /** Hears what is being done, for people who wait. */
  readonly onStep: (what: string) => void
}

/** Measures one case: everybody in a process of their own, taking turns. Never throws for what a contestant does. */
export async function runCase(
  one: BenchCase,
  options: Options,
): Promise<CaseResult & { readonly versions: Readonly<Record<string, string>> }> {
  const { ways, python, turns, onStep } = options
  const loadBefore = loadavg()
  const entrants: Entrant[] = []
  const failures: { name: string; reason: string }[] = []
  const enter = async (name: string, open: () => Promise<Entrant>): Promise<void> => {
    onStep(`starting ${name}`)
    try {
      entrants.push(await open())
    } catch (error) {
      failures.push({ name, reason: errorText(error) })
    }
  }
  try {
    for (const way of ways) await enter(`${way.engine} ${way.mode}`, () => learnerEntrant(one, way, options))
    if (python !== null) await enter('pytorch', () => pytorchEntrant(python, one, options))
    onStep('measuring')
    const speeds = await measure(entrants, one.batchSize, turns)
    const standings = entrants.flatMap((entrant, i) => {
      const { failure = '' } = speeds[i] ?? {}
      if (failure !== '') failures.push({ name: entrant.name, reason: failure })
      return standingOf(entrant, speeds[i] ?? { speeds: [], failure }) ?? []
    })
    return {
      ...one,
      loadBefore,
      loadAfter: loadavg(),
      standings,
      ratios: ratiosOf(standings),
      failures,
      versions: Object.assign({}, ...entrants.map(({ versions }) => versions)) as Readonly<Record<string, string>>,
    }
  } finally {
    for (const { close } of entrants) close()
  }
}
