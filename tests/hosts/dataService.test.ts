import { describe, expect, it } from 'vitest'
import { DataConfig } from '../../core/config/data'
import type { DataRequest, HostMessage, Job } from '../../core/job'
import { serviceIdle, withDataService } from '../../main/hosts/dataService'
import { manualClock, until } from '../support/fakeClock'
import { fakeHost, type FakeTrainer } from '../support/fakeHost'
import { configOf } from '../support/fakeTraining'

const folders = { cache: '', resources: '' }
const data = DataConfig.parse({})
const inspect: Job = { type: 'inspect', data, folders }
const evaluate: Job = { type: 'evaluate', checkpoints: [], split: 'test', data, unseen: false, folders }
const train: Job = { type: 'train', config: configOf({}), runFolder: '', beginning: { type: 'new' }, folders }

const requests = ({ commands }: FakeTrainer): readonly DataRequest[] =>
  commands.filter((command): command is DataRequest => command.type === 'ask')

/** A service on a host whose processes say what the test has them say. */
function openService() {
  const host = fakeHost(() => undefined)
  const clock = manualClock()
  const service = withDataService(host, clock.after)
  const start = (job: Job) => {
    const said: HostMessage[] = []
    const handle = service.start(job, (message) => said.push(message))
    let exit = ''
    void handle.closed.then(({ description }) => (exit = description))
    return { handle, said, exit: () => exit }
  }
  /** Answers what a process was asked last. */
  const answer = (
    at: number,
    said: Extract<HostMessage, { type: 'answer' }>['said'] = { type: 'done', result: null },
  ) => {
    const trainer = host.trainers[at]!
    trainer.post({ type: 'answer', id: requests(trainer).at(-1)!.id, said })
  }
  return { host, clock, start, answer }
}

describe('the data service', () => {
  it('does one job after the other in one process, and ends when nobody asks it anything', async () => {
    const { host, clock, start, answer } = openService()
    const first = start(inspect)
    answer(0, { type: 'progress', message: 'Unpacking the images', fraction: 0.5 })
    answer(0)
    await until(() => first.exit() !== '', 'the first')
    expect(first.said.map(({ type }) => type)).toEqual(['progress', 'done'])
    clock.advance(serviceIdle.ms - 1)
    const [second, third] = [start(inspect), start(inspect)]
    expect(requests(host.trainers[0]!)).toHaveLength(2)
    host.trainers[0]!.post({ type: 'heartbeat', rssBytes: 1, cpuFraction: 0, gpu: null })
    answer(0)
    answer(0)
    await until(() => third.exit() !== '', 'the third')
    expect([second, third].map(({ said }) => said.map(({ type }) => type))).toEqual([
      ['heartbeat', 'done'],
      ['heartbeat', 'done'],
    ])
    expect(host.trainers.map(({ job }) => job.type)).toEqual(['serve'])
    clock.advance(serviceIdle.ms - 1)
    expect(host.trainers[0]!.isGone()).toBe(false)
    clock.advance(1)
    expect(host.trainers[0]!.isGone()).toBe(true)
    start(inspect)
    expect(host.trainers).toHaveLength(2)
  })

  it('gives its memory to a training that begins, and keeps little of it beside one', async () => {
    const { host, clock, start, answer } = openService()
    start(inspect)
    answer(0)
    start(train)
    expect(host.trainers.map((trainer) => [trainer.job.type, trainer.isGone()])).toEqual([
      ['serve', true],
      ['train', false],
    ])
    start(inspect)
    expect(requests(host.trainers[2]!)).toMatchObject([{ alone: true }])
    answer(2)
    clock.advance(serviceIdle.besideTrainingMs)
    expect(host.trainers[2]!.isGone()).toBe(true)
    host.trainers[1]!.exit()
    await Promise.resolve()
    await Promise.resolve()
    start(inspect)
    expect(requests(host.trainers[3]!)).toMatchObject([{ alone: false }])
  })

  it('lets nobody wait for an evaluation', () => {
    const { host, start } = openService()
    for (const job of [evaluate, inspect, { type: 'probe', folders } as const]) start(job)
    expect(host.trainers.map(({ job }) => job.type)).toEqual(['serve', 'inspect', 'probe'])
  })

  it('that is lost loses nothing: what it was at is done again, once, and so is what waited', async () => {
    const { host, start, answer } = openService()
    start(inspect)
    answer(0)
    const [lost, waiting] = [start(inspect), start(inspect)]
    host.trainers[0]!.exit({ description: 'the trainer process was killed (SIGKILL)' })
    await until(() => host.trainers.length === 2, 'another process')
    host.trainers[1]!.exit({ description: 'the trainer process crashed (SIGSEGV)' })
    await until(() => lost.exit() !== '', 'the end of the first')
    expect(lost.exit()).toBe('the trainer process crashed (SIGSEGV)')
    await until(() => host.trainers.length === 3, 'a third process')
    answer(2)
    await until(() => waiting.exit() !== '', 'the answer to the second')
    expect(waiting.said).toEqual([{ type: 'done', result: null }])
  })

  it('tells of a job that a fresh process was lost with, or that ended its thread', async () => {
    const { host, start } = openService()
    const [crashed, failed] = [start(inspect), start(evaluate)]
    host.trainers[0]!.exit({ description: 'the trainer process crashed (SIGSEGV)' })
    await until(() => crashed.exit() !== '', 'the end')
    expect(crashed.exit()).toBe('the trainer process crashed (SIGSEGV)')
    host.trainers[1]!.post({ type: 'failed', message: 'the heap is full', shortage: 'resource_exhausted' })
    expect(failed.said).toEqual([{ type: 'failed', message: 'the heap is full', shortage: 'resource_exhausted' }])
    expect(host.trainers[1]!.isGone()).toBe(true)
  })

  it('is ended with a job that is ended by force, and what waits is done by another', async () => {
    const { host, start, answer } = openService()
    const [first, second, third] = [start(inspect), start(inspect), start(inspect)]
    third.handle.kill()
    first.handle.kill()
    await until(() => first.exit() !== '' && third.exit() !== '', 'both ends')
    expect(host.trainers.map((trainer) => trainer.isGone())).toEqual([true, false])
    answer(1)
    expect(second.said).toEqual([{ type: 'done', result: null }])
    expect([first.said, third.said]).toEqual([[], []])
  })

  it('is begun anew for what it declines, and after memory has run out', () => {
    const { host, start, answer } = openService()
    const first = start(evaluate)
    answer(0, { type: 'declined' })
    expect(host.trainers.map((trainer) => trainer.isGone())).toEqual([true, false])
    answer(1, { type: 'failed', message: 'no memory', shortage: 'resource_exhausted' })
    expect(first.said).toEqual([{ type: 'failed', message: 'no memory', shortage: 'resource_exhausted' }])
    expect(host.trainers[1]!.isGone()).toBe(true)
  })
})
