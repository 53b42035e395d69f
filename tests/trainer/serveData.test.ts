import { describe, expect, it } from 'vitest'
import type { DataJob, HostMessage, JobMessage } from '../../core/job'
import { serveData } from '../../main/trainer/serveData'
import { runTrainerJob } from '../../main/trainer/jobs'
import { resources } from '../data/making'
import { useFolder } from '../support/digits'
import { trained } from './measuring'

const root = useFolder()

/** Asks one served thread for jobs, one after the other. */
function served() {
  const answers = new Map<number, (said: JobMessage | { readonly type: 'declined' }) => void>()
  const ask = serveData((message: HostMessage) => {
    if (message.type === 'answer' && message.said.type !== 'progress') answers.get(message.id)?.(message.said)
  })
  let ids = 0
  return (job: DataJob): Promise<JobMessage | { readonly type: 'declined' }> =>
    new Promise((resolve) => {
      answers.set(++ids, resolve)
      ask({ type: 'ask', id: ids, job, alone: false })
    })
}
const alone = async (job: DataJob): Promise<JobMessage> => ({
  type: 'done',
  result: await runTrainerJob(job, () => undefined, { next: () => null, isAskedToEnd: () => false }),
})

describe('a thread that serves', () => {
  it('answers as a thread for each job does, to the bit', async () => {
    const folders = { cache: `${root()}/cache`, resources }
    const [a, b] = [await trained(root(), {}), await trained(root(), { seed: 5, data: { splitSeed: 3 } })]
    const jobs: readonly DataJob[] = [
      { type: 'inspect', data: a.config.data, folders },
      { type: 'preview', data: a.config.data, seed: 1, split: 'train', indices: [3, 1, 900], augment: false, folders },
      { type: 'preview', data: a.config.data, seed: 1, split: 'train', indices: [7], augment: true, folders },
      ...(['test', 'validation'] as const).map((split) => ({
        type: 'evaluate' as const,
        checkpoints: [{ path: a.last }, { path: b.last }],
        split,
        data: null,
        unseen: split === 'validation',
        folders,
      })),
      { type: 'preview', data: b.config.data, seed: 1, split: 'validation', indices: [0], augment: false, folders },
    ]
    const ask = served()
    for (const job of jobs) expect(await ask(job)).toEqual(await alone(job))
  })

  it('declines an evaluation that a fresh one would compute with other threads, and does the next', async () => {
    const { last } = await trained(root(), {})
    const folders = { cache: `${root()}/cache`, resources }
    const job = (threads: number): DataJob => ({
      type: 'evaluate',
      checkpoints: [{ path: last, engine: { backend: 'cpu', threads, evaluationBatch: 100 } as never }],
      split: 'test',
      data: null,
      unseen: false,
      folders,
    })
    const ask = served()
    expect((await ask(job(1))).type).toBe('done')
    expect((await ask(job(2))).type).toBe('declined')
    expect((await ask(job(1))).type).toBe('done')
    const failed = await ask({ ...job(1), checkpoints: [{ path: '/nowhere' }] } as DataJob)
    expect(failed.type).toBe('failed')
  })
})
