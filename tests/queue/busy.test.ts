import { describe, expect, it } from 'vitest'
import type { FakeTrainer } from '../support/fakeHost'
import { manualClock, until } from '../support/fakeClock'
import { openQueueFixture } from '../support/queueFixture'
import { fakeTraining, onePoint, smallConfig } from '../support/fakeTraining'

const moment = (update: number, seconds: number) => ({
  update,
  epoch: 0,
  position: 16 * update,
  examples: 16 * update,
  seconds,
})

/** A trainer in the middle of an update that takes very long: it computes, and hears nothing meanwhile. */
async function busyLab() {
  const clock = manualClock()
  const lab = await openQueueFixture({ clock, script: fakeTraining({ pace: () => new Promise(() => undefined) }) })
  const id = await lab.queue.start(smallConfig(), null)
  await until(() => lab.library.run(id).status === 'running', 'the start')
  const trainer = (): FakeTrainer => lab.trainings()[0]!
  const go = async (seconds: number, cpuFraction: number | null): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1000)
      if (cpuFraction !== null) trainer().post({ type: 'heartbeat', rssBytes: 1, cpuFraction, gpu: null })
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const told = (): string | undefined => {
    clock.advance(200)
    const last = lab.events.filter((event) => event.type === 'progress').at(-1)
    return last?.type === 'progress' ? (last.fraction === 1 ? '' : last.message) : undefined
  }
  const saveAndPause = (): void => {
    trainer().post({
      type: 'event',
      event: {
        type: 'saved',
        checkpoint: { name: 'last', kinds: ['last'], moment: moment(3, 132), bytes: 1, validation: null },
        removed: [],
      },
    })
    trainer().post({ type: 'event', event: { type: 'paused', at: '', moment: moment(3, 132), cause: '' } })
    trainer().post({ type: 'done', result: null })
    trainer().exit()
  }
  return { ...lab, id, clock, trainer, go, told, saveAndPause }
}

describe('a trainer that is busy', () => {
  it('is not ended while it computes, however long its update takes, and the window hears for how long', async () => {
    const { queue, library, id, trainer, go, told, saveAndPause } = await busyLab()
    trainer().post({ type: 'event', event: { type: 'advanced', points: onePoint(moment(1, 44)) } })
    trainer().post({ type: 'event', event: { type: 'advanced', points: onePoint(moment(2, 88)) } })
    await until(() => library.run(id).moment.update === 2, 'two updates')
    await queue.pause(id)
    await go(5, 0.5)
    expect(told()).toBe('Pausing after this update, about 40 s')
    await go(300, 0.5)
    expect(told()).toBe('Pausing after this update, any moment now')
    expect(trainer().isGone()).toBe(false)
    expect(library.run(id).status).toBe('pausing')
    saveAndPause()
    expect(await queue.settled(id)).toMatchObject({ status: 'paused', message: '' })
    expect(told()).toBe('')
    await library.close()
  })

  it('may wait for a disk for half a minute, and is ended when it neither speaks nor computes', async () => {
    const { queue, library, id, trainer, go } = await busyLab()
    await queue.pause(id)
    await go(20, 0.5)
    await go(29, 0)
    expect(trainer().isGone()).toBe(false)
    await go(2, 0)
    expect(await queue.settled(id)).toMatchObject({
      status: 'interrupted',
      message:
        'The trainer neither paused nor gave a sign of life for 30 s and was ended. No checkpoint had been saved.',
    })
    await library.close()
  })

  it('is waited for when the app closes, and can be ended all the same', async () => {
    const { queue, library, id, trainer, go } = await busyLab()
    let isOver = false
    const closing = queue.shutDown({ pause: true }).then(() => {
      isOver = true
    })
    await go(120, 0.5)
    expect([isOver, trainer().isGone()]).toEqual([false, false])
    await expect(queue.resume(id)).rejects.toThrow('Batchlab is closing')
    await queue.kill(id)
    await closing
    expect(library.run(id)).toMatchObject({
      status: 'interrupted',
      message: 'It was ended at once, as you asked. No checkpoint had been saved.',
    })
    await library.close()
  })
})
