/*
 * What `verify` finds: every loss is a problem by name, and what an ordinary kill leaves is none. The window's opening
 * says of a log that it is cut or gone, and whoever only looks sees what the log has and the record has not.
 */
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { CheckpointMetadata } from '../../core/checkpoint'
import type { LibraryReport } from '../../core/libraryReport'
import type { RunId } from '../../core/run'
import { durableWrite } from '../../main/files/durableWrite'
import { encodeLine } from '../../main/files/eventLine'
import { openLog } from '../../main/files/eventLog'
import { verifyLibrary } from '../../main/library/checkLibrary'
import { openLibrary } from '../../main/library/library'
import { checkpointContent, loadCheckpoint } from '../../main/trainer/checkpoint'
import { trainJob } from '../../main/trainer/trainJob'
import { digitsConfig } from '../support/digits'
import { removeFolder } from '../support/cleanup'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })
const root = mkdtempSync(join(tmpdir(), 'batchlab-check-'))
afterAll(() => removeFolder(root))

const config = digitsConfig({
  data: { trainingImages: 96 },
  network: { type: 'mlp', hidden: [6] },
  epochs: 3,
  checkpoints: { keepBest: 3 },
})
const folders = { cache: join(root, 'cache'), resources: resolve(import.meta.dirname, '../../resources') }

/**
 * A library with two runs of the same settings, one finished and one paused in its second epoch; and that same library
 * an attempt later.
 */
let [whole, later]: [string, string] = ['', '']
let [finished, paused]: [RunId, RunId] = ['', '']

const folderOf = (library: string, id: RunId): string => join(library, 'runs', id)
const logOf = (library: string, id = finished): string => join(folderOf(library, id), 'events.ndjson')
const checkpointOf = (library: string, name: string, id = finished): string =>
  join(folderOf(library, id), 'checkpoints', `${name}.safetensors`)

async function train(library: string, id: RunId, pauseAfter: number, resume = false): Promise<void> {
  let asked = 0
  const beginning = resume
    ? { type: 'resume' as const, path: checkpointOf(library, 'last', id), acceptChangedData: false }
    : { type: 'new' as const }
  await trainJob(
    { type: 'train', run: id, config, runFolder: folderOf(library, id), beginning, folders },
    () => undefined,
    () => (asked++ === pauseAfter ? 'pause' : null),
  )
}

beforeAll(async () => {
  whole = join(root, 'whole')
  mkdirSync(whole)
  const library = await openLibrary(whole)
  finished = (await library.addRun(config, { type: 'new' }, null)).id
  paused = (await library.addRun(config, { type: 'new' }, null)).id
  await library.close()
  await train(whole, finished, -1)
  await train(whole, paused, 6)
  // Opening takes in what the logs have.
  const opened = await openLibrary(whole)
  expect(opened.runs().map(({ status }) => status)).toEqual(['finished', 'paused'])
  await opened.close()
  later = copy()
  await train(later, paused, 3, true)
})

function copy(): string {
  const library = join(mkdtempSync(join(root, 'copy-')), 'library')
  cpSync(whole, library, { recursive: true })
  return library
}

const lines = (path: string): readonly string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1)
const changeLines = (path: string, change: (lines: readonly string[]) => readonly string[]): void =>
  writeFileSync(
    path,
    change(lines(path))
      .map((line) => `${line}\n`)
      .join(''),
  )
const rewrite = async (
  path: string,
  change: (metadata: CheckpointMetadata) => CheckpointMetadata,
  missing = '',
): Promise<void> => {
  const { state, metadata } = await loadCheckpoint(path)
  await durableWrite(
    path,
    checkpointContent(new Map([...state].filter(([name]) => name !== missing)), change(metadata)).content,
  )
}
const say = ({ problems, notes }: LibraryReport): { problems: string; notes: string } => ({
  problems: problems.map(({ file, message }) => `${file}: ${message}`).join('\n'),
  notes: notes.map(({ file, message }) => `${file}: ${message}`).join('\n'),
})
const check = async (library: string) => say(await verifyLibrary(library, () => undefined))

describe('a look at every file of a library', () => {
  it('finds nothing where nothing is wrong', async () => {
    expect(await verifyLibrary(copy(), () => undefined)).toMatchObject({ runs: 2, problems: [], notes: [] })
  })

  it.each<[string, (library: string) => void | Promise<void>, RegExp]>([
    [
      'a log that is empty',
      (library) => truncateSync(logOf(library), 0),
      /events\.ndjson: has 0 bytes, its record stands for \d+: its end is lost/,
    ],
    ['a log that is gone', (library) => rmSync(logOf(library)), /events\.ndjson: is gone, and the trace with it/],
    [
      'a log without its last line',
      (library) => changeLines(logOf(library), (all) => all.slice(0, -1)),
      /events\.ndjson: has \d+ bytes, its record stands for \d+: its end is lost/,
    ],
    [
      'a log without its first line',
      (library) => changeLines(logOf(library), (all) => all.slice(1)),
      /line 1 is not the first one of this run's log/,
    ],
    [
      'a log without a line',
      (library) => changeLines(logOf(library), (all) => [...all.slice(0, 3), ...all.slice(4)]),
      /line 4 follows a line that is not there/,
    ],
    [
      'a log with a line doubled',
      (library) => changeLines(logOf(library), (all) => [...all.slice(0, 3), ...all.slice(2)]),
      /line 4 is line 3 once more/,
    ],
    [
      'a log with two lines in the other order',
      (library) => changeLines(logOf(library), (all) => [...all.slice(0, 2), all[3]!, all[2]!, ...all.slice(4)]),
      /line 3 follows/,
    ],
    [
      'a log with a line of another',
      (library) =>
        changeLines(logOf(library), (all) => [...all.slice(0, 2), lines(logOf(library, paused))[2]!, ...all.slice(2)]),
      /line 3 follows a line that is not there/,
    ],
    [
      'the log of another run',
      (library) => copyFileSync(logOf(library), logOf(library, paused)),
      /line 1 is not the first one of this run's log/,
    ],
    [
      'a log with a changed byte',
      (library) =>
        changeLines(logOf(library), (all) => all.map((line, index) => (index === 2 ? line.replace('e', 'f') : line))),
      /1 of \d+ lines are damaged/,
    ],
    ['a checkpoint that is gone', (library) => rmSync(checkpointOf(library, 'best-00001')), /best-00001\.safetensors/],
    [
      'a checkpoint of another run',
      (library) => copyFileSync(checkpointOf(library, 'last', paused), checkpointOf(library, 'last')),
      /last\.safetensors: is a checkpoint of run \w+, not of run \w+/,
    ],
    [
      'a checkpoint in the place of another',
      (library) => copyFileSync(checkpointOf(library, 'best-00001'), checkpointOf(library, 'best-00002')),
      /best-00002\.safetensors: is of update 4, the record says 8/,
    ],
    [
      'an older checkpoint in the place of the last',
      (library) => copyFileSync(checkpointOf(library, 'best-00001'), checkpointOf(library, 'last')),
      /last\.safetensors: is of update 4, the record says 12/,
    ],
    [
      'a checkpoint that lacks a tensor',
      (library) => rewrite(checkpointOf(library, 'last'), (metadata) => metadata, 'fc1.weight'),
      /last\.safetensors: lacks the tensor fc1\.weight/,
    ],
    [
      'a checkpoint that lacks its optimizer',
      (library) =>
        rewrite(checkpointOf(library, 'last'), (metadata) => metadata, 'optimizer.momentum_buffer.fc1.weight'),
      /lacks the tensor optimizer\.momentum_buffer\.fc1\.weight/,
    ],
    [
      'a checkpoint at an impossible place',
      (library) =>
        rewrite(checkpointOf(library, 'last'), (metadata) => ({
          ...metadata,
          moment: { ...metadata.moment, update: 1_000_000, examples: 24_000_000 },
        })),
      /stands at update 1000000 of a run of 12/,
    ],
    [
      'a checkpoint of other settings',
      (library) =>
        rewrite(checkpointOf(library, 'last'), (metadata) => ({ ...metadata, config: { ...config, seed: 9 } })),
      /was trained with seed 9, the run has 1/,
    ],
    [
      'a fork whose beginning is another checkpoint',
      async (library) => {
        const opened = await openLibrary(library)
        const { id } = await opened.addRun(
          config,
          { type: 'fork', run: finished, checkpoint: 'last', update: 12 },
          checkpointOf(library, 'last'),
        )
        await opened.close()
        expect((await check(library)).problems).toBe('')
        rmSync(join(folderOf(library, id), 'origin.safetensors'))
        copyFileSync(checkpointOf(library, 'best-00001'), join(folderOf(library, id), 'origin.safetensors'))
      },
      /origin\.safetensors: is not last of run \w+ at update 12, with which the run began/,
    ],
    [
      'other weights than those that a run began with',
      async (library) => {
        const opened = await openLibrary(library)
        const weights = checkpointOf(library, 'final')
        const { id } = await opened.addRun(
          config,
          { type: 'weights', file: weights, sha256: createHash('sha256').update(readFileSync(weights)).digest('hex') },
          weights,
        )
        await opened.close()
        expect((await check(library)).problems).toBe('')
        copyFileSync(checkpointOf(library, 'best-00001'), join(folderOf(library, id), 'origin.safetensors'))
      },
      /origin\.safetensors: is not the file that the run began with/,
    ],
    ['a checkpoint cut short', (library) => truncateSync(checkpointOf(library, 'last'), 5000), /last\.safetensors/],
  ])('finds %s', async (_, spoil, expected) => {
    const library = copy()
    await spoil(library)
    expect((await check(library)).problems).toMatch(expected)
  })

  it.each<[string, (library: string) => void | Promise<void>, RegExp]>([
    [
      'the beginning of a line',
      (library) => appendFileSync(logOf(library), Buffer.from(encodeLine({ type: 'noted' })).subarray(0, 20)),
      /its last 20 bytes are an unfinished line/,
    ],
    [
      'an event that the record has not yet',
      async (library) => {
        const log = await openLog(logOf(library))
        log.append({ type: 'noted', at: '2030-01-01T00:00:00.000Z', update: 12, message: 'something' })
        await log.close()
      },
      /bytes that its record does not know yet/,
    ],
    [
      'an unfinished file',
      (library) =>
        writeFileSync(
          join(folderOf(library, finished), 'checkpoints', '.last.safetensors.123-0a1b2c3d-0.unfinished'),
          'half',
        ),
      /was never finished/,
    ],
    [
      'a checkpoint that is on no record',
      (library) => copyFileSync(checkpointOf(library, 'last'), checkpointOf(library, 'epoch-00003')),
      /epoch-00003\.safetensors: is on no record/,
    ],
    [
      'an attempt of which only the log and the checkpoints know',
      (library) => {
        rmSync(folderOf(library, paused), { recursive: true })
        cpSync(folderOf(later, paused), folderOf(library, paused), { recursive: true })
      },
      /bytes that its record does not know yet/,
    ],
    [
      'a last checkpoint of which the log does not know',
      (library) => copyFileSync(checkpointOf(later, 'last', paused), checkpointOf(library, 'last', paused)),
      /last\.safetensors: is of update 9, newer than its record/,
    ],
  ])('calls %s, which a kill leaves, no problem', async (_, leave, expected) => {
    const library = copy()
    await leave(library)
    const found = await check(library)
    expect(found.problems).toBe('')
    expect(found.notes).toMatch(expected)
    // And the next opening puts it in order.
    await (await openLibrary(library)).close()
    expect((await check(library)).problems).toBe('')
  })

  it('calls what people and their file synchronisers put beside its own files no problem', async () => {
    const library = copy()
    const own = folderOf(library, finished)
    cpSync(own, `${own} copy`, { recursive: true })
    for (const folder of ['.stfolder', 'runs/.dropbox.cache']) mkdirSync(join(library, folder))
    for (const file of ['.DS_Store', 'library (conflicted copy).json']) writeFileSync(join(library, file), 'x')
    for (const file of ['run.json~', '.run.json.swp', 'events (1).ndjson', 'notes.md', 'checkpoints/.DS_Store'])
      writeFileSync(join(own, file), 'x')
    const { problems, notes } = await check(library)
    expect(problems).toBe('')
    expect(notes).toContain(`“${finished} copy” in the folder of the runs is not a run and is left alone`)
  })

  it.each(['whole', 'gone'])(
    'says of a log that a link leads to that it is one, and not that its end is lost: what it leads to is %s',
    async (what) => {
      const library = copy()
      const elsewhere = join(mkdtempSync(join(root, 'elsewhere-')), 'events.ndjson')
      if (what === 'whole') copyFileSync(logOf(library), elsewhere)
      rmSync(logOf(library))
      symlinkSync(elsewhere, logOf(library))
      const messages = (await verifyLibrary(library, () => undefined)).problems
        .filter(({ file }) => file.startsWith(folderOf(library, finished)))
        .map(({ message }) => message)
      expect(messages).toEqual([expect.stringContaining('nothing in a library is opened through a link')])
    },
  )

  it('says nothing of what a living program is about to write down', async () => {
    const library = copy()
    const held = await openLibrary(library)
    // One that trains, which looks as a kill would leave it, and one that has just ended, whose record is behind.
    await held.append(paused, { type: 'starting', at: '2030-01-01T00:00:00.000Z' })
    writeFileSync(join(folderOf(library, paused), 'checkpoints', '.last.safetensors.123-0a1b2c3d-0.unfinished'), 'half')
    appendFileSync(logOf(library, paused), Buffer.from(encodeLine({ type: 'noted' })).subarray(0, 20))
    const log = await openLog(logOf(library))
    log.append({ type: 'noted', at: '2030-01-01T00:00:00.000Z', update: 12, message: 'something' })
    await log.close()
    expect(await check(library)).toEqual({ problems: '', notes: '' })
    await held.close()
  })

  it('names the run of each finding', async () => {
    const library = copy()
    truncateSync(logOf(library), 0)
    writeFileSync(join(folderOf(library, paused), 'checkpoints', '.last.safetensors.123-0a1b2c3d-0.unfinished'), 'half')
    const seen: [string, number][] = []
    const { problems, notes } = await verifyLibrary(library, (what, fraction) => seen.push([what, fraction]))
    expect([...new Set(problems.map(({ run }) => run)), ...notes.map(({ run }) => run)]).toEqual([finished, paused])
    expect(seen).toEqual([
      ['run 1 of 2', 0],
      ['run 2 of 2', 0.5],
    ])
  })
})

describe('opening a library', () => {
  it.each<[string, (path: string) => void, RegExp]>([
    ['gone', (path) => rmSync(path), /^The log of run \w+ \(.*\) is empty or gone\. The record is kept/],
    [
      'shorter than its record',
      (path) => truncateSync(path, 900),
      /^The log of run \w+ \(.*\) has lost its end: it has 900 bytes, its record stands for \d+\./,
    ],
  ])('says of a log that it is %s, whoever opens it', async (_, spoil, expected) => {
    const library = copy()
    spoil(logOf(library))
    for (const readOnly of [true, false]) {
      const opened = await openLibrary(library, { readOnly })
      expect(opened.notices().map(({ message }) => message)).toEqual([expect.stringMatching(expected)])
      expect(opened.run(finished)).toMatchObject({ status: 'finished', moment: { epoch: 3 } })
      await opened.close()
    }
  })

  it('to look only shows what the log has and the record has not, and writes nothing', async () => {
    const library = copy()
    rmSync(folderOf(library, paused), { recursive: true })
    cpSync(folderOf(later, paused), folderOf(library, paused), { recursive: true })
    const before = readFileSync(join(folderOf(library, paused), 'run.json'))
    const look = await openLibrary(library, { readOnly: true })
    expect(look.run(paused)).toMatchObject({ status: 'paused', moment: { update: 9, epoch: 2, position: 24 } })
    const full = await look.readRun(paused)
    expect(full.epochs.map(({ epoch }) => epoch)).toEqual([1, 2])
    expect(full.log.at(-1)).toMatchObject({ update: 9, message: 'Paused' })
    await look.close()
    expect(readFileSync(join(folderOf(library, paused), 'run.json')).equals(before)).toBe(true)
  })
})
