import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { RunConfigInput } from '../../../core/config/config'
import { cliFile } from '../../cli/built'
import { temporaryFolder } from '../../support/fakeTraining'
import { linesOf, makeImages, storyOf } from '../../soak/truth'
import { essenceOf, folderOf, holdsUp, isTidy, listOf, opened, type Told } from '../oracle'
import { pick, type Round, type Scenario } from '../rounds'
import { killAt, launch, measure, momentIn, momentText, type Ended, type Extent } from '../victim'

const base: RunConfigInput = {
  name: 'killed',
  seed: 3,
  epochs: 8,
  batchSize: 8,
  network: { type: 'mlp', hidden: [6] },
  learningRate: { base: 0.05 },
  engine: { backend: 'cpu' },
  data: { source: { type: 'digits' }, trainingImages: 200 },
}
const kinds: Readonly<Record<string, RunConfigInput>> = {
  plain: base,
  'best three and periodic': {
    ...base,
    optimizer: { type: 'adam' },
    checkpoints: { keepBest: 3, everyEpochs: 2, saveEverySeconds: 1 },
  },
  'early stopping': { ...base, epochs: 20, learningRate: { base: 0.6 }, earlyStopping: { enabled: true, patience: 2 } },
  averaged: { ...base, learningRate: { base: 0.1 }, regularisation: { average: { type: 'ema', decay: 0.9 } } },
}
const onTensorFlow: RunConfigInput = {
  ...base,
  epochs: 6,
  engine: { backend: 'tensorflow', threads: 1 },
  network: { type: 'mlp', hidden: [12] },
  networkOptions: { dropout: 0.2 },
}

const batchlab = (args: readonly string[]): ReturnType<typeof launch> => launch(process.execPath, [cliFile, ...args])

/** Work on a library: how it begins, and how it goes on from whatever it left. */
interface Work {
  /** Puts what is there before the work into a folder. */
  readonly set: (folder: string) => void
  readonly begin: (folder: string) => readonly string[]
  /** What goes on, by the run as it is on disk; null where there is nothing left to do. */
  readonly goOn: (folder: string, run: Told | undefined) => readonly string[] | null
  /** The run that it is about. */
  readonly run: (library: string) => Told | undefined
}

interface Undisturbed {
  readonly code: number | null
  readonly essence: unknown
  readonly extent: Extent
}

const libraryIn = (folder: string): string => join(folder, 'library')
const ends = ['finished', 'earlyStopped', 'diverged']

async function undisturbed(work: Work): Promise<Undisturbed> {
  const folder = temporaryFolder()
  work.set(folder)
  const library = libraryIn(folder)
  mkdirSync(library, { recursive: true })
  const {
    value: { code, stderr },
    extent,
  } = await measure(library, async () => await batchlab(work.begin(folder)).done)
  const run = work.run(library)
  if (run === undefined) throw new Error(stderr)
  return { code, essence: essenceOf(library, run.id), extent }
}

/** What the process had said is safe when it was killed. */
function holdsWhatWasSaid({ stdout }: Ended, run: Told | undefined): void {
  const said = stdout
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{'))
    .map(
      (line) =>
        JSON.parse(line) as {
          type: string
          run?: string
          reason?: string
          checkpoint?: { name: string; moment: { update: number } }
        },
    )
  if (said.some(({ type }) => type === 'queued')) expect(run, 'a run that was acknowledged').toBeDefined()
  const ended = said.find(({ type }) => type === 'ended')
  if (ended !== undefined) expect(run?.status).toBe(ended.reason)
  const saved = Math.max(
    0,
    ...said.filter(({ type }) => type === 'saved').map(({ checkpoint }) => checkpoint?.moment.update ?? 0),
  )
  expect(
    Math.max(0, ...(run?.checkpoints ?? []).map(({ moment }) => moment.update)),
    'the newest checkpoint on record',
  ).toBeGreaterThanOrEqual(saved)
}

/** Kills the work, and what takes it up again, and holds the end to that of the undisturbed one. */
async function play(work: Work, { code, essence, extent }: Undisturbed, round: Round): Promise<void> {
  const { random, folder } = round
  work.set(folder)
  const library = libraryIn(folder)
  mkdirSync(library, { recursive: true })
  let args: readonly string[] | null = work.begin(folder)
  for (let kills = round.isCompound ? 2 : 1; kills > 0 && args !== null; kills--) {
    const moment = momentIn(extent, random)
    const target = pick(random, ['process', 'group'] as const)
    const victim = batchlab(args)
    round.note(`batchlab ${args[0] ?? ''}: ${target} ${momentText(moment)}`)
    if (await killAt(victim, moment, library, target, random)) round.killed(target)
    const said = await victim.done
    expect(said.signal ?? said.code, said.stderr).toSatisfy((one) => one === 'SIGKILL' || one === code)
    await holdsUp(library)
    // The next to open it is the command that goes on, which finds the run by the list as it lies there, or somebody
    // before that.
    if (random() < 0.6 || work.run(library) === undefined) {
      await opened(library)
      holdsWhatWasSaid(said, work.run(library))
    }
    args = work.goOn(folder, work.run(library))
  }
  if (args !== null) {
    const { code: end, stderr } = await batchlab(args).done
    expect(end, stderr).toBe(code)
  }
  await opened(library)
  const run = work.run(library)
  expect(run).toBeDefined()
  expect(essenceOf(library, run?.id ?? '')).toEqual(essence)
  await holdsUp(library)
  await isTidy(library)
}

const only = (library: string): Told | undefined => listOf(library).at(-1)
// The list may be behind the log: a run that has ended there is not gone on with.
const hasEnded = (folder: string, run: Told): boolean =>
  ends.includes(run.status) || ends.includes(storyOf(linesOf(folderOf(libraryIn(folder), run.id))).last)
const resumed = (folder: string, run: Told): readonly string[] | null =>
  hasEnded(folder, run) ? null : ['resume', run.id, '--dir', libraryIn(folder), '--json']

/** A new training, from a config or from weights. */
const training = (config: RunConfigInput, weights: string | null = null): Work => {
  const begin = (folder: string): readonly string[] => [
    'train',
    join(folder, 'config.json'),
    '--dir',
    libraryIn(folder),
    '--json',
    ...(weights === null ? [] : ['--weights', join(folder, 'weights.safetensors')]),
  ]
  return {
    begin,
    run: only,
    set: (folder) => {
      writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
      if (weights !== null) cpSync(weights, join(folder, 'weights.safetensors'))
    },
    goOn: (folder, run) => {
      if (run !== undefined && weights !== null)
        expect(readFileSync(join(folderOf(libraryIn(folder), run.id), 'origin.safetensors'))).toEqual(
          readFileSync(weights),
        )
      return run === undefined ? begin(folder) : resumed(folder, run)
    },
  }
}

/** Work on a library that has a finished run of 4 epochs, or a paused one whose images were moved away since. */
async function before(): Promise<{
  readonly finished: string
  readonly paused: string
  readonly weights: string
  readonly id: (library: string) => string
}> {
  const [finished, paused] = [temporaryFolder(), temporaryFolder()]
  writeFileSync(join(finished, 'config.json'), JSON.stringify({ ...base, epochs: 4 }))
  await batchlab(['train', join(finished, 'config.json'), '--dir', libraryIn(finished)]).done
  const [run] = listOf(libraryIn(finished))
  const weights = join(folderOf(libraryIn(finished), run?.id ?? ''), 'checkpoints', 'final.safetensors')
  return { finished, paused, weights, id: (library) => listOf(library)[0]?.id ?? '' }
}

const copied =
  (from: string) =>
  (folder: string): void => {
    cpSync(libraryIn(from), libraryIn(folder), { recursive: true })
  }

const extending = (finished: string): Work => {
  const begin = (folder: string): readonly string[] => [
    'resume',
    listOf(libraryIn(folder))[0]?.id ?? '',
    '--epochs',
    '8',
    '--dir',
    libraryIn(folder),
    '--json',
  ]
  return {
    set: copied(finished),
    begin,
    run: (library) => listOf(library)[0],
    // Either the longer plan is on record, or nothing of it is.
    goOn: (folder, run) => {
      expect([4, 8]).toContain(run?.config.epochs)
      return run?.config.epochs === 8 ? resumed(folder, run) : begin(folder)
    },
  }
}

const forking = (finished: string): Work => {
  const begin = (folder: string): readonly string[] => [
    'fork',
    listOf(libraryIn(folder))[0]?.id ?? '',
    '--from',
    'last',
    '--set',
    'epochs=8',
    '--set',
    'name=forked',
    '--dir',
    libraryIn(folder),
    '--json',
  ]
  const fork = (library: string): Told | undefined => listOf(library).find(({ name }) => name === 'forked')
  return {
    set: copied(finished),
    begin,
    run: fork,
    goOn: (folder, run) => {
      expect(listOf(libraryIn(folder)).length).toBeLessThanOrEqual(2)
      return run === undefined ? begin(folder) : resumed(folder, run)
    },
  }
}

/** A run that was killed with its images at one place, and goes on with them at another. */
async function moving(): Promise<Work> {
  const template = temporaryFolder()
  const images = join(template, 'images')
  mkdirSync(images)
  makeImages(images, writeFileSync)
  const config: RunConfigInput = {
    ...base,
    epochs: 40,
    checkpoints: { saveEverySeconds: 1 },
    data: { source: { type: 'idx', path: images }, validationFraction: 0.25 },
  }
  writeFileSync(join(template, 'config.json'), JSON.stringify(config))
  const victim = batchlab(['train', join(template, 'config.json'), '--dir', libraryIn(template), '--json'])
  while (!victim.lines().some((line) => line.includes('"type":"saved"')))
    await new Promise((resolve) => setTimeout(resolve, 5))
  victim.child.kill('SIGTERM')
  expect((await victim.done).code).toBe(130)
  const away = join(template, 'elsewhere')
  renameSync(images, away)
  const begin = (folder: string): readonly string[] => [
    'resume',
    listOf(libraryIn(folder))[0]?.id ?? '',
    '--data',
    away,
    '--dir',
    libraryIn(folder),
    '--json',
  ]
  return {
    set: copied(template),
    begin,
    run: (library) => listOf(library)[0],
    goOn: (folder, run) => {
      expect([images, away]).toContain(run?.config.data.source.path)
      return run === undefined || hasEnded(folder, run) ? null : begin(folder)
    },
  }
}

const scenario = (
  name: string,
  share: number,
  isSampled: boolean,
  works: () => Promise<readonly Work[]>,
): Scenario => ({
  name,
  share,
  isSampled,
  prepare: async () => {
    const all = await works()
    const known = new Map<Work, Undisturbed>()
    return async (round) => {
      const work = pick(round.random, all)
      const right = known.get(work) ?? (await undisturbed(work))
      known.set(work, right)
      await play(work, right, round)
    }
  },
})

export const trainings: readonly Scenario[] = [
  scenario('train', 10, true, async () => Object.values(kinds).map((config) => training(config))),
  scenario('train, TensorFlow', 3, false, async () => [training(onTensorFlow)]),
  scenario('train from weights', 3, false, async () => [training(base, (await before()).weights)]),
  scenario('extend, fork', 4, false, async () => {
    const { finished } = await before()
    return [extending(finished), forking(finished)]
  }),
  scenario('resume with moved data', 3, false, async () => [await moving()]),
]
