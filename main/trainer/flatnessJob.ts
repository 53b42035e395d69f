import type { RunConfig } from '../../core/config/config'
import type { DatasetFacts } from '../../core/facts'
import { differenceLength, hessianVector, powerIteration, spectrumEnds, stabilityThreshold, type Eigen, type Multiply, type PowerOptions } from '../../core/flatness/curvature'
import { dot } from '../../core/flatness/landscape'
import { interpolated } from '../../core/flatness/line'
import type { Curvature, Flatness, FlatnessReport, FlatnessSettings, LinePoint } from '../../core/flatness/report'
import { sharpness } from '../../core/flatness/sharpness'
import type { HostMessage, Job } from '../../core/job'
import type { Moment } from '../../core/moment'
import { networkFor } from '../../core/network'
import { planRun } from '../../core/plan/plan'
import { permutation, randomFor } from '../../core/random'
import { batchFiller } from '../data/batches'
import { loadDataset } from '../data/dataset'
import type { LabelledImages } from '../data/rawImages'
import { averagesToEvaluate } from './learner/average'
import { loadCheckpoint } from './checkpoint'
import { openEngine } from './engine'
import type { EvaluationBatch } from './learner/evaluate'
import { networkLandscape, type NetworkLandscape, type Scene } from './flatness'
import { opsFor } from './ops/ops'
import { progressOf } from './progress'
import { reestimated } from './learner/reestimate'

type FlatnessJob = Extract<Job, { type: 'flatness' }>
type Say = (message: HostMessage) => void

const batchImages = 256
// ‖Hv − λv‖ over |λ|: λ itself is then right to about a thousandth.
const residual = 0.03
const lengthMatters = 0.03
// 3⁻⁵: shorter differences drown in single precision.
const mostShortenings = 5

/** One checkpoint with what it takes to compute its loss anywhere. */
interface Place {
  readonly path: string
  readonly config: RunConfig
  readonly moment: Moment
  readonly scene: Scene
}

/** Measures the flatness of checkpoints of one network on the same training images, and with two of them the line in between. */
export async function measureFlatness(job: FlatnessJob, say: Say): Promise<FlatnessReport> {
  const { settings } = job
  const loaded = await Promise.all(job.checkpoints.map(async ({ path }) => ({ path, ...await loadCheckpoint(path) })))
  const [first] = loaded
  if (first === undefined) throw new Error('Flatness needs at least one checkpoint')
  const data = job.data ?? first.metadata.config.data
  const { facts, train, test } = await loadDataset(data, { cacheFolder: job.folders.cache, resources: job.folders.resources, onProgress: progressOf(say) })
  const engine = await openEngine(job.engine.backend, { threads: job.engine.threads ?? undefined })
  const trainBatches = batchesOf(data, facts, train, settings.images)
  const testBatches = batchesOf(data, facts, test, settings.images)
  const places = loaded.map(({ path, state, metadata: { config, moment, shape, classes } }): Place => {
    if (shape.join() !== facts.shape.join() || classes.length !== facts.classes.length) {
      throw new Error(`${path} was trained on ${classes.length} classes of ${shape.join('×')} images, ${facts.name} has ${facts.classes.length} of ${facts.shape.join('×')}`)
    }
    const layers = networkFor(config.network, config.networkOptions, facts.shape, facts.classes.length)
    const chosen = averagesToEvaluate(config.regularisation.average, state) ?? state
    return { path, config, moment, scene: { ops: opsFor(engine), layers, shape: facts.shape, state: chosen, batches: trainBatches } }
  })
  const checkpoints = places.map((place, i) => {
    say({ type: 'progress', message: `Measuring checkpoint ${i + 1} of ${places.length}`, fraction: i / places.length })
    return flatnessAt(place, facts, settings)
  })
  const [one, other] = places
  const line = one && other ? lineBetween(one, other, testBatches, settings.places, say) : []
  return { images: countOf(trainBatches), testImages: countOf(testBatches), checkpoints, line }
}

function flatnessAt({ config, moment, scene }: Place, facts: DatasetFacts, { epsilons, ascentSteps, powerSteps }: FlatnessSettings): Flatness {
  return withLandscape(scene, (landscape) => {
    const { weights } = landscape
    const { loss, correct } = landscape.score(weights)
    const start = Float64Array.from(weights, randomFor(0, 'probe', 1).normal)
    const options = { iterations: powerSteps, tolerance: residual }
    const { first, multiply, length, otherLengths } = steepest(landscape, start, options)
    const { largest, smallest } = spectrumEnds(first, multiply, start, options)
    const plan = planRun(config, facts)
    const update = Math.max(0, Math.min(plan.updates, moment.update) - 1)
    const learningRate = plan.learningRate(update)
    const { optimizer } = config
    return {
      moment, loss, accuracy: correct / countOf(scene.batches), parameters: weights.length,
      sharpness: epsilons.map((epsilon) => {
        const { percent, iterations } = sharpness(landscape, weights, { epsilon, iterations: ascentSteps, restarts: 1, random: randomFor(0, 'probe', 2) })
        return { epsilon, percent, iterations }
      }),
      largest: curvatureOf(largest), smallest: curvatureOf(smallest), differenceLength: length, otherLengths, learningRate,
      threshold: optimizer.type === 'sgd' && learningRate > 0 ? stabilityThreshold({ learningRate, momentum: plan.momentum(update), nesterov: optimizer.nesterov }) : null,
    }
  })
}

/**
 * The eigenvalue of largest size, by differences as short as they must be: too long ones reach over kinks and out of the minimum, which shows in a third of
 * the length measuring something else.
 */
function steepest(landscape: NetworkLandscape, start: Float64Array, options: PowerOptions): { readonly first: Eigen; readonly multiply: Multiply; readonly length: number; readonly otherLengths: readonly [number, number] } {
  const { weights } = landscape
  const multiplyAt = (length: number): Multiply => (vector) => hessianVector(landscape, weights, vector, length)
  let length = differenceLength(weights)
  let first = powerIteration(multiplyAt(length), start, options)
  const along = (other: number): number => dot(first.vector, multiplyAt(other)(first.vector))
  let shorter = along(length / 3)
  for (let tries = 0; tries < mostShortenings && Math.abs(shorter - first.value) > lengthMatters * Math.abs(first.value); tries++) {
    length /= 3
    first = powerIteration(multiplyAt(length), first.vector, options)
    shorter = along(length / 3)
  }
  return { first, multiply: multiplyAt(length), length, otherLengths: [shorter, along(3 * length)] }
}

const curvatureOf = ({ value, estimates, converged }: Eigen): Curvature => ({ value, estimates, converged })

/** Running statistics belong to neither of two networks between them, so they are estimated anew at each place. */
function lineBetween(one: Place, other: Place, testBatches: readonly EvaluationBatch[], places: readonly number[], say: Say): readonly LinePoint[] {
  return withLandscape(one.scene, (first) => withLandscape(other.scene, (second) => {
    const shapes = ({ slices }: NetworkLandscape): string => slices.map(({ shape }) => shape.join('×')).join()
    if (shapes(first) !== shapes(second)) throw new Error(`${one.path} and ${other.path} are of different networks: there is no line between them`)
    return places.map((place, i) => {
      say({ type: 'progress', message: `Point ${i + 1} of ${places.length} between the two`, fraction: i / places.length })
      const weights = interpolated(first.weights, second.weights, place)
      const { ops, layers, shape, batches } = one.scene
      const mixed = first.stateAt(weights)
      const state = new Map([...mixed, ...reestimated(ops, layers, shape, mixed, batches, 'images')])
      const train = scoreOf({ ...one.scene, state })
      const test = testBatches.length > 0 ? scoreOf({ ...one.scene, state, batches: testBatches }) : null
      return { place, trainLoss: train.loss, trainAccuracy: train.accuracy, testLoss: test?.loss ?? null, testAccuracy: test?.accuracy ?? null }
    })
  }))
}

const scoreOf = (scene: Scene): { readonly loss: number; readonly accuracy: number } => withLandscape(scene, (landscape) => {
  const { loss, correct } = landscape.score(landscape.weights)
  return { loss, accuracy: correct / countOf(scene.batches) }
})

function withLandscape<T>(scene: Scene, use: (landscape: NetworkLandscape) => T): T {
  const landscape = networkLandscape(scene)
  try {
    return use(landscape)
  } finally {
    landscape.dispose()
  }
}

const countOf = (batches: readonly EvaluationBatch[]): number => batches.reduce((sum, { count }) => sum + count, 0)

/** The same random images of a split whenever it is the same split: those of a folder may lie in it class by class. */
function batchesOf(data: RunConfig['data'], facts: DatasetFacts, split: LabelledImages, atMost: number): readonly EvaluationBatch[] {
  const chosen = permutation(randomFor(0, 'probe', 0), split.labels.length).subarray(0, atMost)
  const fill = batchFiller(data, facts)
  const size = facts.shape[0] * facts.shape[1] * facts.shape[2]
  return Array.from({ length: Math.ceil(chosen.length / batchImages) }, (_, k) => {
    const indices = chosen.subarray(k * batchImages, (k + 1) * batchImages)
    const batch = { images: new Float32Array(indices.length * size), labels: new Int32Array(indices.length), count: indices.length }
    fill(split, indices, null, 0, batch)
    return batch
  })
}
