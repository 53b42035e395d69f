import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { cliFile } from '../../cli/built'
import { temporaryFolder } from '../../support/fakeTraining'
import { essenceOf, holdsUp, isTidy, listOf, opened } from '../oracle'
import { pick, type Round, type Scenario } from '../rounds'
import { areGone, followChildren, killAt, launch, measure, momentIn, momentText, type Extent } from '../victim'

const config = {
  epochs: 3,
  batchSize: 8,
  network: { type: 'mlp', hidden: [6] },
  learningRate: { base: 0.05 },
  engine: { backend: 'cpu' },
  data: { source: { type: 'digits' }, trainingImages: 200 },
}
const runs = 4

/** A sweep of four runs; the command that begins it is the one that goes on with it. */
const sweep = (folder: string, asJson: boolean): readonly string[] => [
  cliFile,
  'sweep',
  join(folder, 'config.json'),
  '--grid',
  'batchSize=8,16',
  '--seeds',
  '2',
  '--dir',
  join(folder, 'library'),
  ...(asJson ? ['--json'] : []),
]

const set = (folder: string): string => {
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  const library = join(folder, 'library')
  mkdirSync(library)
  return library
}

const essences = (library: string): unknown =>
  listOf(library)
    .map(({ id, name }) => [name, essenceOf(library, id)] as const)
    .sort(([a], [b]) => a.localeCompare(b))

interface Summary {
  readonly results: readonly Record<string, unknown>[]
}
const summaryOf = (stdout: string): unknown =>
  (JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Summary).results.map(
    ({ run: _, seconds: __, ...result }) => result,
  )

interface Undisturbed {
  readonly essences: unknown
  readonly summary: unknown
  readonly extent: Extent
}

async function undisturbed(): Promise<Undisturbed> {
  const folder = temporaryFolder()
  const library = set(folder)
  const {
    value: { code, stdout, stderr },
    extent,
  } = await measure(library, async () => await launch(process.execPath, sweep(folder, true)).done)
  expect(code, stderr).toBe(0)
  return { essences: essences(library), summary: summaryOf(stdout), extent }
}

async function play({ random, folder, isCompound, killed, note }: Round, right: Undisturbed): Promise<void> {
  const library = set(folder)
  for (let kills = isCompound ? 2 : 1; kills > 0; kills--) {
    const moment = momentIn(right.extent, random)
    const target = pick(random, ['process', 'child', 'group'] as const)
    note(`${target} ${momentText(moment)}`)
    const victim = launch(process.execPath, sweep(folder, random() < 0.5))
    const children = followChildren(victim)
    if (await killAt(victim, moment, library, target, random)) killed(target)
    const below = children()
    // A sweep outlives its child, and says in the end that not everything is done.
    const { code, signal } = await victim.done
    if (target === 'child') expect([0, 1]).toContain(code)
    else expect(signal ?? code).toSatisfy((one) => one === 'SIGKILL' || one === 0)
    if (target === 'process' && random() < 0.5) await areGone(below, 5000)
    else if (target !== 'process') {
      await holdsUp(library)
      if (random() < 0.5) await opened(library)
    }
  }
  const { code, stdout, stderr } = await launch(process.execPath, sweep(folder, true)).done
  expect(code, stderr).toBe(0)
  expect(summaryOf(stdout)).toEqual(right.summary)
  expect(await opened(library)).toHaveLength(runs)
  expect(essences(library)).toEqual(right.essences)
  await holdsUp(library)
  await isTidy(library)
}

export const sweeping: Scenario = {
  name: 'sweep',
  share: 5,
  isSampled: false,
  prepare: async () => {
    const right = await undisturbed()
    return async (round) => {
      await play(round, right)
    }
  },
}
