import { existsSync, readdirSync, readFileSync, truncateSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunConfig } from '../../core/config/config'
import type { DatasetInfo } from '../../core/datasetInfo'
import type { RunId } from '../../core/run'
import { openLibrary } from '../../main/library/library'
import { beginning, openQueueFixture, type QueueFixture } from '../support/queueFixture'
import { configOf, info, fakeTraining, smallConfig } from '../support/fakeTraining'

const cosine = (): RunConfig =>
  configOf({
    name: 'falls',
    epochs: 3,
    batchSize: 16,
    network: { type: 'mlp', hidden: [4] },
    learningRate: { base: 0.1, schedule: { type: 'cosine' } },
  })

/** A finished run, and what the data is when it is looked at again. */
async function finished(
  config: RunConfig,
  options: { readonly data?: () => DatasetInfo | string; readonly refusesToStart?: () => boolean } = {},
): Promise<QueueFixture & { readonly id: RunId; readonly logPath: string }> {
  const lab = await openQueueFixture({
    script: async (trainer) => {
      const found = options.data?.() ?? info
      if (trainer.job.type === 'inspect' && typeof found === 'string') {
        trainer.post({ type: 'failed', message: found })
        return trainer.exit()
      }
      if (trainer.job.type === 'train' && options.refusesToStart?.() === true) {
        trainer.post({ type: 'failed', message: 'TensorFlow could not be loaded' })
        return trainer.exit()
      }
      await fakeTraining({ info: typeof found === 'string' ? info : found })(trainer)
    },
  })
  const id = await lab.queue.start(config, null)
  expect((await lab.queue.settled(id)).status).toBe('finished')
  await lab.library.flush()
  return { ...lab, id, logPath: join(lab.library.runFolder(id), 'events.ndjson') }
}

async function close({ queue, library }: QueueFixture): Promise<void> {
  await queue.shutDown({ pause: true })
  await library.close()
}

describe('an extension that is refused', () => {
  const folder = {
    ...smallConfig('folder'),
    data: configOf({ data: { source: { type: 'folder', path: '/somewhere' } } }).data,
  }
  const expectUntouched = async (
    lab: Awaited<ReturnType<typeof finished>>,
    act: () => Promise<void>,
    sentence: RegExp,
  ): Promise<void> => {
    const record = lab.library.run(lab.id)
    const log = readFileSync(lab.logPath, 'utf8')
    await expect(act()).rejects.toMatchObject({ name: 'RequestError', message: expect.stringMatching(sentence) })
    expect(lab.library.run(lab.id)).toEqual(record)
    expect(readFileSync(lab.logPath, 'utf8')).toBe(log)
    await close(lab)
  }

  it('because its data is gone leaves the finished run as it was', async () => {
    let data: DatasetInfo | string = info
    const lab = await finished(folder, { data: () => data })
    data = '/somewhere: there is no such file or folder'
    await expectUntouched(lab, () => lab.queue.extend(lab.id, 9), /no such file/)
  })

  it('because its data changed leaves it as it was, unless the change is accepted', async () => {
    let data = info
    const lab = await finished(folder, { data: () => data })
    data = { ...info, fingerprint: 'beef' }
    await expectUntouched(lab, () => lab.queue.extend(lab.id, 9), /^data\.source\.path/)
    const again = await finished(folder, { data: () => data })
    data = info
    await again.queue.extend(again.id, 4, { acceptChangedData: true })
    expect(await again.queue.settled(again.id)).toMatchObject({ status: 'finished', config: { epochs: 4 } })
    expect(beginning(again.trainings().at(-1))).toMatchObject({ acceptChangedData: true })
    await close(again)
  })

  it.each<[string, (path: string) => void]>([
    ['gone', unlinkSync],
    ['cut off', (path) => truncateSync(path, 20)],
  ])('because its checkpoints are %s leaves it as it was', async (_, spoil) => {
    const lab = await finished(smallConfig())
    const checkpoints = join(lab.library.runFolder(lab.id), 'checkpoints')
    for (const name of readdirSync(checkpoints)) spoil(join(checkpoints, name))
    await expectUntouched(lab, () => lab.queue.extend(lab.id, 9), /no checkpoint that can be read/)
  })

  it('because the rate would jump says both rates and what can be chosen', async () => {
    const lab = await finished(cosine())
    await expectUntouched(
      lab,
      () => lab.queue.extend(lab.id, 6),
      /^schedule must be chosen.* replan \(.*from 0\.001704 to 0\.05\); hold \(.*on at 0\.001704\); restart \(.*from 0\.001704 to 0\.1\)$/,
    )
  })

  it('because nobody can hold a rate that follows what is measured', async () => {
    const lab = await finished(configOf({ ...cosine(), learningRate: { base: 0.1, schedule: { type: 'plateau' } } }))
    await expectUntouched(
      lab,
      () => lab.queue.extend(lab.id, 6, { schedule: 'hold' }),
      /^A rate that is reduced on a plateau/,
    )
  })
})

describe('an extension', () => {
  it('is on record, with its choice, in the log and after the library was opened again', async () => {
    const lab = await finished(cosine())
    await lab.queue.extend(lab.id, 6, { schedule: 'restart' })
    expect(await lab.queue.settled(lab.id)).toMatchObject({
      status: 'finished',
      moment: { epoch: 6 },
      extensions: [{ from: 3, epochs: 6, update: 12, schedule: 'restart' }],
    })
    await close(lab)
    const again = await openLibrary(lab.folder)
    expect(again.notices()).toEqual([])
    const run = await again.readRun(lab.id)
    expect(run.config.learningRate.schedule).toMatchObject({
      type: 'join',
      parts: [{ length: 12, unit: 'updates', schedule: { type: 'cosine' } }, { schedule: { type: 'cosine' } }],
    })
    expect(run.log.map(({ message }) => message)).toEqual([
      'Began with cpu on a pencil, on 64 training images of digits',
      'Finished after 3 epochs',
      'Extended from 3 to 6 epochs at update 12: the schedule begins again for the added epochs, and the rate ' +
        'goes from 0.001704 to 0.1',
      'Went on from update 12 with cpu on a pencil, on 64 training images of digits',
      'Finished after 6 epochs',
    ])
    await again.close()
  })

  it('whose trainer cannot start leaves a run that can go on, never a failed one', async () => {
    let refusesToStart = false
    const lab = await finished(smallConfig(), { refusesToStart: () => refusesToStart })
    refusesToStart = true
    await lab.queue.extend(lab.id, 6)
    expect(await lab.queue.settled(lab.id)).toMatchObject({
      status: 'paused',
      message: 'TensorFlow could not be loaded',
      moment: { epoch: 3 },
      config: { epochs: 6 },
    })
    refusesToStart = false
    await lab.queue.resume(lab.id)
    expect(await lab.queue.settled(lab.id)).toMatchObject({ status: 'finished', moment: { epoch: 6 } })
    await close(lab)
  })

  it('that was written down just before the process died is a paused run, not a finished one with epochs to come', async () => {
    const lab = await finished(smallConfig())
    const { library, id } = lab
    await library.append(id, { type: 'extended', at: new Date().toISOString(), epochs: 6 })
    await close(lab)
    const again = await openQueueFixture({ folder: lab.folder })
    expect(again.library.run(id)).toMatchObject({ status: 'paused', config: { epochs: 6 }, moment: { epoch: 3 } })
    await again.queue.resume(id)
    expect(await again.queue.settled(id)).toMatchObject({ status: 'finished', moment: { epoch: 6 } })
    await close(again)
  })
})

describe('a run whose newest checkpoint is damaged', () => {
  it('is offered the older ones, the newest first', async () => {
    const lab = await finished(smallConfig())
    const path = lab.library.checkpointPath(lab.id, 'last')
    unlinkSync(path)
    expect(existsSync(path)).toBe(false)
    await lab.queue.extend(lab.id, 4)
    await lab.queue.settled(lab.id)
    expect(beginning(lab.trainings().at(-1))).toEqual({
      type: 'resume',
      path,
      others: [lab.library.checkpointPath(lab.id, 'final')],
      acceptChangedData: false,
    })
    await close(lab)
  })
})
