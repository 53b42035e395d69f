import { slotPrefix } from '../../core/checkpoint'
import { classesDiffer, classPlaces } from '../../core/classes'
import type { RunConfig } from '../../core/config/config'
import type { DatasetInfo } from '../../core/datasetInfo'
import { networkFor } from '../../core/network'
import type { Layer } from '../../core/networks/layer'
import type { HostTensor, LearnerState } from './learner/learner'

interface NamedClasses {
  readonly name: string
  readonly classes: readonly string[]
}

/**
 * The state in a file with its output units in the order of the data that it goes on with. Files that name no classes
 * stay as they are.
 */
export const forData = (
  path: string,
  state: LearnerState,
  classes: readonly string[] | null,
  { network, networkOptions }: RunConfig,
  info: DatasetInfo,
): LearnerState =>
  classes === null
    ? state
    : inClassOrder(
        state,
        networkFor(network, networkOptions, info.shape, info.classes.length),
        { name: path, classes },
        info,
      )

/**
 * A state whose output units stand in the order of other data: weights and biases of the last layer, and what the
 * optimizer, averages and simulated workers hold of them. The names must be the same; throws a sentence with both lists
 * where they are not.
 */
export function inClassOrder(
  state: LearnerState,
  layers: readonly Layer[],
  from: NamedClasses,
  to: NamedClasses,
): LearnerState {
  const places = classPlaces(from.classes, to.classes)
  if (places === null) throw new Error(classesDiffer(from.name, from.classes, to.name, to.classes))
  if (places.every((place, index) => place === index)) return state
  const output = layers.findLast((layer) => layer.type === 'dense' || layer.type === 'conv')
  if (output === undefined) return state
  const own = [`${output.name}.weight`, `${output.name}.bias`]
  const isOutput = (name: string): boolean =>
    own.includes(name) || (name.startsWith(slotPrefix) && own.some((one) => name.endsWith(`.${one}`)))
  return new Map(
    [...state].map(([name, tensor]) => [
      name,
      isOutput(name) && tensor.shape.at(-1) === places.length ? permuted(tensor, places) : tensor,
    ]),
  )
}

function permuted({ shape, data }: HostTensor, places: readonly number[]): HostTensor {
  const moved = new Float32Array(data.length)
  for (let row = 0; row < data.length; row += places.length)
    places.forEach((place, unit) => {
      moved[row + place] = data[row + unit] ?? 0
    })
  return { shape, data: moved }
}
