// The check of the library from the queue: one process at a time, its own progress, and an end to it however it comes.
import { describe, expect, it } from 'vitest'
import type { ShortReport } from '../../core/libraryReport'
import { checkProgress, type AppEvent } from '../../core/protocol'
import { manualClock, until } from '../support/fakeClock'
import { openQueueFixture } from '../support/queueFixture'

const report: ShortReport = {
  library: '/lab',
  runs: 1,
  lines: 2,
  checkpoints: 3,
  problems: [],
  notes: [],
  more: { problems: 0, notes: 0 },
}
const openStill = () => openQueueFixture({ script: () => undefined })

describe('a check of the library', () => {
  it('reads the library that is open, in one process for all who ask meanwhile', async () => {
    const { library, queue, host, folder } = await openStill()
    const answers = [queue.check(), queue.check(), queue.check()]
    await until(() => host.trainers.length === 1, 'the process')
    expect(host.trainers[0]?.job).toMatchObject({ type: 'check', library: folder })
    host.trainers[0]?.post({ type: 'done', result: report })
    host.trainers[0]?.exit()
    expect(await Promise.all(answers)).toEqual([report, report, report])
    const again = queue.check()
    await until(() => host.trainers.length === 2, 'another process')
    host.trainers[1]?.post({ type: 'done', result: { ...report, runs: 9 } })
    expect(await again).toMatchObject({ runs: 9 })
    await library.close()
  })

  it('says how far it is beside what other jobs say, and that with its end', async () => {
    const clock = manualClock()
    const { library, queue, host } = await openQueueFixture({ clock, script: () => undefined })
    const heard: AppEvent[] = []
    queue.listen((event) => {
      if (event.type === 'progress') heard.push(event)
    })
    const last = (id: string | null): AppEvent | undefined => {
      clock.advance(200)
      clock.advance(200)
      return heard.filter((event) => event.type === 'progress' && event.id === id).at(-1)
    }
    const [probing, checking] = [queue.probe(), queue.check()]
    await until(() => host.trainers.length === 2, 'both processes')
    host.trainers[0]?.post({ type: 'progress', message: 'Trying the engines', fraction: 0.75 })
    host.trainers[1]?.post({ type: 'progress', message: 'run 3 of 200', fraction: 0.01 })
    expect(last(checkProgress)).toMatchObject({ message: 'run 3 of 200', fraction: 0.01 })
    expect(last(null)).toMatchObject({ message: 'Trying the engines' })
    host.trainers[1]?.post({ type: 'done', result: report })
    await checking
    expect(last(checkProgress)).toMatchObject({ fraction: 1 })
    expect(last(null)).toMatchObject({ message: 'Trying the engines' })
    host.trainers[0]?.post({ type: 'done', result: [] })
    await probing
    expect(last(null)).toMatchObject({ fraction: 1 })
    await library.close()
  })

  it('ends when it is stopped, and who asks afterwards gets one of their own', async () => {
    const { library, queue, host } = await openStill()
    queue.stopCheck()
    const first = queue.check()
    await until(() => host.trainers.length === 1, 'the process')
    queue.stopCheck()
    const second = queue.check()
    await expect(first).rejects.toThrow('It was stopped')
    expect(host.trainers[0]?.isGone()).toBe(true)
    await until(() => host.trainers.length === 2, 'another process')
    host.trainers[1]?.post({ type: 'done', result: report })
    expect(await second).toEqual(report)
    await library.close()
  })

  it('that waits for its turn is stopped before it began', async () => {
    const { library, queue, host } = await openStill()
    const busy = [queue.probe(), queue.probe()]
    await until(() => host.trainers.length === 2, 'other work')
    const waiting = queue.check()
    queue.stopCheck()
    for (const trainer of host.trainers) {
      trainer.post({ type: 'done', result: [] })
      trainer.exit()
    }
    await Promise.all(busy)
    await expect(waiting).rejects.toThrow('It was stopped')
    expect(host.trainers).toHaveLength(2)
    await library.close()
  })

  it('whose process fails or dies says so, and the next one has a process again', async () => {
    const { library, queue, host } = await openQueueFixture({
      script: (trainer) => {
        if (host.trainers.length === 1) trainer.post({ type: 'failed', message: '/lab cannot be read' })
        trainer.exit({ description: 'the trainer process was killed (SIGKILL)' })
      },
    })
    await expect(queue.check()).rejects.toThrow('/lab cannot be read')
    await expect(queue.check()).rejects.toThrow('There is no answer: its process was killed (SIGKILL)')
    await library.close()
  })
})
