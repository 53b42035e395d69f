import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cliFile } from '../cli/built'
import { temporaryFolder } from '../support/fakeTraining'
import { bundleFile } from './bundleFile'
import { listed, openApp, type App, type Programs } from './app'
import { configFor, firstEpochs, moreEpochs, mostEpochs, settings } from './model'
import { Sequence, type Truth } from './sequence'
import { checkpointAt, linesOf, makeImages, storyOf } from './truth'
import { parseConfig } from '../../core/config/parse'

/*
 * Any order of starts, pauses, resumes, extensions, forks, kills, moves and comparisons, on an app that really trains.
 * In the end every run's numbers are those of a training that nobody disturbed, and record, log, checkpoints and window
 * tell the same story. BATCHLAB_SOAK=200 runs 200 sequences; BATCHLAB_SOAK_SEED=7 begins with the seventh.
 */
const sequences = Number(process.env['BATCHLAB_SOAK'] ?? 4)
const firstSeed = Number(process.env['BATCHLAB_SOAK_SEED'] ?? 1)

let programs: Programs
const truths = new Map<string, Truth>()

async function truthsOf(images: string): Promise<void> {
  const library = temporaryFolder()
  const app = await openApp(library, programs)
  const asked = new Map<string, string>()
  for (const kind of Object.keys(settings)) {
    for (let epochs = firstEpochs; epochs <= mostEpochs; epochs += moreEpochs) {
      // Nothing may end it early: where patience runs out is worked out from its losses.
      const config = parseConfig({
        ...configFor(kind, images, epochs),
        earlyStopping: { monitor: settings[kind]?.earlyStopping?.monitor ?? 'validationAccuracy' },
      })
      if (!config.ok) throw new Error(JSON.stringify(config.issues))
      const reply = await app.request('runs.start', { config: config.value, weights: null })
      if (!reply.ok) throw new Error(reply.message)
      asked.set(`${kind} ${epochs}`, String(reply.value))
    }
  }
  await app.rest()
  for (const [name, id] of asked) {
    const folder = join(library, 'runs', id)
    truths.set(name, {
      story: storyOf(linesOf(folder)),
      final: checkpointAt(join(folder, 'checkpoints', 'final.safetensors')).tensors,
    })
  }
  for (const { status } of (await listed(app)).values()) expect(status).toBe('finished')
  await app.quit()
}

let images = ''
const apps = new Set<App>()
afterAll(async () => {
  for (const app of apps) await app.kill()
})

beforeAll(async () => {
  programs = {
    app: await bundleFile(join(__dirname, 'appProcess.ts')),
    resources: resolve(__dirname, '../../resources'),
    trainerThread: join(cliFile, '..', 'trainerThread.js'),
  }
  images = join(temporaryFolder(), 'images')
  mkdirSync(images)
  makeImages(images, writeFileSync)
  await truthsOf(images)
  // Sixteen trainings: a quarter of a minute, and several minutes on a machine that is busy with something else.
}, 900_000)

describe('any order of requests, kills and moves', () => {
  it.each(Array.from({ length: sequences }, (_, i) => firstSeed + i))(
    'leaves one story in record, log, checkpoints and window: sequence %i',
    { timeout: 600_000 },
    async (seed) => {
      // Each sequence has images of its own to move about.
      const folder = temporaryFolder()
      const own = join(folder, 'images')
      mkdirSync(own)
      makeImages(own, writeFileSync)
      const sequence = new Sequence({
        seed,
        library: join(folder, 'library'),
        images: own,
        open: async (library) => {
          const app = await openApp(library, programs)
          apps.add(app)
          return app
        },
        truths,
      })
      try {
        await sequence.play(20)
        await sequence.end()
      } catch (error) {
        throw new Error(`After ${sequence.steps.join(', ')}`, { cause: error })
      } finally {
        for (const app of apps) await app.kill()
        apps.clear()
      }
    },
  )
})
