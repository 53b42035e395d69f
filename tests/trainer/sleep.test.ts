/* A night in the middle of an update is no training time, on clocks that go on while the machine sleeps. */
import * as tf from '@tensorflow/tfjs-core'
import { setEnvironmentData } from 'node:worker_threads'
import { afterEach, expect, it, vi } from 'vitest'
import { newBeats, noteBeat } from '../../core/sleep'
import { digitsConfig, trainOnDigits, useFolder } from '../support/digits'

const folder = useFolder()
const engine = tf.engine()
const runKernel = engine.runKernel.bind(engine)
afterEach(() => {
  engine.runKernel = runKernel
  setEnvironmentData('beats', undefined)
  vi.restoreAllMocks()
})

const nightMs = 8 * 3600_000

async function secondsWithNight(isBeating: boolean): Promise<readonly number[]> {
  let passedMs = 0
  let operations = 0
  const hrtime = process.hrtime.bigint.bind(process.hrtime)
  vi.spyOn(process.hrtime, 'bigint').mockImplementation(() => hrtime() + BigInt(passedMs) * 1_000_000n)
  if (isBeating) {
    const beats = newBeats()
    setEnvironmentData('beats', beats)
    noteBeat(beats, Number(process.hrtime.bigint()) / 1e6)
  }
  engine.runKernel = (...args) => {
    if (operations++ === 100) passedMs += nightMs
    return runKernel(...args)
  }
  const {
    traced: { trace, run },
  } = await trainOnDigits(
    digitsConfig({ data: { trainingImages: 72 }, network: { type: 'mlp', hidden: [6] }, epochs: 3 }),
    folder(),
  )
  expect(run.status).toBe('finished')
  return [...trace.seconds, run.moment.seconds]
}

it('an update in which the machine sleeps takes as long as it computes', async () => {
  const seconds = await secondsWithNight(true)
  expect(seconds).toEqual([...seconds].sort((a, b) => a - b))
  expect(seconds.at(-1)).toBeLessThan(60)
})

it('would be found out: without beats the night is counted', async () => {
  expect((await secondsWithNight(false)).at(-1)).toBeGreaterThan(nightMs / 1000)
})
