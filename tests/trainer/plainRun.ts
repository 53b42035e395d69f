import type { RunConfig } from '../../core/config/config'
import { epochOrder } from '../../core/random'
import type { Dataset } from '../../main/data/dataset'
import type { LabelledImages } from '../../main/data/rawImages'
import { openEngine } from '../../main/trainer/engine'
import { createLearner } from '../../main/trainer/learner/openLearner'
import type { Batch } from '../../main/trainer/learner/learner'
import { mapParameters, meanOf, oneHot, perceptron, type Example, type Parameters } from '../reference/perceptron'
import { sgd, type SgdState } from '../reference/sgd'
import { digitsBatch, parametersIn } from '../support/digits'

/*
 * A plain training on digits, in double precision, that is told only batch sizes and rates: whole runs of the app are
 * compared with it.
 */

/** One update of a plain run: momentum 0.9 and no decay unless it says otherwise; decay is coupled, of weights only. */
export interface PlainUpdate {
  readonly epoch: number
  readonly batch: number
  readonly rate: number
  readonly momentum?: number
  readonly weightDecay?: number
}

/** What a plain run does to an image, by its place in the split and the epoch. */
export type Augment = (pixels: Float32Array, epoch: number, image: number) => ArrayLike<number>

export const examplesOf = ({ images, labels, count }: Batch): Example[] =>
  Array.from({ length: count }, (_, n) => ({
    pixels: images.subarray(64 * n, 64 * n + 64),
    target: oneHot(labels[n]!, 10),
    weight: 1,
  }))

/** A plain run of SGD: each update's images in the order of the epoch, by the batch sizes and rates given. */
export function plainRun(
  config: RunConfig,
  dataset: Dataset,
  start: Parameters,
  updates: readonly PlainUpdate[],
  augment: Augment = (pixels) => pixels,
) {
  let parameters = start
  const states = new Map<string, SgdState>()
  const losses: number[] = []
  const ends: Parameters[] = []
  let [epoch, position] = [0, 0]
  updates.forEach(({ epoch: now, batch: size, rate, momentum = 0.9, weightDecay = 0 }, index) => {
    if (now !== epoch) [epoch, position] = [now, 0]
    const order = epochOrder(config.seed, epoch, dataset.train.labels.length).subarray(position, position + size)
    const batch = digitsBatch(config, dataset, dataset.train, order, index)
    position += size
    const pass = perceptron(
      parameters,
      examplesOf(batch).map((example, n) => ({
        ...example,
        pixels: augment(example.pixels as Float32Array, epoch, order[n]!),
      })),
    )
    losses.push(meanOf(pass.losses))
    parameters = mapParameters(parameters, (weights, name) => {
      const settings = {
        learningRate: rate,
        momentum,
        weightDecay: name.endsWith('.weight') ? weightDecay : 0,
        nesterov: false,
        decay: 'coupled',
      } as const
      const state = sgd.step({ weights, buffer: states.get(name)?.buffer ?? [] }, pass.gradients[name]!, settings)
      states.set(name, state)
      return state.weights
    })
    ends[epoch] = parameters
  })
  return { parameters, losses, ends }
}

/** The mean loss of a perceptron on a split. */
export function plainLoss(config: RunConfig, dataset: Dataset, split: LabelledImages, parameters: Parameters): number {
  return meanOf(
    perceptron(
      parameters,
      examplesOf(
        digitsBatch(
          config,
          dataset,
          split,
          Uint32Array.from(split.labels, (_, i) => i),
          0,
        ),
      ),
    ).losses,
  )
}

/** The weights that a run begins with. */
export async function initialOf(config: RunConfig, dataset: Dataset): Promise<Parameters> {
  const learner = createLearner(await openEngine('cpu', {}), config, dataset.info)
  const parameters = parametersIn(learner.read())
  learner.dispose()
  return parameters
}
