/*
 * What vanishes while a real command trains: a log is put back from the open file; a run whose folder is gone pauses
 * with a sentence that names it, and its end is never claimed.
 */
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { TrainEvent } from '../../core/events'
import type { Run } from '../../core/run'
import { verifyLibrary } from '../../main/library/checkLibrary'
import { readLog } from '../../main/files/readLog'
import { openLibrary } from '../../main/library/library'
import { batchlab, json, start, temporaryFolder, type Ran } from '../cli/built'

vi.setConfig({ testTimeout: 120_000 })
const small = [
  '--set',
  'engine.backend=cpu',
  '--set',
  'network.type=mlp',
  '--set',
  'network.hidden=[6]',
  '--set',
  'data.trainingImages=72',
  '--set',
  'batchSize=24',
  '--json',
]

interface Lost extends Ran {
  readonly library: string
  readonly folder: string
  readonly run: string
}

/** Trains, and takes something away once the first checkpoint is told. */
async function train(epochs: number, lose: (folder: string, library: string) => void): Promise<Lost> {
  const library = join(temporaryFolder(), 'library')
  const training = start(['train', ...small, '--set', `epochs=${epochs}`, '--dir', library])
  const { folder } = (await training.event('queued')) as { readonly folder: string }
  await training.event('saved')
  lose(folder, library)
  return { ...(await training.done), library, folder, run: basename(folder) }
}

const eventsOf = async (folder: string): Promise<readonly TrainEvent[]> => {
  const events: TrainEvent[] = []
  await readLog(join(folder, 'events.ndjson'), (event) => {
    events.push(event as TrainEvent)
  })
  return events
}

/** From which update a run goes on; it is paused then. */
async function goesOn(run: string, library: string): Promise<number> {
  const going = start(['resume', run, '--json', '--dir', library])
  const { moment } = (await going.event('started')) as { readonly moment: { readonly update: number } }
  going.child.kill('SIGINT')
  expect((await going.done).code).toBe(130)
  return moment.update
}

describe('while a command trains', () => {
  it('a deleted log is put back with every update, and says so', async () => {
    const { code, folder, library } = await train(120, (into) => rmSync(join(into, 'events.ndjson')))
    expect(code).toBe(0)
    const events = await eventsOf(folder)
    const updates = events.flatMap((event) => (event.type === 'advanced' ? event.points.update : []))
    expect(updates).toEqual(Array.from({ length: updates.length }, (_, at) => at + 1))
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'finished', moment: { update: updates.length } })
    expect(
      events.filter((event) => event.type === 'noted' && event.message.includes('events.ndjson was deleted')),
    ).toHaveLength(1)
    expect((await verifyLibrary(library, () => undefined)).problems).toEqual([])
  })

  it('a run whose folder is moved away pauses, names it, and goes on when it is back', async () => {
    const { code, stdout, stderr, folder, library, run } = await train(5000, (into) => renameSync(into, `${into}.away`))
    expect(code).toBe(1)
    expect(stderr).toContain(`The run's folder is gone`)
    expect(stderr).toContain(folder)
    expect(stdout).not.toContain('"type":"ended"')
    expect(existsSync(folder)).toBe(false)
    expect((await json<readonly Run[]>('list', '--dir', library))[0]).toMatchObject({ status: 'paused' })
    const refused = await batchlab(['resume', run, '--dir', library])
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain(folder)
    expect(existsSync(folder)).toBe(false)
    renameSync(`${folder}.away`, folder)
    expect(await goesOn(run, library)).toBeGreaterThan(0)
    expect((await verifyLibrary(library, () => undefined)).problems).toEqual([])
  })

  it('a library that is gone ends the command with a sentence that names it', async () => {
    const { code, stdout, stderr, library, run } = await train(5000, (_, whole) => renameSync(whole, `${whole}.away`))
    expect(code).toBe(1)
    expect(stderr).toContain(library)
    expect(stderr).toMatch(/folder (is gone|does not exist)/)
    expect(stderr).not.toContain('Another program')
    expect(stdout).not.toContain('"type":"ended"')
    expect(existsSync(library)).toBe(false)
    renameSync(`${library}.away`, library)
    expect(await goesOn(run, library)).toBeGreaterThan(0)
  })
})

describe('a library that is open', () => {
  it('says that its folder is gone where it is, and not that another program has it', async () => {
    const folder = join(temporaryFolder(), 'library')
    let beat = (): void => undefined
    const library = await openLibrary(folder, {
      lease: {
        every: (_, on) => {
          beat = on
          return () => undefined
        },
      },
    })
    renameSync(folder, `${folder}.away`)
    beat()
    await expect
      .poll(() => library.readOnly)
      .toContain(`The library's folder is gone, because it was moved or deleted or its disk was taken away (${folder})`)
    expect(
      library
        .notices()
        .map(({ message }) => message)
        .join(),
    ).toContain('Put it back and open it again')
  })
})

describe('checkpoints of one epoch', () => {
  it('have bytes of their own: last, best and periodic', async () => {
    const { code, folder } = await train(2, () => undefined)
    expect(code).toBe(0)
    const files = readdirSync(join(folder, 'checkpoints')).map((name) => statSync(join(folder, 'checkpoints', name)))
    expect(files.length).toBeGreaterThanOrEqual(3)
    expect(files.map(({ nlink }) => nlink)).toEqual(files.map(() => 1))
  })
})
