import * as tf from '@tensorflow/tfjs-core'
import type { WeightSpec } from '../../../core/network'
import type { Pieces } from '../../../core/plan/pieces'
import { workerName } from '../../../core/tensors'
import { moveAverages } from './average'
import { at, meanOf, sumOfScalars } from '../ops/differentiable'
import { pieceDone } from '../ops/pieces'
import type { HostTensor, LearnerState } from './learner'
import { applyUpdate } from './applyUpdate'
import { gradientsOf, sliced, type StepFeeds, type Trainee } from './step'
import { variable, type Variables } from './variables'

/** Copies of the network and of the optimizer's slots for each worker, as further slots. */
export const initialWorkers = (workers: number, network: LearnerState, slots: LearnerState): LearnerState =>
  new Map(
    Array.from({ length: workers }, (_, worker) =>
      [...network, ...slots].map(([name, { shape, data }]): [string, HostTensor] => [
        workerName(worker, name),
        { shape, data: data.slice() },
      ]),
    ).flat(),
  )

/** The variables of one worker under the network's own names. */
export const workerVariables = (variables: Variables, worker: number, names: readonly string[]): Variables =>
  new Map(names.map((name) => [name, variable(variables, workerName(worker, name))]))

/**
 * Puts the mean of the workers' trained weights into all of them: a synchronisation (Lin et al. 2018, Algorithm 1).
 * Momentum and statistics stay with their workers.
 */
export function averageWorkers(views: readonly Variables[], weights: readonly WeightSpec[]): void {
  for (const { name, trainable } of weights) {
    if (!trainable) continue
    const mean = meanOver(views, name)
    for (const view of views) variable(view, name).assign(mean)
  }
}

const meanOver = (views: readonly Variables[], name: string): tf.Tensor =>
  meanOf(views.map((view) => variable(view, name)))

/**
 * One update of K simulated workers: each follows the gradient of its own part of the batch with its own weights, slots
 * and statistics; then, where `average` says so, their weights are averaged. The network's own tensors become the mean
 * over the workers, which is what is evaluated. Returns what `trainingStep` returns; the norm is that of the mean
 * gradient.
 */
export function workersStep(
  trainee: Trainee,
  slots: readonly string[],
  parts: Pieces,
  average: boolean,
): (feeds: StepFeeds) => tf.Tensor1D {
  const { network, weights, optimizer } = trainee
  const trained = weights.filter(({ trainable }) => trainable)
  const names = [...weights.map(({ name }) => name), ...slots]
  const sizes = parts.map((ghosts) => ghosts.reduce((sum, size) => sum + size, 0))
  const batch = sizes.reduce((sum, size) => sum + size, 0)

  return (feeds) =>
    tf.tidy(() => {
      const views = parts.map((_, worker) => workerVariables(network.variables, worker, names))
      let from = 0
      const own = (worker: number): Trainee => ({ ...trainee, network: { ...network, variables: at(views, worker) } })
      const results = parts.map((ghosts, worker) => {
        const size = at(sizes, worker)
        const part = sliced(feeds, from, size)
        from += size
        const sums = gradientsOf(
          own(worker),
          trained,
          part,
          { ghostSizes: ghosts, ghostsPerUpdate: ghosts.length },
          optimizer.reduction === 'sum' ? 1 : 1 / size,
        )
        network.ops.fence()
        pieceDone()
        return sums
      })
      results.forEach(({ gradients }, worker) => {
        applyUpdate(
          own(worker),
          trained.map((weight, i) => ({ weight, gradient: at(gradients, i) })),
          feeds,
        )
      })
      if (average) averageWorkers(views, weights)
      for (const { name } of weights) variable(network.variables, name).assign(meanOver(views, name))
      if (feeds.averageKeep) moveAverages(network.variables, weights, feeds.averageKeep)
      const norm = network.ops.norm(trained.map((_, i) => meanOf(results.map(({ gradients }) => at(gradients, i)))))
      return tf.stack([
        tf.mul(sumOfScalars(results.map(({ loss }) => loss)), 1 / batch),
        sumOfScalars(results.map(({ correct }) => correct)),
        norm,
      ]) as tf.Tensor1D
    })
}
