import type { RunConfig } from '../../core/config/config'
import type { LabelledImages } from '../data/rawImages'
import type { Between } from './commands'
import { asAverages, averagesIn, averagesToEvaluate, visited, visits } from './learner/average'
import type { Evaluated, Learner, LearnerState } from './learner/learner'

/** Whether the end of an epoch (counted from 1) changes anything that training goes on with. */
export const changesAtEnd = (
  { batch: { workers }, regularisation: { average } }: RunConfig,
  epoch: number,
  epochs: number,
): boolean => (workers.type === 'postLocal' && workers.statistics === 'reestimated') || visits(average, epoch, epochs)

/**
 * What the end of an epoch (counted from 1) does before anything is evaluated: SWA visits the weights, and statistics
 * are estimated anew where the config asks for it.
 */
export function endEpoch(
  learner: Learner,
  config: RunConfig,
  epoch: number,
  epochs: number,
  images: LabelledImages,
  between?: Between,
): void {
  const { workers } = config.batch
  if (workers.type === 'postLocal' && workers.statistics === 'reestimated')
    learner.write(learner.reestimate(images, between))
  const { average } = config.regularisation
  if (!visits(average, epoch, epochs)) return
  const state = learner.read()
  const slots = visited(state, learner.weights)
  const next: LearnerState = new Map([...state, ...slots])
  learner.write(averagesIn(next))
  const statistics = learner.reestimate(images, between)
  learner.write(new Map([...next, ...asAverages(statistics)]))
}

/**
 * Evaluates with the averaged weights where the config wants them and there are any, otherwise with the present ones,
 * which stay.
 */
export function evaluateChosen(
  learner: Learner,
  config: RunConfig,
  split: LabelledImages,
  between?: Between,
): Evaluated {
  if (config.regularisation.average.type === 'none') return learner.evaluate(split, between)
  const state = learner.read()
  const averages = averagesToEvaluate(config.regularisation.average, state)
  if (averages === null) return learner.evaluate(split, between)
  learner.write(averages)
  try {
    return learner.evaluate(split, between)
  } finally {
    learner.write(state)
  }
}
