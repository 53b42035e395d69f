/* Dates are for people: nothing that is computed, measured or ordered depends on the clock on the wall. */
import * as tf from '@tensorflow/tfjs-core'
import { afterEach, expect, it, vi } from 'vitest'
import type { TracedRun } from '../../core/run'
import { digitsConfig, trainOnDigits, useFolder } from '../support/digits'

const folder = useFolder()
const engine = tf.engine()
const runKernel = engine.runKernel.bind(engine)
afterEach(() => {
  engine.runKernel = runKernel
  vi.useRealTimers()
})

const config = digitsConfig({
  data: { trainingImages: 96 },
  network: { type: 'mlp', hidden: [6] },
  epochs: 4,
  checkpoints: { keepBest: 2, saveEverySeconds: 1 },
})
const essence = ({ run: { status, epochs, test, checkpoints }, trace }: TracedRun): string =>
  JSON.stringify(
    [status, epochs, test, checkpoints.map(({ name, kinds, moment }) => [name, kinds, moment]), trace],
    (key, value: unknown) => (key === 'seconds' ? 0 : value),
  )

it('a clock that jumps a day to and fro, and into 1970, changes nothing of a run, its pause and its seconds', async () => {
  const still = await trainOnDigits(config, folder())
  const day = 86_400_000
  const places = [day, -day, -Date.now(), 2 * day, 0]
  let operations = 0
  engine.runKernel = (...args) => {
    if (operations++ % 40 === 0)
      vi.setSystemTime(Date.now() + (places[Math.floor(operations / 40) % places.length] ?? 0))
    return runKernel(...args)
  }
  vi.useFakeTimers({ toFake: ['Date'] })
  const paused = await trainOnDigits(config, folder(), { pauseAfter: 9 })
  expect(paused.traced.run.status).toBe('paused')
  const { traced } = await trainOnDigits(config, folder(), { resume: paused.folder })
  expect(operations).toBeGreaterThan(400)
  expect(new Set(traced.run.log.map(({ at }) => at.slice(0, 10))).size).toBeGreaterThan(1)
  expect(essence(traced)).toBe(essence(still.traced))
  expect(traced.trace.seconds).toEqual([...traced.trace.seconds].sort((a, b) => a - b))
  expect(traced.trace.seconds.at(-1)).toBeLessThan(60)
})
