/*
 * The command line meets a fault at any one of the calls by which it, its queue or its trainer change the library.
 * Whatever it was: the library opens, nothing in it is a problem, no end is claimed that was not reached, and the run
 * that goes on ends as the one that met no fault.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Run } from '../../core/run'
import { verifyLibrary } from '../../main/library/checkLibrary'
import { createRunQueue } from '../../main/queue/runQueue'
import { nodeHost } from '../../main/hosts/nodeHost'
import { openLibrary, type Library } from '../../main/library/library'
import { cliFile, start, type Ran } from '../cli/built'
import { armedFor, callsOf, injector, sample, sampleOf, whyNot, type Injection } from './faults'
import { essence, firstDifference, recorded, told } from './attempt'
import { removeFolder } from '../support/cleanup'

/** 1 takes every call, 10 every tenth; 0 a sample. */
const stride = Number(process.env['BATCHLAB_EVERY_FAULT'] ?? 0)
const folder = mkdtempSync(join(tmpdir(), 'batchlab-faults-'))
afterAll(() => removeFolder(folder))
const fresh = (): string => join(mkdtempSync(join(folder, 'case-')), 'library')
const host = nodeHost(join(cliFile, '..', 'trainerThread.js'))

const wanted = {
  'engine.backend': 'cpu',
  'data.trainingImages': 72,
  'network.type': 'mlp',
  'network.hidden': '[6]',
  batchSize: 24,
  epochs: 5,
  'checkpoints.keepBest': 1,
  'checkpoints.everyEpochs': 2,
}

let carried: { readonly LD_PRELOAD: string }

/** Trains with the command line in a new library. */
async function train(library: string, injection: Injection): Promise<Ran> {
  const settings = Object.entries(wanted).flatMap(([name, value]) => ['--set', `${name}=${String(value)}`])
  return await start(['train', ...settings, '--json', '--dir', library], {
    env: { ...carried, ...armedFor(library, injection) },
  }).done
}

/** Opens a library as the app does and lets its run go on to its end. */
async function goOn(library: Library, id: string): Promise<Run> {
  const queue = createRunQueue({
    library,
    host,
    folders: { cache: join(folder, 'cache'), resources: resolve('resources') },
  })
  await queue.resume(id)
  await queue.settled(id)
  await queue.shutDown({ pause: true })
  return await library.readRun(id)
}

async function withLibrary<T>(path: string, use: (library: Library) => Promise<T>): Promise<T> {
  const library = await openLibrary(path)
  try {
    if (library.readOnly !== '') throw new Error(library.readOnly)
    return await use(library)
  } finally {
    await library.close()
  }
}

const problemsOf = async (path: string): Promise<string> =>
  (await verifyLibrary(path, () => undefined)).problems.map(({ file, message }) => `${file} ${message}`).join('; ')

/** What is wrong after a command that met a fault; empty where nothing is. */
async function fault(path: string, { code, stdout }: Ran, expected: string): Promise<string> {
  const claimed = stdout.includes('"status":"finished"')
  const before = await withLibrary(path, async (library) => Promise.resolve(library.runs()))
  const [run, ...others] = before
  const problems = await problemsOf(path)
  if (problems !== '') return `verify says: ${problems}`
  // Nobody was told that the run exists.
  if (run === undefined) return stdout.includes('"type":"queued"') || code === 0 ? 'the run is gone' : ''
  if (others.length > 0) return `there are ${before.length} runs`
  if ((code === 0 || claimed) && run.status !== 'finished')
    return `it ended with ${String(code)} and is ${run.status}: ${run.message}`
  return await withLibrary(path, async (library) => {
    const record = run.status === 'finished' ? await library.readRun(run.id) : await goOn(library, run.id)
    const own = library.runFolder(run.id)
    // What a disk did not let a command remove goes soon after the library is opened again.
    for (let waited = 0; waited < 5000 && readdirSync(own).some((name) => name.endsWith('.unfinished')); waited += 100)
      await wait(100)
    const found = await essence(record.config, own)
    if (found !== expected) return `not the same run: ${firstDifference(expected, found)}`
    const logged = recorded((await told(record.config, own)).run)
    if (recorded(record) !== logged) return `record and log: ${firstDifference(logged, recorded(record))}`
    await library.flush()
    return await problemsOf(path)
  })
}

const faults: readonly Omit<Injection, 'call'>[] = [
  { fault: 'kill', times: 1 },
  { fault: 'torn', times: 1 },
  { fault: 'EIO', times: 1 },
  { fault: 'ENOSPC', times: 1 },
  { fault: 'EMFILE', times: 1 },
  { fault: 'EIO', times: 8 },
  { fault: 'ENOSPC', times: 100_000 },
  { fault: 'EMFILE', times: 3 },
]

const why = whyNot()
describe.skipIf(why !== '')(`the command line${why === '' ? '' : ` (${why})`}`, () => {
  beforeAll(() => {
    carried = injector(folder)
  })

  it(
    'opens again after a fault at any call, and its run ends as if there had been none',
    async () => {
      const whole = fresh()
      const ran = await train(whole, { fault: 'none', call: -1, times: 0 })
      expect(ran).toMatchObject({ code: 0, stderr: expect.any(String) as string })
      const calls = callsOf(whole)
      expect(calls.length).toBeGreaterThan(100)
      const [run] = await withLibrary(whole, async (library) => Promise.resolve(library.runs()))
      const expected = await essence(
        run!.config,
        await withLibrary(whole, async (library) => Promise.resolve(library.runFolder(run!.id))),
      )
      const counting = fresh()
      await train(counting, { fault: 'EMFILE', call: -1, times: 0 })
      const openings = callsOf(counting)

      const found: string[] = []
      const counts: Record<string, number> = {}
      // Without being asked for more some faults, others in every sample.
      for (const [index, kind] of faults.entries()) {
        if (stride === 0 && (index + sample) % 3 !== 0) continue
        const all = kind.fault === 'EMFILE' ? openings : calls
        const tried = [...all.keys()].filter((at) => kind.fault !== 'torn' || (all[at] ?? '').startsWith('write'))
        const chosen = stride > 0 ? tried.filter((_, at) => at % stride === index % stride) : sampleOf(tried, 1, index)
        for (const call of chosen) {
          const path = fresh()
          const what = await fault(path, await train(path, { ...kind, call }), expected).catch(
            (error: unknown) => `it threw ${String(error)}`,
          )
          const line =
            `${kind.fault} × ${kind.times} at call ${call} of ${all.length} (${callsOf(path)[call] ?? 'none'}): ` +
            `${what}`
          if (what !== '') found.push(line)
          if (what !== '' && process.env['BATCHLAB_FAULTS_TO'] !== undefined)
            writeFileSync(process.env['BATCHLAB_FAULTS_TO'], `${line}\n`, { flag: 'a' })
          counts[`${kind.fault} × ${kind.times}`] = (counts[`${kind.fault} × ${kind.times}`] ?? 0) + 1
          rmSync(join(path, '..'), { recursive: true })
        }
      }
      if (stride > 0)
        console.log(
          JSON.stringify({ calls: calls.length, openings: openings.length, ...counts, different: found.length }),
        )
      expect(found).toEqual([])
    },
    stride > 0 ? 7_200_000 : 300_000,
  )
})
