import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { HostMessage, TrainerJob } from '../../core/job'
import { encodeLine } from '../../main/files/eventLine'
import { runTrainerJob } from '../../main/trainer/jobs'
import { digitsConfig, trainOnDigits } from '../support/digits'
import { pipe, snapshot, temporaryFolder } from './making'

vi.setConfig({ testTimeout: 120_000 })
const resources = resolve(import.meta.dirname, '../../resources')
const config = digitsConfig({ epochs: 2, checkpoints: { keepBest: 1, everyEpochs: 1 } })
const id = '0mtb2h3k4l5'

let paused = ''
beforeAll(async () => {
  paused = (await trainOnDigits(config, temporaryFolder(), { pauseAfter: 12 })).folder
})

interface Made {
  readonly library: string
  readonly run: string
  readonly outside: string
  readonly diary: string
}

/** A library with one paused run, and a folder beside it. */
function made(): Made {
  const root = temporaryFolder()
  const [library, outside] = [join(root, 'library'), join(root, 'outside')]
  const run = join(library, 'runs', id)
  cpSync(paused, run, { recursive: true })
  cpSync(join(paused, 'checkpoints'), join(outside, 'checkpoints'), { recursive: true })
  const diary = join(outside, 'model.safetensors')
  writeFileSync(diary, 'years of work')
  return { library, run, outside, diary }
}

interface Ended {
  readonly error: string
  readonly messages: readonly HostMessage[]
}

/** Goes on with the run as its queue would have it, or does another job in the library. */
async function goOn({ library, run }: Made, job?: Partial<TrainerJob>): Promise<Ended> {
  const messages: HostMessage[] = []
  const folders = { cache: join(library, 'cache'), resources, library }
  const path = join(run, 'checkpoints', 'last.safetensors')
  const train: TrainerJob = {
    type: 'train',
    run: id,
    config,
    runFolder: run,
    beginning: { type: 'resume', path, acceptChangedData: false },
    folders,
  }
  const error = await runTrainerJob({ ...train, ...job } as TrainerJob, (message) => messages.push(message), {
    next: () => null,
    isAskedToEnd: () => false,
  }).then(
    () => '',
    (failure: unknown) => (failure instanceof Error ? failure.message : String(failure)),
  )
  return { error, messages }
}

const saved = (name: string, removed: readonly string[]): object => ({
  type: 'saved',
  checkpoint: {
    name,
    kinds: ['periodic'],
    moment: { update: 1, epoch: 1, position: 0, examples: 24, seconds: 1 },
    bytes: 1,
    validation: null,
  },
  removed,
})

describe.skipIf(process.platform === 'win32')('a run of somebody else that goes on', () => {
  it('is the run that it would be, where nothing is wrong with it', async () => {
    const { error, messages } = await goOn(made())
    expect(error).toBe('')
    expect(messages.at(-1)).toMatchObject({ type: 'event', event: { type: 'ended', reason: 'finished' } })
  })

  it('removes no file outside that its log names as superseded', async () => {
    const it = made()
    const [before, log] = [snapshot(it.outside), join(it.run, 'events.ndjson')]
    const away = '../../../../outside/model'
    writeFileSync(
      log,
      Buffer.concat(
        [
          saved(away, []),
          saved('epoch-00009', [away]),
          saved('last', ['epoch-00001', away, join(it.outside, 'model')]),
        ].map((event) => encodeLine(event)),
      ),
      { flag: 'a' },
    )
    const { messages } = await goOn(it)
    expect(messages.at(-1)).toMatchObject({ type: 'event', event: { type: 'ended', reason: 'finished' } })
    expect(snapshot(it.outside)).toEqual(before)
  })

  const places: Readonly<Record<string, (it: Made, put: (path: string) => void) => string>> = {
    'its log': ({ run }, put) => {
      put(join(run, 'events.ndjson'))
      return 'events.ndjson'
    },
    'its last checkpoint': ({ run }, put) => {
      put(join(run, 'checkpoints', 'last.safetensors'))
      return 'last.safetensors'
    },
  }
  const things: Readonly<Record<string, (diary: string) => (path: string) => void>> = {
    'a link': (diary) => (path) => {
      rmSync(path)
      symlinkSync(diary, path)
    },
    'a pipe': () => (path) => {
      rmSync(path)
      pipe(path)
    },
  }
  describe.each(Object.entries(places))('with another thing as %s', (_, place) => {
    it.each(Object.entries(things))('%s, is refused and changes nothing outside', async (thing, put) => {
      const it = made()
      const before = snapshot(it.outside)
      const name = place(it, put(it.diary))
      const { error, messages } = await goOn(it)
      const said = error + JSON.stringify(messages.filter(({ type }) => type === 'event'))
      expect(said).toMatch(thing === 'a link' ? 'nothing in a library is opened through a link' : 'it is not a file')
      expect(said).toContain(join('runs', id, ...(name === 'last.safetensors' ? ['checkpoints'] : []), name))
      expect(snapshot(it.outside)).toEqual(before)
    })
  })

  it('writes no checkpoint through a link in the place of their folder, and removes none there', async () => {
    const it = made()
    const before = snapshot(it.outside)
    rmSync(join(it.run, 'checkpoints'), { recursive: true })
    symlinkSync(join(it.outside, 'checkpoints'), join(it.run, 'checkpoints'))
    const { error } = await goOn(it)
    expect(error).toContain('nothing in a library is opened through a link')
    expect(error).toContain(id)
    expect(snapshot(it.outside)).toEqual(before)
    const begun = await goOn(it, { beginning: { type: 'new' } } as Partial<TrainerJob>)
    expect(begun.error + JSON.stringify(begun.messages)).toContain('nothing in a library is opened through a link')
    expect(snapshot(it.outside)).toEqual(before)
  })

  it('writes nothing through a link in the place of a checkpoint to come, or of what it began with', async () => {
    const it = made()
    const before = snapshot(it.outside)
    for (const name of ['epoch-00002', 'best-00002', 'final'])
      symlinkSync(it.diary, join(it.run, 'checkpoints', `${name}.safetensors`))
    for (const name of ['initial.safetensors', 'origin.safetensors', 'pause.request'])
      symlinkSync(it.diary, join(it.run, name))
    const { messages } = await goOn(it)
    expect(messages.at(-1)).toMatchObject({ type: 'event', event: { type: 'ended' } })
    expect(snapshot(it.outside)).toEqual(before)
  })

  it('evaluates no checkpoint through a link', async () => {
    const it = made()
    const path = join(it.run, 'checkpoints', 'last.safetensors')
    renameSync(path, join(it.outside, 'moved.safetensors'))
    symlinkSync(join(it.outside, 'moved.safetensors'), path)
    const { error } = await goOn(it, {
      type: 'evaluate',
      checkpoints: [{ path }],
      split: 'validation',
      data: null,
      unseen: false,
    } as Partial<TrainerJob>)
    expect(error).toContain('nothing in a library is opened through a link')
  })

  it('packs no images into a folder that a link in the place of the cache leads to', async () => {
    const it = made()
    mkdirSync(join(it.outside, 'cache'))
    symlinkSync(join(it.outside, 'cache'), join(it.library, 'cache'))
    const images = join(it.outside, '..', 'images')
    const before = snapshot(it.outside)
    cpSync(resolve(import.meta.dirname, '..', 'fixtures'), images, { recursive: true })
    writeIdx(images)
    const { error } = await goOn(it, {
      type: 'inspect',
      data: { ...config.data, trainingImages: null, source: { type: 'idx', path: images, set: '' } },
    } as Partial<TrainerJob>)
    expect(error).toBe('')
    expect(snapshot(it.outside)).toEqual(before)
    expect(existsSync(join(it.outside, 'cache'))).toBe(true)
    expect(readFileSync(it.diary, 'utf8')).toBe('years of work')
  })
})

/** A data set of four images of each of two classes in IDX files. */
function writeIdx(folder: string): void {
  const big = (...values: readonly number[]): Buffer =>
    Buffer.concat(
      values.map((value) => {
        const four = Buffer.alloc(4)
        four.writeUInt32BE(value)
        return four
      }),
    )
  for (const role of ['train', 't10k']) {
    writeFileSync(
      join(folder, `${role}-images-idx3-ubyte`),
      Buffer.concat([big(2051, 8, 2, 2), Buffer.from(Array.from({ length: 32 }, (_, i) => i))]),
    )
    writeFileSync(
      join(folder, `${role}-labels-idx1-ubyte`),
      Buffer.concat([big(2049, 8), Buffer.from([0, 1, 0, 1, 0, 1, 0, 1])]),
    )
  }
}
