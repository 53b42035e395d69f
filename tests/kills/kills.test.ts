import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { chancesOf, type Scenario } from './rounds'
import { changes } from './scenarios/changes'
import { downloading } from './scenarios/download'
import { drawing, exporting, importing } from './scenarios/files'
import { queue } from './scenarios/queue'
import { sweeping } from './scenarios/sweep'
import { trainings } from './scenarios/train'
import { windows } from './scenarios/window'
import { endAll } from './victim'
import { removeFolder } from '../support/cleanup'

/*
 * Processes that really work are killed at random moments, and what they left is taken up again: nothing that was
 * acknowledged is lost, nothing half is taken for whole, and the end is that of the same work undisturbed.
 * BATCHLAB_KILLS=500 spreads so many kills over the scenarios and prints the count of each; BATCHLAB_KILLS_SEED=7
 * begins with the seventh round, and BATCHLAB_KILLS_ONLY=sweep plays that scenario alone.
 */
const asked = process.env['BATCHLAB_KILLS']
const kills = asked === undefined ? null : Number(asked)
const firstSeed = Number(process.env['BATCHLAB_KILLS_SEED'] ?? 1)
const only = process.env['BATCHLAB_KILLS_ONLY']

const scenarios = [
  ...trainings,
  sweeping,
  queue,
  changes,
  importing,
  exporting,
  drawing,
  downloading,
  ...windows,
].filter(({ name, isSampled }) => (only === undefined ? kills !== null || isSampled : name === only))
const total = scenarios.reduce((sum, { share }) => sum + share, 0)

interface Row {
  readonly rounds: number
  readonly kills: number
  readonly losses: readonly string[]
  readonly seconds: number
}
const table = new Map<string, Row>()

afterAll(() => {
  endAll()
  if (kills === null) return
  const rows = [...table].map(([name, row]) => ({
    scenario: name,
    rounds: row.rounds,
    kills: row.kills,
    losses: row.losses.length,
    seconds: Math.round(row.seconds),
  }))
  const sum = (column: 'rounds' | 'kills' | 'losses' | 'seconds'): number =>
    rows.reduce((all, row) => all + row[column], 0)
  console.table([
    ...rows,
    { scenario: 'all', rounds: sum('rounds'), kills: sum('kills'), losses: sum('losses'), seconds: sum('seconds') },
  ])
})

/** What an assertion expected and found, without the colours of a terminal. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const shown = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'))
  const [actual, expected] = [
    'actual' in error ? shown(error.actual) : '',
    'expected' in error ? shown(error.expected) : '',
  ]
  const differ = [...actual].findIndex((letter, at) => letter !== expected[at])
  return (
    `${error.message} (found …${actual.slice(Math.max(0, differ - 80), differ + 200)}, expected ` +
    `…${expected.slice(Math.max(0, differ - 80), differ + 200)})`
  )
}

/** Rounds of one scenario until so many kills have hit something; null: one round. */
async function rounds({ name, prepare }: Scenario, wanted: number | null): Promise<Row | null> {
  const began = performance.now()
  const play = await prepare()
  if (play === null) return null
  const losses: string[] = []
  let hits = 0
  let round = 0
  // A kill may come when the work is done already: that is a round without one.
  for (; wanted === null ? round < 1 : hits < wanted && round < 3 * wanted; round++) {
    const seed = firstSeed + round
    const folder = mkdtempSync(join(tmpdir(), 'batchlab-kills-'))
    const steps: string[] = []
    try {
      await play({
        random: chancesOf(name, seed),
        folder,
        isCompound: seed % 3 === 0,
        killed: () => {
          hits++
        },
        note: (what) => {
          steps.push(what)
        },
      })
    } catch (error) {
      const loss = `${name}, BATCHLAB_KILLS_SEED=${seed} (${steps.join('; ')}): ${reasonOf(error)}`
      if (wanted !== null) console.log(`loss: ${loss}`)
      losses.push(loss)
    }
    removeFolder(folder)
  }
  return { rounds: round, kills: hits, losses, seconds: (performance.now() - began) / 1000 }
}

describe.skipIf(process.platform !== 'linux')('processes that are killed at random', () => {
  it.each(scenarios)('lose nothing: $name', { timeout: kills === null ? 120_000 : 3_600_000 }, async (scenario) => {
    const row = await rounds(scenario, kills === null ? null : Math.ceil((kills * scenario.share) / total))
    if (row === null) return
    table.set(scenario.name, row)
    expect(row.losses.join('\n')).toBe('')
  })
})
