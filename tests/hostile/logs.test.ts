import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { RunConfig } from '../../core/config/config'
import { noPoints, type Points } from '../../core/events'
import { newRun, Run } from '../../core/run'
import { traceCsv } from '../../main/exports/csv'
import { encodeLine } from '../../main/files/eventLine'
import { diskFs } from '../../main/files/fs'
import { foldLog, traceFromLog } from '../../main/library/runLog'
import { removeFolder } from '../support/cleanup'

const folder = mkdtempSync(join(tmpdir(), 'batchlab-logs-'))
afterAll(() => removeFolder(folder))

const run = newRun('0mtb2h3k4l5', '2030-01-02T03:04:05.678Z', RunConfig.parse({}), { type: 'new' })
const columns = Object.keys(noPoints()) as (keyof Points)[]
const points = (update: number, change: Partial<Record<keyof Points, unknown>> = {}): object => ({
  ...Object.fromEntries(
    columns.map((column) => [column, [column === 'update' ? update : column === 'batchSize' ? 8 : 0.5]]),
  ),
  ...change,
})
const saved = (name: string, removed: readonly string[] = []): object => ({
  type: 'saved',
  checkpoint: { name, kinds: ['manual'], moment: run.moment, bytes: 1, validation: null },
  removed,
})

async function logOf(events: readonly object[]): Promise<string> {
  const path = join(folder, 'events.ndjson')
  writeFileSync(path, Buffer.concat(events.map((event) => encodeLine(event))))
  return await Promise.resolve(path)
}

describe('a log that somebody else wrote', () => {
  it.each(
    columns.flatMap((column) =>
      ['=HYPERLINK("http://example.org")', '\u001b[31m', { toString: 1 }, true, [1]].map(
        (value) => [column, value] as const,
      ),
    ),
  )('brings no %s of %j into the trace', async (column, value) => {
    const path = await logOf([
      { type: 'advanced', points: points(1) },
      { type: 'advanced', points: points(2, { [column]: [value] }) },
      { type: 'advanced', points: points(3) },
    ])
    const trace = await traceFromLog(path, diskFs)
    expect(trace.update).toEqual([1, 3])
    expect(traceCsv(trace)).toMatch(/^[a-zA-Z,]+\n[\d.,]+\n[\d.,]+\n$/)
    expect((await foldLog(path, run, diskFs)).unread).toBe(1)
  })

  it.each([
    ['update', 1.5],
    ['update', -1],
    ['update', 2 ** 60],
    ['batchSize', NaN],
    ['learningRate', Infinity],
    ['seconds', NaN],
    ['learningRate', null],
  ] as const)('brings no %s of %j, which no training has', async (column, value) => {
    expect(
      (await foldLog(await logOf([{ type: 'advanced', points: points(1, { [column]: [value] }) }]), run, diskFs))
        .unread,
    ).toBe(1)
  })

  it.each(['loss', 'accuracy', 'gradientNorm', 'momentum'] as const)(
    'may have no %s at an update, or one that is not finite',
    async (column) => {
      const path = await logOf([
        { type: 'advanced', points: points(1, { [column]: [null] }) },
        { type: 'advanced', points: points(2, { [column]: [NaN] }) },
      ])
      expect((await traceFromLog(path, diskFs))[column]).toEqual([null, NaN])
    },
  )

  it.each([
    '../../../../tmp/x',
    '/etc/passwd',
    '..',
    'a/b',
    'a\\b',
    'C:x',
    'con',
    'nul.x',
    'com1',
    'a\u0000',
    '',
    ' ',
    '.hidden',
    'x'.repeat(102),
    '__proto__',
    'Last',
  ])('names no checkpoint %j, and lets none of that name go', async (name) => {
    const path = await logOf([saved('last'), saved(name), saved('final', [name])])
    const folded = await foldLog(path, run, diskFs)
    expect(folded.run.checkpoints.map((one) => one.name)).toEqual(['last'])
    expect(folded.unread).toBe(2)
    const origin = { type: 'fork', run: run.id, checkpoint: name, update: 1 }
    expect(Run.safeParse({ ...run, origin }).success).toBe(false)
  })

  it.each(['', 'a\u0000b', 'x'.repeat(5000)])('moves no data to %j, which no config can name', async (to) => {
    const path = await logOf([saved('last'), { type: 'relocated', at: '', from: 'x', to, because: 'same' }])
    const elsewhere = { ...run, config: RunConfig.parse({ data: { source: { type: 'folder', path: '/images' } } }) }
    const folded = await foldLog(path, elsewhere, diskFs)
    expect(folded.unread).toBe(1)
    expect(folded.run.config).toEqual(elsewhere.config)
  })

  it.each(['last', 'final', 'best-00007', 'epoch-00100', 'manual-00000012', 'best-3.old', 'console'])(
    'may name a checkpoint %s',
    async (name) => {
      expect((await foldLog(await logOf([saved(name)]), run, diskFs)).run.checkpoints.map((one) => one.name)).toEqual([
        name,
      ])
    },
  )
})
