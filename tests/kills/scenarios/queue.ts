import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { parseConfig } from '../../../core/config/parse'
import type { RunConfig, RunConfigInput } from '../../../core/config/config'
import { temporaryFolder } from '../../support/fakeTraining'
import { listed, openApp, type App, type Programs } from '../../soak/app'
import { programs } from '../programs'
import { essenceOf, holdsUp, isTidy, listOf, opened } from '../oracle'
import type { Round, Scenario } from '../rounds'
import { comes, measure, momentIn, momentText, type Extent } from '../victim'

const input = (name: string, more: RunConfigInput): RunConfigInput => ({
  name,
  epochs: 10,
  seed: 3,
  batchSize: 8,
  network: { type: 'mlp', hidden: [6] },
  learningRate: { base: 0.05 },
  engine: { backend: 'cpu' },
  data: { source: { type: 'digits' }, trainingImages: 200 },
  ...more,
})
const configs: readonly RunConfig[] = [
  input('first', {}),
  input('second', { batchSize: 12, checkpoints: { keepBest: 3 } }),
  input('third', { seed: 4, optimizer: { type: 'adam' } }),
].map((one) => {
  const parsed = parseConfig(one)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  return parsed.value
})

const ends = ['finished', 'earlyStopped', 'diverged']

/**
 * Asks for what is not there yet and for whatever can go on, waits until all of it is done, and remembers which runs
 * were acknowledged.
 */
async function work(app: App, acknowledged: Set<string>): Promise<void> {
  const runs = [...(await listed(app)).values()]
  for (const run of runs) if (!ends.includes(run.status)) accept(await app.request('runs.resume', run.id))
  for (const config of configs) {
    if (runs.some(({ name }) => name === config.name)) continue
    acknowledged.add(String(accept(await app.request('runs.start', { config, weights: null }))))
  }
  accept(await app.rest())
}

function accept(reply: Awaited<ReturnType<App['rest']>>): unknown {
  if (!reply.ok) throw new Error(reply.message)
  return reply.value
}

const essences = (library: string): unknown =>
  listOf(library)
    .map(({ id, name }) => [name, essenceOf(library, id)] as const)
    .sort(([a], [b]) => a.localeCompare(b))

interface Undisturbed {
  readonly essences: unknown
  readonly extent: Extent
}

async function undisturbed(built: Programs): Promise<Undisturbed> {
  const library = temporaryFolder()
  const { extent } = await measure(library, async () => {
    const app = await openApp(library, built)
    await work(app, new Set())
    await app.quit()
  })
  return { essences: essences(library), extent }
}

async function play(
  { random, folder, isCompound, killed, note }: Round,
  built: Programs,
  right: Undisturbed,
): Promise<void> {
  const library = join(folder, 'library')
  mkdirSync(library)
  const acknowledged = new Set<string>()
  for (let kills = isCompound ? 2 : 1; kills > 0; kills--) {
    const moment = momentIn(right.extent, random)
    note(momentText(moment))
    const opening = openApp(library, built)
    const working = opening.then((app) => work(app, acknowledged))
    // What is on its way when the kill comes fails, which is as it should be.
    working.catch(() => undefined)
    const hasCome = await comes(
      moment,
      library,
      working.catch(() => undefined),
    )
    const app = await opening
    await app.kill()
    if (hasCome) killed('main')
    else await working
    await holdsUp(library)
    if (random() < 0.5) await opened(library)
    else if (existsSync(join(library, 'library.json')))
      for (const id of acknowledged)
        expect(existsSync(join(library, 'runs', id, 'run.json')), `run ${id}, which was acknowledged`).toBe(true)
  }
  const app = await openApp(library, built)
  const runs = await listed(app)
  for (const id of acknowledged) expect([...runs.keys()]).toContain(id)
  for (const { status, name } of runs.values()) expect([...ends, 'interrupted', 'paused'], name).toContain(status)
  await work(app, acknowledged)
  await app.quit()
  expect(await opened(library)).toHaveLength(configs.length)
  expect(essences(library)).toEqual(right.essences)
  await holdsUp(library)
  await isTidy(library)
}

/** Three runs in the queue of the app's main process, which is killed while they train and wait. */
export const queue: Scenario = {
  name: 'queue',
  share: 8,
  isSampled: false,
  prepare: async () => {
    const built = await programs()
    const right = await undisturbed(built)
    return async (round) => {
      await play(round, built, right)
    }
  },
}
