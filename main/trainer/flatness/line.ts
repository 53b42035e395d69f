import type { HostMessage } from '../../../core/job'
import { interpolated } from '../../../core/flatness/line'
import type { LinePoint } from '../../../core/flatness/report'
import { inClassOrder } from '../classOrder'
import { type NetworkLandscape } from './networkLandscape'
import { type MeasuredCheckpoint } from '../measuredCheckpoint'
import { reestimated } from '../learner/reestimate'
import { type MeasuredNetwork, sameInput, landscapeScore, withLandscape, evaluationBatches } from './measuredNetwork'

/**
 * Running statistics belong to neither of two networks between them, so they are estimated anew at each place. Where
 * the two normalise differently, mean and deviation go from those of the first to those of the second in a straight
 * line too, so that both ends are what they are alone.
 */
export function lineBetween(
  one: MeasuredNetwork,
  other: MeasuredNetwork,
  places: readonly number[],
  post: (message: HostMessage) => void,
): readonly LinePoint[] {
  const [from, to] = [one.checkpoint, other.checkpoint]
  if (from.info.shape.join() !== to.info.shape.join())
    throw new Error(
      `${from.name} takes images of ${from.info.shape.join('×')}, ${to.name} of ${to.info.shape.join('×')}: ` +
        'there is no line between them',
    )
  const state = inClassOrder(
    other.scene.state,
    other.scene.layers,
    { name: to.name, classes: to.info.classes },
    { name: from.name, classes: from.info.classes },
  )
  return withLandscape(one.scene, (first) =>
    withLandscape({ ...other.scene, state }, (second) => {
      const shapes = ({ slices }: NetworkLandscape): string => slices.map(({ shape }) => shape.join('×')).join()
      if (shapes(first) !== shapes(second))
        throw new Error(`${from.name} and ${to.name} are of different networks: there is no line between them`)
      const fixed = sameInput(from, to) ? { train: one.scene.batches, test: evaluationBatches(from, one.test) } : null
      return places.map((place, i) => {
        post({
          type: 'progress',
          message: `Point ${i + 1} of ${places.length} between the two`,
          fraction: i / places.length,
        })
        const weights = interpolated(first.weights, second.weights, place)
        const { ops, layers, shape } = one.scene
        const fed = fixed === null ? between(from, to, place) : from
        const [batches, testBatches] = [
          fixed?.train ?? evaluationBatches(fed, one.train),
          fixed?.test ?? evaluationBatches(fed, one.test),
        ]
        const mixed = first.stateAt(weights)
        const reestimatedState = new Map([...mixed, ...reestimated(ops, layers, shape, mixed, batches, 'images')])
        const train = landscapeScore({ ...one.scene, state: reestimatedState, batches })
        const test =
          testBatches.length > 0
            ? landscapeScore({ ...one.scene, state: reestimatedState, batches: testBatches })
            : null
        return {
          place,
          trainLoss: train.loss,
          trainAccuracy: train.accuracy,
          testLoss: test?.loss ?? null,
          testAccuracy: test?.accuracy ?? null,
        }
      })
    }),
  )
}

/** The first checkpoint, fed with a mean and a deviation between its own and those of the second. */
function between(
  from: MeasuredCheckpoint,
  to: MeasuredCheckpoint,
  place: number,
): Pick<MeasuredCheckpoint, 'config' | 'info' | 'places'> {
  const mixed = (a: readonly number[], b: readonly number[]): number[] =>
    a.map((value, channel) => (1 - place) * value + place * (b[channel] ?? value))
  return {
    places: from.places,
    config: { ...from.config, data: { ...from.config.data, normalisation: 'perChannel' } },
    info: { ...from.info, mean: mixed(from.input.mean, to.input.mean), std: mixed(from.input.std, to.input.std) },
  }
}
