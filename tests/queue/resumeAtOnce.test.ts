/*
 * A resume that was answered leads to training, whatever of the attempt before it is not over yet: a trainer that is
 * dead and not missed, or one that has said its last word and is still there.
 */
import { describe, expect, it } from 'vitest'
import type { FakeTrainer } from '../support/fakeHost'
import { manualClock, until } from '../support/fakeClock'
import { steppedPace, openQueueFixture } from '../support/queueFixture'
import { fakeTraining, smallConfig } from '../support/fakeTraining'

const killed = { code: null, signal: 'SIGKILL', description: 'the trainer process was killed (SIGKILL)' }
const heartbeat = { type: 'heartbeat', rssBytes: 1, cpuFraction: 1, gpu: null } as const

/** A run in training, of which three updates are done. */
async function training() {
  const pace = steppedPace()
  const clock = manualClock()
  const lab = await openQueueFixture({ script: fakeTraining({ pace: pace.pace }), clock })
  const id = await lab.queue.start(smallConfig('a'), null)
  pace.go(3)
  await until(() => lab.library.run(id).moment.update === 3, 'three updates')
  const trainer = lab.trainings()[0]!
  return { ...lab, id, pace, clock, trainer }
}

async function ends(
  { queue, library, id, pace, trainings }: Awaited<ReturnType<typeof training>>,
  trainers: number,
): Promise<void> {
  await until(() => trainings().length === trainers, `trainer ${trainers}`)
  pace.go(100)
  expect(await queue.settled(id)).toMatchObject({ status: 'finished' })
  expect(trainings()).toHaveLength(trainers)
  await queue.shutDown({ pause: true })
  await library.close()
}

/**
 * How many turns of the event loop lie between the end of the process and the request: from before anybody can know of
 * it until all is over.
 */
const turns = [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144]
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a resume of a run whose trainer was killed', () => {
  it('before anybody knows of it goes on as soon as it is known', async () => {
    const lab = await training()
    await lab.queue.resume(lab.id)
    expect(lab.library.run(lab.id).status).toBe('running')
    lab.trainer.exit(killed)
    await ends(lab, 2)
  })

  it.each(turns)('goes on, %i turns after its end was heard', async (count) => {
    const lab = await training()
    lab.trainer.exit(killed)
    for (let i = 0; i < count; i++) await turn()
    await lab.queue.resume(lab.id)
    await ends(lab, 2)
  })

  it('goes on once for several requests', async () => {
    const lab = await training()
    await Promise.all([lab.queue.resume(lab.id), lab.queue.resume(lab.id)])
    lab.trainer.exit(killed)
    await lab.queue.resume(lab.id)
    await ends(lab, 2)
  })

  it('is not begun by itself where the trainer lived when it was asked for, and died later', async () => {
    const lab = await training()
    await lab.queue.resume(lab.id)
    lab.clock.advance(4000)
    lab.trainer.post(heartbeat)
    lab.trainer.exit(killed)
    expect(await lab.queue.settled(lab.id)).toMatchObject({ status: 'interrupted' })
    expect(lab.trainings()).toHaveLength(1)
    await lab.queue.shutDown({ pause: true })
    await lab.library.close()
  })

  it('is not begun after somebody ended the trainer', async () => {
    const lab = await training()
    await lab.queue.resume(lab.id)
    await lab.queue.kill(lab.id)
    expect(await lab.queue.settled(lab.id)).toMatchObject({ status: 'interrupted' })
    expect(lab.trainings()).toHaveLength(1)
    await lab.queue.shutDown({ pause: true })
    await lab.library.close()
  })
})

describe('a run whose trainer has said its last word and is still there', () => {
  /** Plays a training up to its last word, and leaves when it is told to. */
  function lingering(): { readonly script: (trainer: FakeTrainer) => Promise<void>; readonly leave: () => void } {
    let [first, left]: [FakeTrainer | undefined, boolean] = [undefined, false]
    const play = fakeTraining()
    return {
      script: async (trainer) => {
        if (trainer.job.type !== 'train' || first !== undefined) return await play(trainer)
        first = trainer
        await play({
          ...trainer,
          exit: (exit) => {
            if (left) trainer.exit(exit)
          },
          isGone: trainer.isGone,
        })
      },
      leave: () => {
        left = true
        first?.exit()
      },
    }
  }

  it('is extended when it is gone, and trains', async () => {
    const { script, leave } = lingering()
    const lab = await openQueueFixture({ script })
    const id = await lab.queue.start({ ...smallConfig('a'), epochs: 2 }, null)
    await until(() => lab.library.run(id).status === 'finished', 'the last word')
    let isAnswered = false
    const extended = lab.queue.extend(id, 4).then(() => {
      isAnswered = true
    })
    for (let i = 0; i < 100; i++) await turn()
    expect(isAnswered).toBe(false)
    leave()
    await extended
    expect(await lab.queue.settled(id)).toMatchObject({ status: 'finished', moment: { epoch: 4 } })
    expect(lab.trainings()).toHaveLength(2)
    await lab.queue.shutDown({ pause: true })
    await lab.library.close()
  })
})
