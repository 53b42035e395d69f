import { beforeEach, describe, expect, it } from 'vitest'
import type { DataConfig } from '../../core/config/data'
import type { RequestName } from '../../core/protocol'
import { applied } from '../../renderer/sync'
import { changed, freshDraft } from '../../renderer/editor/draft'
import { digitInfo } from '../../renderer/dev/fakeRuns'
import { inspect, forgetRefused, retryAt } from '../../renderer/editor/inspection'
import { previewOf } from '../../renderer/editor/preview'
import { initialWindowState } from '../../renderer/store'
import { withRuns } from '../../renderer/records'
import { fakeRun } from './fakeRun'

let asked: RequestName[] = []
let missing = true

beforeEach(() => {
  asked = []
  missing = true
  const call = async (name: RequestName, input: unknown) => {
    asked.push(name)
    const { source } = input as DataConfig
    return source.type === 'folder' && missing
      ? { ok: false, issues: [{ path: '', message: `there is nothing at ${source.path}` }] }
      : {
          ok: true,
          value: {
            info: digitInfo,
            about: [],
            skipped: [],
            skippedCount: 0,
            classCounts: { train: [], validation: [], test: [] },
            examples: [],
          },
        }
  }
  Object.assign(globalThis, { window: { batchlab: { call, listen: () => () => undefined, pathOf: () => '' } } })
})

const dataOf = (draft: ReturnType<typeof freshDraft>) => {
  const { config } = previewOf(draft)
  if (config === null) throw new Error('the draft is refused')
  return config.data
}

describe('previewOf', () => {
  it('waits for the data set, then says what follows from it', async () => {
    const draft = changed(changed(freshDraft(), 'batchSize', 50), 'epochs', 4)
    expect(previewOf(draft)).toMatchObject({ plan: null, issues: [], blocked: 'The data set is still being read' })
    await inspect(dataOf(draft))
    expect(previewOf(draft)).toMatchObject({ blocked: '', plan: { updatesPerEpoch: 23, updates: 92 } })
  })

  it('asks for a data set once, whatever is typed elsewhere', async () => {
    const draft = changed(freshDraft(), 'data.splitSeed', 77)
    await inspect(dataOf(draft))
    await inspect(dataOf(changed(draft, 'data.augmentation.flip', true)))
    expect(asked).toEqual(['data.inspect'])
  })

  it('marks what contradicts the data, and lets it be saved but not started', async () => {
    const draft = changed(freshDraft(), 'batchSize', 2_000)
    await inspect(dataOf(draft))
    const { blocked, issues, config } = previewOf(draft)
    expect(issues).toEqual([{ path: 'batchSize', message: expect.stringContaining('1150 training images') }])
    expect(blocked).toBe('One setting needs attention')
    expect(config?.batchSize).toBe(2_000)
  })

  it('names a wrong value and has no config then', () => {
    expect(previewOf(changed(changed(freshDraft(), 'batchSize', 'abc'), 'epochs', -1))).toMatchObject({
      config: null,
      blocked: '2 settings need attention',
    })
  })

  it('asks for a path in words, not in types', () => {
    expect(previewOf(changed(freshDraft(), 'data.source.type', 'folder')).issues).toEqual([
      { path: 'data.source.path', message: 'Choose a file or folder' },
    ])
  })

  it('reads data again when it has been put where it was missing, and nothing else', async () => {
    const [here, there] = ['/here', '/there'].map((path) =>
      changed(changed(freshDraft(), 'data.source.type', 'folder'), 'data.source.path', path),
    )
    for (const draft of [here, there]) await inspect(dataOf(draft!))
    missing = false
    retryAt('/here')
    await expect.poll(() => previewOf(here!).unreadable).toBe(false)
    expect([previewOf(there!).unreadable, asked]).toEqual([true, ['data.inspect', 'data.inspect', 'data.inspect']])
  })

  it('says why data cannot be read, and reads it when it is there at last', async () => {
    const draft = changed(changed(freshDraft(), 'data.source.type', 'folder'), 'data.source.path', '/photos')
    await inspect(dataOf(draft))
    expect(previewOf(draft)).toMatchObject({
      unreadable: true,
      issues: [{ path: 'data.source', message: 'there is nothing at /photos' }],
    })
    missing = false
    forgetRefused(dataOf(draft))
    await new Promise((done) => setTimeout(done))
    expect(previewOf(draft)).toMatchObject({ unreadable: false, blocked: '' })
  })
})

describe('applied', () => {
  const { run } = fakeRun(1)
  const state = {
    ...initialWindowState(),
    ...withRuns(initialWindowState(), [run]),
    selected: [run.id],
    openRun: run.id,
  }

  it('closes and deselects a run that is purged', () => {
    expect(applied(state, { type: 'runPurged', id: run.id })).toMatchObject({ selected: [], openRun: null, runs: {} })
  })

  it('shows a notice once', () => {
    const notice = { id: 'disk', level: 'warning' as const, message: 'little room' }
    const twice = applied(applied(state, { type: 'notice', notice }), {
      type: 'notice',
      notice: { ...notice, message: 'less room' },
    })
    expect(twice.notices).toEqual([{ ...notice, message: 'less room' }])
  })

  it('keeps the progress of runs and of other work apart, until it is complete', () => {
    const busy = applied(applied(state, { type: 'progress', id: null, message: 'Reading', fraction: 0.5 }), {
      type: 'progress',
      id: run.id,
      message: 'Loading',
      fraction: null,
    })
    expect(busy.progress).toEqual({
      '': { message: 'Reading', fraction: 0.5 },
      [run.id]: { message: 'Loading', fraction: null },
    })
    expect(
      Object.keys(applied(busy, { type: 'progress', id: null, message: 'Reading', fraction: 1 }).progress),
    ).toEqual([run.id])
    // What a trainer said is over when none is at work on the run, however that came.
    for (const status of ['starting', 'running', 'pausing'] as const)
      expect(Object.keys(applied(busy, { type: 'runChanged', run: { ...run, status } }).progress)).toEqual(['', run.id])
    for (const status of ['paused', 'interrupted', 'failed'] as const)
      expect(Object.keys(applied(busy, { type: 'runChanged', run: { ...run, status } }).progress)).toEqual([''])
  })
})
