import { DataConfig } from '../../core/config/data'
import { epochOrder } from '../../core/random'
import { batchFiller } from '../../main/data/batches'
import { makeSynthetic } from '../../main/data/synthetic'
import { openLearner } from '../../main/trainer/learner/openLearner'
import { benchConfig, benchCifarInfo } from '../cases'
import type { InputFigures, MeasurementJob } from '../job'
import { median } from '../../core/measure'
import { measure, ratioOf } from '../measure'
import { updatesOf } from './learner'

const one = { network: 'resnet8', batchSize: 128 } as const
const images = 4096

const augmentations: readonly (readonly [string, object])[] = [
  ['crop and flip', { pad: 4, flip: true }],
  ['crop, flip and rotation', { pad: 4, flip: true, rotation: 15 }],
]

/** Fills batches with the product's own code, in turn with the updates that they would be for. */
export async function measureInput({ engine, threads, rounds, seconds }: MeasurementJob): Promise<InputFigures> {
  const { batchSize } = one
  const learner = await openLearner(
    benchConfig(one, { backend: engine, threads }),
    benchCifarInfo({ train: images, validation: 0, test: 0 }),
  )
  const update = updatesOf(learner, batchSize)
  const [updating, ...filling] = await measure(
    [update, ...augmentations.map(([, augmentation]) => fillsOf(augmentation))].map((run) => ({
      run: (count: number) => Promise.resolve(run(count)),
      close: () => undefined,
    })),
    batchSize,
    { rounds, seconds, updates: null },
  )
  learner.dispose()
  if (updating === undefined || updating.failure !== '') throw new Error(updating?.failure ?? 'There was no update')
  const msOf = (speeds: readonly (number | null)[]): number =>
    (1000 * batchSize) / median(speeds.filter((speed) => speed !== null))
  return {
    ...one,
    updateMs: msOf(updating.speeds),
    augmentations: filling.map((filled, i) => {
      const batchMs = msOf(filled.speeds)
      return {
        name: augmentations[i]?.[0] ?? '',
        batchMs,
        imageUs: (1000 * batchMs) / batchSize,
        share: ratioOf(updating, filled) ?? NaN,
      }
    }),
  }
}

/** Makes the function that fills so many batches, epoch after epoch, and says how many seconds that took. */
function fillsOf(augmentation: object): (batches: number) => number {
  const { batchSize } = one
  const config = DataConfig.parse({ source: { type: 'synthetic', images, testImages: 2 }, augmentation })
  if (config.source.type !== 'synthetic') throw new Error('The images are synthetic')
  const info = {
    ...benchCifarInfo({ train: images, validation: 0, test: 0 }),
    mean: [0.49, 0.48, 0.45],
    std: [0.25, 0.24, 0.26],
  }
  const split = makeSynthetic(config.source)
  const fill = batchFiller(config, info)
  const buffers = { images: new Float32Array(batchSize * 32 * 32 * 3), labels: new Int32Array(batchSize) }
  const perEpoch = Math.floor(images / batchSize)
  let order: Uint32Array = new Uint32Array()
  let batch = 0
  return (batches) => {
    const began = performance.now()
    for (let i = 0; i < batches; i++, batch++) {
      const [epoch, position] = [Math.floor(batch / perEpoch), (batch % perEpoch) * batchSize]
      if (position === 0) order = epochOrder(1, epoch, images)
      fill(split, order.subarray(position, position + batchSize), epoch, 1, buffers)
    }
    return (performance.now() - began) / 1000
  }
}
