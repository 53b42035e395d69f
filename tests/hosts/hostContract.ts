import { describe, expect, it } from 'vitest'
import type { Exit, TrainerHandle, TrainerHost } from '../../core/host'
import type { HostMessage, Job } from '../../core/job'
import { configOf } from '../support/fakeTraining'

const train = (scene: string): Job => ({
  type: 'train',
  config: configOf({ name: scene }),
  runFolder: '',
  beginning: { type: 'new' },
  folders: { cache: '', resources: '' },
})
const withoutHeart = (messages: readonly HostMessage[]) => messages.filter(({ type }) => type !== 'heartbeat')

interface HostedJob {
  readonly handle: TrainerHandle
  readonly messages: HostMessage[]
  readonly heard: (type: HostMessage['type']) => Promise<void>
}

function startHostedJob(host: TrainerHost, job: Job): HostedJob {
  const messages: HostMessage[] = []
  const waiting: { readonly type: HostMessage['type']; readonly on: () => void }[] = []
  const handle = host.start(job, (message) => {
    messages.push(message)
    for (const { type, on } of waiting) if (type === message.type) on()
  })
  return {
    handle,
    messages,
    heard: async (type) => {
      if (!messages.some((message) => message.type === type))
        await new Promise<void>((on) => waiting.push({ type, on }))
    },
  }
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 50))

/** What every trainer host promises; see core/host.ts. Its trainers play the scenes of contractPlay.ts. */
export function hostContract(name: string, makeHost: () => Promise<TrainerHost>): void {
  describe(`a ${name} host`, () => {
    it('passes every event on in its order, then done, once, and closes', async () => {
      const { handle, messages } = startHostedJob(await makeHost(), train('finish'))
      await handle.closed
      const heard = withoutHeart(messages)
      const updates = heard.flatMap((message) =>
        message.type === 'event' && message.event.type === 'advanced' ? message.event.points.update : [],
      )
      expect(updates).toEqual(Array.from({ length: 500 }, (_, i) => i + 1))
      expect(heard.slice(-2)).toMatchObject([
        { type: 'event', event: { type: 'ended', reason: 'finished' } },
        { type: 'done', result: null },
      ])
      expect(heard).toHaveLength(502)
    })

    it('passes commands on in their order', async () => {
      const { handle, messages } = startHostedJob(await makeHost(), train('echo'))
      handle.post({ type: 'save' })
      handle.post({ type: 'pause' })
      handle.post({ type: 'stop' })
      await handle.closed
      expect(
        withoutHeart(messages).map((message) => (message.type === 'progress' ? message.message : message.type)),
      ).toEqual(['save', 'pause', 'stop', 'done'])
    })

    it('lets a trainer pause, and closes', async () => {
      const { handle, messages, heard } = startHostedJob(await makeHost(), train('pause'))
      await heard('progress')
      handle.post({ type: 'pause' })
      await handle.closed
      expect(withoutHeart(messages).slice(-2)).toMatchObject([
        { type: 'event', event: { type: 'paused', cause: 'pause' } },
        { type: 'done' },
      ])
    })

    it('says nothing after the last word', async () => {
      const { handle, messages } = startHostedJob(await makeHost(), train('chatter'))
      await handle.closed
      await settle()
      expect(withoutHeart(messages)).toEqual([{ type: 'done', result: null }])
      expect(messages.at(-1)?.type).toBe('done')
    })

    it('says why a trainer failed, as its last word', async () => {
      const { handle, messages } = startHostedJob(await makeHost(), train('fail'))
      await handle.closed
      expect(withoutHeart(messages)).toMatchObject([
        { type: 'event' },
        { type: 'failed', message: 'the first convolution needs 3 channels, found 1' },
      ])
    })

    it('ends a trainer at once and says so, without a last word', async () => {
      const { handle, messages, heard } = startHostedJob(await makeHost(), train('hang'))
      await heard('progress')
      handle.kill()
      handle.kill()
      const exit = await handle.closed
      expect(exit.description).toMatch(/^the trainer( process)? was ended by force$/)
      const count = messages.length
      await settle()
      expect(messages).toHaveLength(count)
      expect(messages.some(({ type }) => type === 'done' || type === 'failed')).toBe(false)
    })

    it('can be told things when it is gone, and nothing happens', async () => {
      const { handle } = startHostedJob(await makeHost(), train('finish'))
      await handle.closed
      handle.post({ type: 'pause' })
      handle.kill()
      await settle()
    })

    it('never takes the end of a trainer for success', async () => {
      const { handle, messages } = startHostedJob(await makeHost(), train('leave'))
      const exit: Exit = await handle.closed
      expect(withoutHeart(messages).every(({ type }) => type !== 'done')).toBe(true)
      expect(exit.description).toMatch(/^the trainer .*ended with code 0/)
    })

    it('answers jobs that are no training', async () => {
      const { handle, messages } = startHostedJob(await makeHost(), {
        type: 'probe',
        folders: { cache: '', resources: '' },
      })
      await handle.closed
      expect(withoutHeart(messages)).toEqual([{ type: 'done', result: [] }])
    })
  })
}
