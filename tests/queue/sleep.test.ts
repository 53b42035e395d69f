import { describe, expect, it } from 'vitest'
import { newBeats, noteBeat, sleptUntil } from '../../core/sleep'
import { manualClock, until } from '../support/fakeClock'
import { steppedPace, openQueueFixture } from '../support/queueFixture'
import { fakeTraining, smallConfig } from '../support/fakeTraining'

const night = 8 * 3600_000
const beat = (cpuFraction: number) => ({ type: 'heartbeat' as const, rssBytes: 1, cpuFraction, gpu: null })

async function sleepingLab() {
  const clock = manualClock()
  const lab = await openQueueFixture({ clock, script: fakeTraining({ pace: () => new Promise(() => undefined) }) })
  const id = await lab.queue.start(smallConfig(), null)
  await until(() => lab.library.run(id).status === 'running', 'the start')
  const stalled = (): boolean => lab.events.some((event) => event.type === 'load' && event.stalled)
  return { ...lab, id, clock, stalled, trainer: lab.trainings()[0]! }
}

describe('a machine that sleeps', () => {
  it('has a recovery checkpoint of what trains before it does, and none beside it', async () => {
    const pace = steppedPace()
    const { library, queue, trainings } = await openQueueFixture({ script: fakeTraining({ pace: pace.pace }) })
    queue.suspend()
    const id = await queue.start(smallConfig(), null)
    pace.go(2)
    await until(() => library.run(id).moment.update === 2, 'two updates')
    expect(library.run(id).checkpoints).toEqual([])
    queue.suspend()
    pace.go(1)
    await until(() => library.run(id).checkpoints.length === 1, 'the checkpoint')
    expect(library.run(id)).toMatchObject({ status: 'running', checkpoints: [{ name: 'last', moment: { update: 2 } }] })
    expect(trainings()[0]?.commands).toEqual([{ type: 'saveRecovery' }])
    await queue.kill(id)
    await library.close()
  })

  it.each(['its first check', 'a heartbeat that counts the night as idle', 'the word of the system'] as const)(
    'calls no trainer stalled when it wakes, whatever comes first: %s',
    async (first) => {
      const { library, queue, clock, id, trainer, stalled } = await sleepingLab()
      clock.advance(1000)
      trainer.post(beat(0.5))
      if (first === 'its first check') clock.sleep(night)
      else {
        // Its timers come a moment later.
        clock.advance(4000)
        const after = clock.now() + night
        const { now } = clock
        Object.assign(clock, { now: () => Math.max(now(), after) })
        if (first === 'the word of the system') queue.wake()
        trainer.post(beat(0))
      }
      trainer.post(beat(0.5))
      clock.advance(200)
      expect(stalled()).toBe(false)
      await queue.kill(id)
      await library.close()
    },
  )

  it('ends no trainer that it had asked to pause before', async () => {
    const { library, queue, clock, id, trainer } = await sleepingLab()
    await queue.pause(id)
    clock.sleep(night)
    expect(trainer.isGone()).toBe(false)
    clock.advance(9000)
    expect(trainer.isGone()).toBe(false)
    clock.advance(2000)
    expect(trainer.isGone()).toBe(true)
    await queue.settled(id)
    await library.close()
  })

  it('ends no side job that had no chance to answer, and does when it is silent awake', async () => {
    const clock = manualClock()
    const { library, queue, host } = await openQueueFixture({ clock, script: () => undefined })
    const probing = queue.probe().catch((error: unknown) => error)
    await until(() => host.trainers.length === 1, 'the job')
    clock.sleep(night)
    expect(host.trainers[0]?.isGone()).toBe(false)
    clock.advance(60_000)
    expect(host.trainers[0]?.isGone()).toBe(true)
    expect(await probing).toBeInstanceOf(Error)
    await library.close()
  })
})

describe('beats of a process', () => {
  it('tell how long it slept, the same before and after the first beat that follows', () => {
    const beats = newBeats()
    expect(sleptUntil(beats, 1e9)).toBe(0)
    noteBeat(beats, 1000)
    noteBeat(beats, 2100)
    noteBeat(beats, 5000)
    expect(sleptUntil(beats, 5900)).toBe(0)
    // Deep in a native call, the trainer may look before the other thread has woken up.
    expect(sleptUntil(beats, 6000 + night)).toBe(night)
    noteBeat(beats, 6000 + night)
    expect(sleptUntil(beats, 6500 + night)).toBe(night)
    noteBeat(beats, 7000 + 2 * night)
    expect(sleptUntil(beats, 7000 + 2 * night)).toBe(2 * night)
  })
})
