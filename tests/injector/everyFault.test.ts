/*
 * A real trainer process meets a fault at any one of its calls to the system: it is killed before the call, or in the
 * middle of a write, or the call fails, once or for a while. What it then leaves goes on as the queue would have it,
 * and ends as the run that met none: the same weights, traces, scores, chosen epoch, files and record.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunConfig } from '../../core/config/config'
import type { TrainEvent } from '../../core/events'
import { fold } from '../../core/fold'
import type { Run } from '../../core/run'
import { bundleFile } from '../soak/bundleFile'
import { digitsConfig } from '../support/digits'
import { callsOf, injector, sample, sampleOf, whyNot, type Fault, type Injection } from './faults'
import { essence, firstDifference, recorded, trainAttempt, told } from './attempt'
import type { Said, Task, Work } from './trainerProcess'
import { removeFolder } from '../support/cleanup'

/** 1 takes every call, 10 every tenth; 0 a sample. */
const stride = Number(process.env['BATCHLAB_EVERY_FAULT'] ?? 0)
const isWhole = stride > 0
const folder = mkdtempSync(join(tmpdir(), 'batchlab-faults-'))
afterAll(() => removeFolder(folder))
const cache = join(folder, 'cache')
const resources = resolve('resources')

let program = ''
let carried: { readonly LD_PRELOAD: string }

interface Heard {
  readonly events: readonly TrainEvent[]
  readonly failed: string
  readonly isOver: boolean
}

/** Trains the tasks in a process of its own; what came of each as far as it said so. */
async function train(tasks: readonly Task[]): Promise<readonly Heard[]> {
  const child = spawn(process.execPath, [program], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...carried, NODE_PATH: resolve('node_modules') },
  })
  const work: Work = { tasks, cache, resources }
  child.stdin.on('error', () => undefined).end(JSON.stringify(work))
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    said += piece
  })
  await new Promise((done) => {
    child.once('close', done)
  })
  const lines = said
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Said)
  return tasks.map((_, task) => {
    const own = lines.filter((line) => line.task === task)
    return {
      events: own.flatMap((line) => ('event' in line ? [line.event] : [])),
      failed: own.flatMap((line) => ('failed' in line ? [line.failed] : [])).join(),
      isOver: own.some((line) => 'isOver' in line),
    }
  })
}

interface Case {
  readonly config: RunConfig
  readonly saveAt: number
  /** The process is killed before the so manyth call of this kind, and the faults meet the one that goes on. */
  readonly killedBefore?: { readonly call: string; readonly at: number }
}

/** A folder for one training; where there was one before it, a copy of what that left. */
function fresh(before?: string): string {
  const into = mkdtempSync(join(folder, 'run-'))
  if (before !== undefined) cpSync(before, into, { recursive: true })
  return into
}

function agreed(heard: Run, logged: Run, last: TrainEvent | undefined): Run {
  if (last?.type !== 'paused' || last.cause === '' || logged.startedAt === null) return heard
  return logged.log.some(({ at }) => at === last.at) ? logged : fold(logged, last)
}

/** What differs from the run that met no fault after the run went on; empty where nothing does. */
async function difference(
  { config, saveAt }: Case,
  before: Run,
  into: string,
  { events, failed, isOver }: Heard,
  expected: string,
): Promise<string> {
  // A job that is refused before it begins changes nothing of its run, which waits.
  if (failed !== '' && events.length > 0) return `the job failed: ${failed}`
  const logged = await told(config, into)
  const lost = events.filter(
    (event) => event.type === 'saved' && !logged.saved.has(event.checkpoint.name + event.checkpoint.moment.update),
  )
  if (lost.length > 0) return `it said ${JSON.stringify(lost)}, which its log has not`
  // The record of a run whose process was killed is made anew from its log, and where a disk failed the queue makes
  // both agree (main/library/eventRecorder.ts).
  let record = isOver ? agreed(events.reduce(fold, before), logged.run, events.at(-1)) : logged.run
  if (isOver && failed === '' && record.status !== 'finished' && (record.status !== 'paused' || record.message === ''))
    return `it is ${record.status}: ${record.message}`
  if (record.status !== 'finished') {
    try {
      await trainAttempt(record, {
        config,
        folder: into,
        cache,
        resources,
        saveAt,
        onEvent: (event) => {
          record = fold(record, event)
        },
      })
    } catch (error) {
      return `it cannot go on: ${String(error)}`
    }
  }
  const found = await essence(config, into)
  if (found !== expected) return `not the same run: ${firstDifference(expected, found)}`
  const log = recorded((await told(config, into)).run)
  return recorded(record) === log ? '' : `record and log: ${firstDifference(log, recorded(record))}`
}

const killing: readonly Fault[] = ['kill', 'torn']
const faults: readonly Injection[] = [
  { fault: 'kill', call: 0, times: 1 },
  { fault: 'torn', call: 0, times: 1 },
  { fault: 'EIO', call: 0, times: 1 },
  { fault: 'ENOSPC', call: 0, times: 1 },
  { fault: 'EMFILE', call: 0, times: 1 },
  { fault: 'EIO', call: 0, times: 8 },
  { fault: 'ENOSPC', call: 0, times: 1000 },
  { fault: 'EMFILE', call: 0, times: 3 },
]

const keeping = (keepBest: number): Case => ({
  config: digitsConfig({
    data: { trainingImages: 72 },
    network: { type: 'mlp', hidden: [6] },
    epochs: 5,
    checkpoints: { keepBest, everyEpochs: 2 },
  }),
  saveAt: 7,
})
const cases: readonly (readonly [string, Case])[] = [
  ['keeps the best 1, periodic ones and one that is asked for', keeping(1)],
  ['keeps the best 3, periodic ones and one that is asked for', keeping(3)],
  [
    'goes on after a kill between checkpoints and their record',
    { ...keeping(1), killedBefore: { call: 'write /events.ndjson', at: 5 } },
  ],
  [
    'goes on from before a checkpoint that its record lacks',
    { ...keeping(1), killedBefore: { call: 'write /events.ndjson', at: 4 } },
  ],
]
// A sample takes one of them.
const tried = cases.filter((_, index) => isWhole || index === sample % cases.length)

const why = whyNot()
describe.skipIf(why !== '')(`a real trainer${why === '' ? '' : ` (${why})`}`, () => {
  beforeAll(async () => {
    carried = injector(folder)
    program = await bundleFile(join(import.meta.dirname, 'trainerProcess.ts'))
  })

  it.each(tried)(
    'ends as if there had been no fault at any of its calls; it %s',
    async (_, one) => {
      const none = { fault: 'none', call: -1, times: 0 } as const
      const whole = fresh()
      await train([{ ...one, folder: whole, injection: none }])
      const expected = await essence(one.config, whole)
      const start = one.killedBefore === undefined ? undefined : fresh()
      if (start !== undefined) {
        const call = callsOf(whole).flatMap((line, at) => (line === one.killedBefore?.call ? [at] : []))[
          one.killedBefore?.at ?? 0
        ]
        await train([{ ...one, folder: start, injection: { fault: 'kill', call: call ?? 0, times: 1 } }])
      }
      const { run: before } = await told(one.config, start ?? join(folder, 'nothing'))
      const [into, other] = [fresh(start), fresh(start)]
      const [heard] = await train([
        { ...one, folder: into, injection: none },
        { ...one, folder: other, injection: { ...none, fault: 'EMFILE' } },
      ])
      const [calls, openings] = [callsOf(into), callsOf(other)]
      expect(await difference(one, before, into, heard!, expected)).toBe('')
      expect(expected).toContain('manual-')

      const tasks = faults.flatMap((kind, lane): readonly Task[] => {
        const counted = kind.fault === 'EMFILE' ? openings : calls
        // A few more than were counted: a timer may have its turn once more.
        const all = Array.from({ length: counted.length + 3 }, (_one, call) => call).filter(
          (call) => kind.fault !== 'torn' || (counted[call] ?? '').startsWith('write'),
        )
        const chosen = isWhole
          ? all.filter((_one, at) => at % stride === lane % stride)
          : sampleOf(all, killing.includes(kind.fault) ? 1 : 2, lane)
        return chosen.map((call) => ({ ...one, folder: fresh(start), injection: { ...kind, call } }))
      })
      const [killed, failing] = [true, false].map((kills) =>
        tasks.filter(({ injection: { fault } }) => killing.includes(fault) === kills),
      )
      const met: (readonly [Task, Heard])[] = []
      for (const task of killed ?? []) met.push([task, (await train([task]))[0]!])
      for (const [index, said] of (await train(failing ?? [])).entries()) met.push([failing![index]!, said])

      const counts: Record<string, number> = {}
      const found: string[] = []
      for (const [
        {
          folder: at,
          injection: { fault, call, times },
        },
        said,
      ] of met) {
        const what = await difference(one, before, at, said, expected)
        if (what !== '')
          found.push(`${fault} × ${times} at call ${call} of ${calls.length} (${callsOf(at)[call] ?? 'none'}): ${what}`)
        else for (const path of [at, `${at}.trace`]) rmSync(path, { recursive: true })
        counts[`${fault} × ${times}`] = (counts[`${fault} × ${times}`] ?? 0) + 1
      }
      if (isWhole)
        console.log(
          JSON.stringify({ calls: calls.length, openings: openings.length, ...counts, different: found.length }),
        )
      if (process.env['BATCHLAB_FAULTS_TO'] !== undefined)
        writeFileSync(process.env['BATCHLAB_FAULTS_TO'], `${found.join('\n')}\n`, { flag: 'a' })
      expect(found).toEqual([])
    },
    isWhole ? 3_600_000 : 300_000,
  )
})
