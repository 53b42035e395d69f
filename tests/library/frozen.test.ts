import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Run } from '../../core/run'
import { createRunQueue } from '../../main/queue/runQueue'
import { migrate, unseal } from '../../main/files/envelope'
import { fakeHost } from '../support/fakeHost'
import { readTensors } from '../../main/files/safetensors'
import { openStore } from '../../main/files/store'
import { openLibrary } from '../../main/library/library'
import { at, log } from '../support/history'
import { fakeTraining, temporaryFolder } from '../support/fakeTraining'

/** A copy of the frozen library, because opening one tidies it up. */
function copy(): string {
  const folder = temporaryFolder()
  cpSync(join(__dirname, '../fixtures/library-v1'), folder, { recursive: true })
  return folder
}

const [reference, fork, diverged, killed] = [
  '0mm7kwnvsi000',
  '0mm7kwsigi000',
  '0mm7kwvlki000',
  '0mm7kwzggi000',
] as const

/** Every file of a folder with its content. */
const contents = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'base64')]),
  )

describe('a library of this version', () => {
  it('is a newer one’s to an older program, which writes nothing to it', async () => {
    const folder = copy()
    // Opening alone is enough: what is written from now on an older program would take for damaged.
    await (await openLibrary(folder)).close()
    expect(
      readFileSync(join(folder, 'library.json.format-1')).equals(
        readFileSync(join(__dirname, '../fixtures/library-v1/library.json')),
      ),
    ).toBe(true)
    const before = contents(folder)
    // Its records had no such fields, so it knows no list that has them.
    const Older = z.strictObject({ runs: z.array(z.unknown()) })
    const store = await openStore(join(folder, 'library.json'), {
      schema: Older,
      format: 1,
      migrations: [],
      defaults: { runs: [] },
      maxBytes: 2 ** 24,
    })
    expect(store.readOnly).toBe(true)
    expect(store.notices).toMatchObject([
      {
        type: 'newer',
        message: expect.stringMatching(
          /was made by a newer version of this program: expected format 1 or older, found 3 .*It is open for reading only/,
        ) as string,
      },
    ])
    await expect(store.write({ runs: [] })).rejects.toThrow(/open for reading only/)
    const path = join(folder, 'runs', killed, 'run.json')
    expect(() =>
      migrate(path, unseal(path, readFileSync(path), 32), { schema: Run, format: 1, migrations: [] }),
    ).toThrow(/run\.json was made by a newer version of this program: expected format 1 or older, found 3/)
    expect(contents(folder)).toEqual(before)
  })
})

describe('a library of format 1', () => {
  it('opens for ever, with every run as it was', async () => {
    const library = await openLibrary(copy())
    expect(library.notices()).toEqual([
      {
        id: '1',
        level: 'information',
        message: expect.stringMatching(
          /^library\.json was made by an older version .* the old file is kept beside it\.$/,
        ) as string,
      },
    ])
    expect(library.runs().map(({ id, name, status }) => ({ id, name, status }))).toEqual([
      { id: reference, name: 'baseline <b>&</b> Grundlinie 基线', status: 'finished' },
      { id: fork, name: 'big batch', status: 'paused' },
      { id: diverged, name: 'too hot', status: 'diverged' },
      { id: killed, name: 'was training', status: 'interrupted' },
    ])
    expect(library.settings()).toMatchObject({ theme: 'dark', panelSizes: { runs: [40, 60] }, smoothing: 0.9 })
    const run = await library.readRun(reference)
    expect(run).toMatchObject({
      notes: 'the reference\nfor all others',
      tags: ['reference', 'digits'],
      starred: true,
      removedAt: null,
      parameters: 330,
      updates: 12,
      moment: { update: 12, epoch: 3, position: 0, examples: 192, seconds: 1.5 },
      config: {
        batchSize: 16,
        epochs: 3,
        network: { type: 'mlp', hidden: [4] },
        learningRate: { base: 0.1, schedule: { type: 'cosine' } },
      },
      checkpoints: [{ name: 'last', kinds: ['last'] }],
      test: { last: { epoch: 3, score: { loss: null, accuracy: 0.875 } }, best: null },
      log: [{ update: 0, message: 'captured 41 operations' }],
    })
    expect(run.epochs.map(({ epoch, validation }) => [epoch, validation?.accuracy])).toEqual([
      [1, 0.75],
      [2, 0.875],
      [3, 1 - 1 / 12],
    ])
    expect(library.run(fork).origin).toEqual({ type: 'fork', run: reference, checkpoint: 'last', update: 12 })
    expect(library.run(diverged)).toMatchObject({
      removedAt: '2026-03-01T10:00:15.000Z',
      message: 'The loss became NaN at update 1; no checkpoint had been saved',
    })
    expect(library.run(killed)).toMatchObject({
      moment: { update: 6 },
      message: 'Batchlab ended while this run was training; it can go on from update 4',
    })
    await library.close()
  })

  it('has its traces and its checkpoints', async () => {
    const library = await openLibrary(copy())
    const trace = await library.readTrace(reference)
    expect(trace.update).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    expect(trace.loss.slice(0, 3)).toEqual([2, 1, 2 / 3])
    // Not recorded then.
    expect(trace.momentum).toEqual(new Array(12).fill(null))
    const { tensors } = await readTensors(library.checkpointPath(reference, 'last'))
    expect([...(tensors.get('dense.weight')?.data ?? [])]).toEqual([1, 2, 3, 4])
    expect((await readTensors(library.originPath(fork) ?? '')).tensors.size).toBe(1)
    await library.close()
  })

  it('can be worked with: annotated, forked, purged, and opened again', async () => {
    const folder = copy()
    const library = await openLibrary(folder)
    const queue = createRunQueue({ library, host: fakeHost(fakeTraining()), folders: { cache: '', resources: '' } })
    await library.annotate(reference, { name: 'renamed' })
    const forked = await queue.fork(reference, 'last', { ...library.run(reference).config, name: 'another' })
    expect((await queue.settled(forked)).status).toBe('finished')
    await queue.purge([diverged])
    await library.close()
    const again = await openLibrary(folder)
    expect(again.runs().map(({ name, status }) => [name, status])).toEqual([
      ['renamed', 'finished'],
      ['big batch', 'paused'],
      ['was training', 'interrupted'],
      ['another', 'finished'],
    ])
    expect(again.notices()).toEqual([])
    expect((await again.readRun(reference)).epochs).toHaveLength(3)
    await again.close()
  })

  it('knows of a run that was extended then, though only its log says so', async () => {
    const folder = copy()
    log(folder, reference, { type: 'extended', at, epochs: 7 })
    log(folder, fork, { type: 'extended', at, epochs: 9 })
    const early = { at, epochs: 7, from: 3, update: 12, schedule: 'replan', change: null, planned: null }
    const look = await openLibrary(folder, { readOnly: true })
    expect((await look.readRun(reference)).extensions).toEqual([early])
    expect((await look.readRun(diverged)).extensions).toEqual([])

    const library = await openLibrary(folder)
    await library.annotate(fork, { starred: true })
    await library.append(reference, { type: 'extended', at, epochs: 8 })
    expect(library.run(reference).extensions?.map(({ epochs }) => epochs)).toEqual([7, 8])
    await library.close()
    const again = await openLibrary(folder)
    expect(again.runs().map(({ extensions }) => extensions?.map(({ epochs }) => epochs))).toEqual([
      [7, 8],
      [9],
      undefined,
      [],
    ])
    await again.close()
  })
})
