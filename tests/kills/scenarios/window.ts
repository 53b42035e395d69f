import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import { parseConfig } from '../../../core/config/parse'
import type { RunConfig, RunConfigInput } from '../../../core/config/config'
import type { Run } from '../../../core/run'
import { cliFile } from '../../cli/built'
import { descendants, renderersOf, trainersOf } from '../../app/processes'
import { temporaryFolder } from '../../support/fakeTraining'
import { essenceOf, folderOf, holdsUp, isTidy, listOf, opened } from '../oracle'
import { pick, type Round, type Scenario } from '../rounds'
import { areGone, comes, launch, measure, momentIn, momentText, type Extent } from '../victim'
import { canOpen, killMain, openWindow, quit, type Window } from '../window'
import { removeFolder } from '../../support/cleanup'

const base: RunConfigInput = {
  name: 'in the app',
  seed: 3,
  epochs: 30,
  batchSize: 8,
  network: { type: 'mlp', hidden: [6] },
  learningRate: { base: 0.05 },
  checkpoints: { saveEverySeconds: 1 },
  data: { source: { type: 'digits' }, trainingImages: 200 },
}
const configs = [
  { ...base, engine: { backend: 'cpu' } },
  { ...base, epochs: 15, engine: { backend: 'tensorflow', threads: 1 } },
].map((input): RunConfig => {
  const parsed = parseConfig(input)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  return parsed.value
})

interface Undisturbed {
  readonly essence: unknown
  readonly extent: Extent
  readonly updates: number
}

/** The same training by the command line, from which the app's differs in nothing. */
async function undisturbed(config: RunConfig): Promise<Undisturbed> {
  const folder = temporaryFolder()
  const library = join(folder, 'library')
  mkdirSync(library)
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  const { extent } = await measure(library, async () => {
    const { code, stderr } = await launch(process.execPath, [
      cliFile,
      'train',
      join(folder, 'config.json'),
      '--dir',
      library,
    ]).done
    expect(code, stderr).toBe(0)
  })
  const [run] = listOf(library)
  return { essence: essenceOf(library, run?.id ?? ''), extent, updates: run?.moment.update ?? 0 }
}

type What = 'main' | 'trainer' | 'page'
const ends = ['finished', 'earlyStopped', 'diverged', 'failed']

async function statusOf(window: Window, id: string): Promise<string> {
  const runs = JSON.parse(await window.ask('runs.list', null)) as readonly Run[]
  return runs.find((run) => run.id === id)?.status ?? 'not there'
}

/** Waits until a run is in one of some states, as its record on disk has it. */
async function reaches(library: string, id: string, states: readonly string[]): Promise<void> {
  const status = (): string => listOf(library).find((run) => run.id === id)?.status ?? 'not there'
  for (
    const began = performance.now();
    performance.now() - began < 90_000 && !states.includes(status());
    await wait(50)
  );
  expect(states).toContain(status())
}

/** Kills one process of the app; the app that goes on from there: the same one, or one that is opened anew. */
async function kill(
  what: What,
  window: Window,
  folders: { readonly userData: string; readonly library: string },
  id: string,
): Promise<Window> {
  if (what === 'main') {
    const below = descendants(window.pid).map(({ pid }) => pid)
    const trainers = trainersOf(window.pid)
    await killMain(window)
    await areGone([...trainers, ...below], 5000)
    await holdsUp(folders.library)
    return await openWindow(folders)
  }
  if (what === 'trainer') {
    for (const pid of trainersOf(window.pid)) process.kill(pid, 'SIGKILL')
    await reaches(folders.library, id, [...ends, 'interrupted'])
    return window
  }
  const [before = 0] = renderersOf(window.pid)
  process.kill(before, 'SIGKILL')
  for (
    const began = performance.now();
    performance.now() - began < 30_000 && renderersOf(window.pid).every((pid) => pid === before);
    await wait(20)
  );
  expect(
    renderersOf(window.pid).filter((pid) => pid !== before),
    'a new page',
  ).toHaveLength(1)
  return window
}

async function play(
  what: What,
  { random, folder, isCompound, killed, note }: Round,
  config: RunConfig,
  right: Undisturbed,
): Promise<void> {
  const folders = { userData: join(folder, 'user data'), library: join(folder, 'library') }
  let window = await openWindow(folders)
  try {
    const id = await window.ask('runs.start', { config, weights: null })
    await window.ask('runs.annotate', { id, notes: 'acknowledged', starred: true })
    await window.ask('settings.change', { theme: 'dark' })
    for (let kills = isCompound ? 2 : 1; kills > 0; kills--) {
      const moment = momentIn(right.extent, random)
      note(momentText(moment))
      await comes(moment, folderOf(folders.library, id), new Promise((resolve) => setTimeout(resolve, 10_000)))
      const isThere = what !== 'trainer' || trainersOf(window.pid).length > 0
      window = await kill(what, window, folders, id)
      if (isThere) killed(what)
    }
    const { settings } = await window.ask('app.state', null)
    expect(settings.theme).toBe('dark')
    const status = await statusOf(window, id)
    if (what === 'page') expect([...ends, 'queued', 'starting', 'running']).toContain(status)
    else if (!ends.includes(status)) {
      expect(status).toBe('interrupted')
      await window.ask('runs.resume', id)
    }
    await reaches(folders.library, id, ends)
    // The page shows every update, those of before the kill too.
    const { update } = await window.ask('runs.trace', id)
    expect(Object.keys(update)).toHaveLength(right.updates)
    await quit(window)
    const [run] = await opened(folders.library)
    expect(run).toMatchObject({ id, status: 'finished', starred: true, notes: 'acknowledged' })
    const { record, ...rest } = essenceOf(folders.library, id) as { record: object }
    const { record: expected, ...others } = right.essence as { record: object }
    expect({ ...record, notes: '', starred: false }).toEqual(expected)
    expect(rest).toEqual(others)
    await holdsUp(folders.library)
    await isTidy(folders.library)
  } finally {
    await killMain(window)
    // Chromium's processes write for a moment after the first one is gone.
    for (let tries = 0; tries < 50; tries++) {
      try {
        removeFolder(folders.userData)
        break
      } catch {
        await wait(100)
      }
    }
  }
}

const scenario = (what: What, name: string, share: number): Scenario => ({
  name,
  share,
  isSampled: false,
  prepare: async () => {
    if (!(await canOpen())) return null
    const known = new Map<RunConfig, Undisturbed>()
    return async (round) => {
      const config = pick(round.random, configs)
      const right = known.get(config) ?? (await undisturbed(config))
      known.set(config, right)
      await play(what, round, config, right)
    }
  },
})

export const windows: readonly Scenario[] = [
  scenario('main', 'app main', 4),
  scenario('trainer', 'app trainer', 2),
  scenario('page', 'app page', 2),
]
