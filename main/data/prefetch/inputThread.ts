/* The input thread: fills the batch that it was asked for, says so, and sleeps until the next one. */
import { workerData } from 'node:worker_threads'
import { epochOrder } from '../../../core/random'
import { batchFiller } from '../batches'
import { word, type Shared } from './shared'

const { data, info, seed, images, buffers, control } = workerData as Shared
const fill = batchFiller(data, info)
let shuffled: { readonly epoch: number; readonly order: Uint32Array } = { epoch: -1, order: new Uint32Array() }

for (let filled = 0; ;) {
  Atomics.wait(control, word.asked, filled)
  if (Atomics.load(control, word.closing) === 1) break
  filled++
  const [epoch, position, count] = [word.epoch, word.position, word.count].map((one) => Atomics.load(control, one)) as [
    number,
    number,
    number,
  ]
  if (shuffled.epoch !== epoch) shuffled = { epoch, order: epochOrder(seed, epoch, images.labels.length) }
  fill(images, shuffled.order.subarray(position, position + count), epoch, seed, buffers[filled % 2 === 0 ? 0 : 1])
  Atomics.store(control, word.filled, filled)
  Atomics.notify(control, word.filled)
}
