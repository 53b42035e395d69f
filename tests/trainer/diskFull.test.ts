/*
 * A disk that is full, fails or is read-only: the run pauses where it can go on, and the sentence says what is needed,
 * what is free and what may go.
 */
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { TrainEvent } from '../../core/events'
import type { Beginning, HostMessage, Job } from '../../core/job'
import { diskFs, type FileSystem } from '../../main/files/fs'
import { failureOf } from '../../main/trainer/exhaustion'
import { trainJob } from '../../main/trainer/trainJob'
import { digitsConfig } from '../support/digits'
import { removeFolder } from '../support/cleanup'

const resources = resolve(import.meta.dirname, '../../resources')
const folder = mkdtempSync(join(tmpdir(), 'batchlab-room-'))
const folders = { cache: join(folder, 'cache'), resources }
afterAll(() => removeFolder(folder))
const config = digitsConfig({
  data: { trainingImages: 72 },
  network: { type: 'mlp', hidden: [6] },
  epochs: 4,
  checkpoints: { everyEpochs: 1 },
})

/** A disk on which files whose path fits cannot be opened for writing, from the so manyth time on. */
function refusing(code: string, path: RegExp, after: number): FileSystem {
  let count = 0
  return {
    ...diskFs,
    open: async (name, flags) => {
      if (flags !== 'r' && path.test(name) && count++ >= after)
        throw Object.assign(new Error(`${code}: refused`), { code })
      return await diskFs.open(name, flags)
    },
  }
}

async function sit(into: string, fs: FileSystem): Promise<readonly HostMessage[]> {
  const path = join(into, 'checkpoints', 'last.safetensors')
  const isBegun = readdirSync(into).includes('checkpoints') && readdirSync(join(into, 'checkpoints')).length > 0
  const beginning: Beginning = isBegun ? { type: 'resume', path, acceptChangedData: false } : { type: 'new' }
  const job: Job = { type: 'train', config, runFolder: into, beginning, folders }
  const said: HostMessage[] = []
  await trainJob(
    job,
    (message) => said.push(message),
    () => null,
    null,
    fs,
  ).catch((error: unknown) => said.push(failureOf(error, job)))
  return said.filter(({ type }) => type !== 'progress')
}
const lastEvent = (said: readonly HostMessage[]): TrainEvent | undefined =>
  said.flatMap((message) => (message.type === 'event' ? [message.event] : [])).at(-1)
const fresh = (): string => mkdtempSync(join(folder, 'run-'))

describe('a disk that is full', () => {
  it.each([
    ['ENOSPC', /are free in .*checkpoints/],
    ['EDQUOT', /quota raised/],
    ['EFBIG', /ulimit -f/],
  ] as const)(
    '(%s) pauses the run, says what to free, and the run goes on when there is room',
    async (code, expected) => {
      const into = fresh()
      mkdirSync(folders.cache, { recursive: true })
      writeFileSync(join(folders.cache, 'some.pack'), new Uint8Array(2048))
      const event = lastEvent(await sit(into, refusing(code, /last\.safetensors/, 3)))
      expect(event).toMatchObject({ type: 'paused', shortage: 'out_of_disk', moment: { update: 9, epoch: 3 } })
      const cause = event?.type === 'paused' ? event.cause : ''
      expect(cause).toMatch(expected)
      expect(cause).toMatch(
        /Training stands at its last checkpoint \(update 9\)\. The next checkpoint takes \d+(\.\d)? KiB\./,
      )
      if (code !== 'EFBIG')
        expect(cause).toMatch(
          new RegExp(
            `the packed data sets in ${folders.cache} \\([\\d.]+ KiB.*3 older checkpoints of this run .*runs ` +
              'in the trash',
          ),
        )
      expect(lastEvent(await sit(into, diskFs))).toMatchObject({ type: 'ended', reason: 'finished' })
    },
  )
})

describe('a folder that cannot be written to', () => {
  it.each([
    ['EROFS', 'run-', /Mount the disk of .* for writing/],
    ['EACCES', 'checkpoints', /Allow this user to write to .*checkpoints/],
  ] as const)('(%s, %s) ends a run before anything is read or trained', async (code, where, advice) => {
    const into = fresh()
    mkdirSync(join(into, 'checkpoints'))
    const said = await sit(into, refusing(code, new RegExp(`${where}[^/]*/[^/]*$`), 0))
    expect(said).toEqual([{ type: 'failed', message: expect.stringMatching(advice) }])
    expect(readdirSync(into)).toEqual(['checkpoints'])
  })

  it.each([0, 1])(
    'that can be written to is left as it was found, where %i calls fail that remove what it was tried with',
    async (failing) => {
      const into = fresh()
      let failed = 0
      const unlink = async (path: string): Promise<void> => {
        if (path.includes('writable') && failed++ < failing)
          throw Object.assign(new Error('EIO: refused'), { code: 'EIO' })
        await diskFs.unlink(path)
      }
      await sit(into, { ...diskFs, unlink })
      expect(
        [...readdirSync(into), ...readdirSync(join(into, 'checkpoints'))].filter((name) => name.includes('writable')),
      ).toEqual([])
    },
  )
})

describe('a disk that fails', () => {
  it('is named as what it is, and nobody is told to make room', async () => {
    const event = lastEvent(await sit(fresh(), refusing('EIO', /last\.safetensors/, 1)))
    expect(event).toMatchObject({
      type: 'paused',
      cause: expect.stringMatching(/the disk reported an error.*may be failing: copy/),
    })
    expect(event).not.toHaveProperty('shortage')
  })
})
