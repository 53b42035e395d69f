import { describe, expect, it } from 'vitest'
import type { HostMessage, Job } from '../../core/job'
import { fakeHost } from '../support/fakeHost'
import { nodeHost } from '../../main/hosts/nodeHost'
import { bundle } from '../support/bundle'
import { play } from './contractPlay'
import { hostContract } from './hostContract'

hostContract('fake', async () =>
  fakeHost((trainer) => {
    play(trainer.job, {
      say: (message) => {
        trainer.post(message)
        if (message.type === 'done' || message.type === 'failed') setImmediate(() => trainer.exit())
      },
      onCommand: trainer.onCommand,
      leave: () => trainer.exit(),
    })
  }),
)

let thread: Promise<string> | undefined
hostContract('node', async () => nodeHost(await (thread ??= bundle('hosts/contractThread.ts'))))

describe('a node host', () => {
  it('has a heartbeat with memory and load', async () => {
    const { config } = { config: (await import('../support/fakeTraining')).configOf({ name: 'hang' }) }
    const job: Job = {
      type: 'train',
      config,
      runFolder: '',
      beginning: { type: 'new' },
      folders: { cache: '', resources: '' },
    }
    const host = nodeHost(await (thread ??= bundle('hosts/contractThread.ts')))
    const beat = await new Promise<HostMessage>((resolve) => {
      const handle = host.start(job, (message) => {
        if (message.type !== 'heartbeat') return
        resolve(message)
        handle.kill()
      })
    })
    expect(beat).toMatchObject({
      type: 'heartbeat',
      rssBytes: expect.any(Number) as number,
      cpuFraction: expect.any(Number) as number,
    })
    if (beat.type === 'heartbeat') expect(beat.rssBytes).toBeGreaterThan(1e6)
  })
})
