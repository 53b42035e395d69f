import type { Points } from '../../core/events'
import { noPoints } from '../../core/events'
import type { Run } from '../../core/run'
import { readTensors } from '../files/safetensors'
import { openLibrary } from '../library/library'
import { differingBits, differingBitsOfNumbers, sumOfBitCounts, type BitCount } from './differingBits'
import { failed } from './failure'
import type { Trained } from './resumeCheck'

/** How two trainings of one config compare, everything but the clock. */
export interface ResumeComparison {
  readonly trace: BitCount
  readonly epochs: BitCount
  readonly weights: BitCount
  readonly total: BitCount
}

const compared = (Object.keys(noPoints()) as (keyof Points)[]).filter((column) => column !== 'seconds')

/** Every number of a run's epochs and test scores that is not a time. */
const numbersOf = ({ epochs, test }: Run): readonly (number | null)[] => [
  ...epochs.flatMap(({ epoch, moment, train, validation, learningRate, batchSize, distance }) => [
    epoch,
    moment.update,
    moment.epoch,
    moment.position,
    moment.examples,
    train.loss,
    train.accuracy,
    train.images,
    ...(validation === null ? [] : [validation.loss, validation.accuracy, validation.images]),
    learningRate,
    batchSize,
    distance,
  ]),
  ...[test.last, test.best].flatMap((one) => (one === null ? [] : [one.epoch, one.score.loss, one.score.accuracy])),
]

async function read({ library: folder, run }: Trained) {
  const library = await openLibrary(folder, { readOnly: true })
  const { tensors } = await readTensors(library.checkpointPath(run.id, 'final'))
  return { trace: await library.readTrace(run.id), tensors }
}

/**
 * Compares traces, epochs, test scores and final tensors (weights, running statistics and optimizer slots) bit by bit.
 */
export async function compareTrainings(one: Trained, other: Trained): Promise<ResumeComparison> {
  const [a, b] = [await read(one), await read(other)]
  const names = [...a.tensors.keys()].sort()
  if (names.join() !== [...b.tensors.keys()].sort().join()) throw failed('The two runs ended with different tensors')
  const trace = sumOfBitCounts(compared.map((column) => differingBitsOfNumbers(a.trace[column], b.trace[column])))
  const epochs = differingBitsOfNumbers(numbersOf(one.run), numbersOf(other.run))
  const weights = sumOfBitCounts(
    names.flatMap((name) => {
      const [left, right] = [a.tensors.get(name), b.tensors.get(name)]
      return left === undefined || right === undefined ? [] : [differingBits(left.data, right.data)]
    }),
  )
  return { trace, epochs, weights, total: sumOfBitCounts([trace, epochs, weights]) }
}
