/*
 * A trainer in a real process that is stopped, outlives its program, and is continued when its successor trains the
 * same run: it writes nothing more, and the run ends as if there had never been two.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, it, vi } from 'vitest'
import type { TrainEvent } from '../../core/events'
import type { HostMessage, Job } from '../../core/job'
import type { RunId } from '../../core/run'
import { createRunQueue } from '../../main/queue/runQueue'
import { readTensors } from '../../main/files/safetensors'
import { nodeHost } from '../../main/hosts/nodeHost'
import { verifyLibrary } from '../../main/library/checkLibrary'
import { openLibrary, type Library } from '../../main/library/library'
import { digitsConfig } from '../support/digits'
import { cliFile, temporaryFolder } from './built'

vi.setConfig({ testTimeout: 120_000 })

const thread = join(dirname(cliFile), 'trainerThread.js')
const config = digitsConfig({ data: { trainingImages: 400 }, epochs: 12, checkpoints: { keepBest: 2, everyEpochs: 5 } })
const folders = { cache: temporaryFolder(), resources: resolve('resources') }

/** The built trainer in a process that ends with it, and what it says. */
function trainer(job: Job) {
  const script =
    `new (require('node:worker_threads').Worker)(${JSON.stringify(thread)}, { workerData: ` +
    "JSON.parse(process.argv[1]) }).on('message', (message) => process.stdout.write(JSON.stringify(message) + " +
    "'\\n'))"
  const child = spawn(process.execPath, ['-e', script, JSON.stringify(job)])
  const events: TrainEvent[] = []
  let rest = ''
  const listeners = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const message of lines.map((line) => JSON.parse(line) as HostMessage))
      if (message.type === 'event') events.push(message.event)
    for (const on of listeners) on()
  })
  const closed = new Promise((gone) => child.once('close', gone))
  const epochs = async (count: number): Promise<void> =>
    await new Promise((reached) => {
      const look = (): void => {
        if (events.filter(({ type }) => type === 'epochEnded').length >= count) reached()
      }
      listeners.add(look)
      look()
    })
  return { child, events, closed, epochs }
}

const deskFor = (library: Library) => createRunQueue({ library, host: nodeHost(thread), folders })

// What was read from the disk has its keys in another order than what was heard.
const withoutClocks = (key: string, value: unknown): unknown => {
  if (key === 'seconds') return 0
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value
}

/** All that is left of a run but its clock. */
async function essence(library: Library, id: RunId): Promise<Readonly<Record<string, string>>> {
  const { status, moment, epochs, test, checkpoints } = await library.readRun(id)
  const { tensors } = await readTensors(library.checkpointPath(id, 'final'))
  const kept = checkpoints.map(({ bytes: _, ...one }) => one).sort((a, b) => a.name.localeCompare(b.name))
  const bits = [...tensors].map(([name, { data }]) => [
    name,
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
  ])
  const parts = { status, moment, epochs, test, kept, bits, trace: await library.readTrace(id) }
  // As short texts: a difference of thousands of numbers is told in a line.
  return Object.fromEntries(
    Object.entries(parts).map(([name, part]) => {
      const text = JSON.stringify(part, withoutClocks)
      return [
        name,
        `${createHash('sha256').update(text).digest('hex')} of ${text.length} characters: ${text.slice(0, 200)}`,
      ]
    }),
  )
}

it('writes nothing once its successor trains, and both are one run', async () => {
  const straight = await openLibrary(temporaryFolder())
  const one = deskFor(straight)
  const expected = await one.start(config, null)
  await one.settled(expected)

  const folder = temporaryFolder()
  // A program that dies: nobody keeps its lock alive.
  const dead = await openLibrary(folder, { lease: { every: () => () => undefined } })
  const { id } = await dead.addRun(config, { type: 'new' }, null)
  await dead.append(id, { type: 'starting', at: new Date().toISOString() })
  const stopped = trainer({
    type: 'train',
    run: id,
    config,
    runFolder: dead.runFolder(id),
    beginning: { type: 'new' },
    folders,
    lock: dead.lock,
  })
  await dead.setTrainer(id, stopped.child.pid ?? 0)
  await stopped.epochs(3)
  stopped.child.kill('SIGSTOP')
  const lock = join(folder, 'library.lock')
  writeFileSync(lock, readFileSync(lock, 'utf8').replace(/"pid":\d+/, '"pid":999999999'))

  const library = await openLibrary(folder)
  expect(library.readOnly).toBe('')
  expect(library.run(id)).toMatchObject({ status: 'interrupted' })
  const queue = deskFor(library)
  const heard: TrainEvent[] = []
  const began = new Promise<void>((begun) => {
    queue.listen((event) => {
      if (event.type !== 'run') return
      heard.push(...event.events)
      if (heard.some(({ type }) => type === 'epochEnded')) begun()
    })
  })
  await queue.resume(id)
  await began
  // Both train now.
  stopped.child.kill('SIGCONT')
  await stopped.closed
  expect(await queue.settled(id)).toMatchObject({ status: 'finished', moment: { epoch: 12 } })

  const last = stopped.events.at(-1)
  expect(last?.type === 'paused' && last.cause).toMatch(/another program took this library over/)
  expect(await essence(library, id)).toEqual(await essence(straight, expected))
  for (const each of [queue, one]) await each.shutDown({ pause: true })
  for (const each of [library, straight]) await each.close()
  expect(await verifyLibrary(folder, () => undefined)).toMatchObject({ problems: [], notes: [] })
})
