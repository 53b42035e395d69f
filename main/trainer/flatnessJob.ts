import { changedData, guessedInput } from '../../core/evaluation'
import {
  differenceLength,
  hessianVector,
  powerIteration,
  spectrumEnds,
  stabilityThreshold,
  type Eigen,
  type Multiply,
  type PowerOptions,
} from '../../core/flatness/curvature'
import { dot } from '../../core/flatness/landscape'
import { interpolated } from '../../core/flatness/line'
import type { Curvature, Flatness, FlatnessReport, FlatnessSettings, LinePoint } from '../../core/flatness/report'
import { sharpness } from '../../core/flatness/sharpness'
import type { HostMessage, Job } from '../../core/job'
import { networkFor } from '../../core/network'
import { planRun } from '../../core/plan/plan'
import { permutation, randomFor } from '../../core/random'
import { batchFiller } from '../data/batches'
import type { LabelledImages } from '../data/rawImages'
import { averagesToEvaluate } from './learner/average'
import { inClassOrder } from './classOrder'
import { openEngine, type Engine } from './engine'
import { catchExhaustion } from './exhaustion'
import type { EvaluationBatch } from './learner/evaluate'
import { networkLandscape, type NetworkLandscape, type Scene } from './flatness'
import { opsFor } from './ops/opsFor'
import { loader, type LoadDataset } from './datasetLoader'
import { openMeasured, ownLabels, part, type MeasuredCheckpoint } from './measuredCheckpoint'
import { progressOf } from './progress'
import { trainedOn } from './seenImages'
import { reestimated } from './learner/reestimate'

type FlatnessJob = Extract<Job, { type: 'flatness' }>
type Say = (message: HostMessage) => void

// ‖Hv − λv‖ over |λ|: λ itself is then right to about a thousandth.
const residual = 0.03
const lengthMatters = 0.03
// 3⁻⁵: shorter differences drown in single precision.
const mostShortenings = 5

/** One checkpoint with what it takes to compute its loss anywhere. */
interface Place {
  readonly checkpoint: MeasuredCheckpoint
  readonly train: LabelledImages
  readonly test: LabelledImages
  readonly scene: Scene
}

/**
 * Measures the flatness of checkpoints of one network on the same training images, and with two of them the line in
 * between. Each network is fed as it was trained.
 */
export async function measureFlatness(job: FlatnessJob, post: Say): Promise<FlatnessReport> {
  const { settings } = job
  const load = loader(job.folders, progressOf(post))
  const opened: MeasuredCheckpoint[] = []
  for (const file of job.checkpoints)
    opened.push(await openMeasured(file, job.data ?? opened[0]?.config.data ?? null, load))
  const [first] = opened
  if (first === undefined) throw new Error('Flatness needs at least one checkpoint')
  const engine = await openEngine(first.config.engine.backend, { threads: first.config.engine.threads ?? undefined })
  return await catchExhaustion({ config: first.config, info: first.info, engine }, 'measurement', () =>
    measuredWith(engine, opened, settings, load, post),
  )
}

async function measuredWith(
  engine: Engine,
  opened: readonly MeasuredCheckpoint[],
  settings: FlatnessSettings,
  load: LoadDataset,
  post: Say,
): Promise<FlatnessReport> {
  const places = opened.map((checkpoint): Place => {
    const { config, dataset, info, state } = checkpoint
    const [train, test] = [chosenOf(dataset.train, settings.images), chosenOf(dataset.test, settings.images)]
    const layers = networkFor(config.network, config.networkOptions, info.shape, info.classes.length)
    const chosen = averagesToEvaluate(config.regularisation.average, state) ?? state
    return {
      checkpoint,
      train,
      test,
      scene: { ops: opsFor(engine), layers, shape: info.shape, state: chosen, batches: batchesOf(checkpoint, train) },
    }
  })
  const warnings = await flatnessWarnings(places, load)
  const checkpoints = places.map((place, i) => {
    post({
      type: 'progress',
      message: `Measuring checkpoint ${i + 1} of ${places.length}`,
      fraction: i / places.length,
    })
    return flatnessAt(place, settings)
  })
  const [one, other] = places
  const line = one && other ? lineBetween(one, other, settings.places, post) : []
  return {
    images: places[0]?.train.labels.length ?? 0,
    testImages: places[0]?.test.labels.length ?? 0,
    checkpoints,
    line,
    warnings,
  }
}

function flatnessAt(
  {
    checkpoint: {
      config,
      info,
      input,
      metadata: { moment },
    },
    scene,
  }: Place,
  { epsilons, ascentSteps, powerSteps }: FlatnessSettings,
): Flatness {
  return withLandscape(scene, (landscape) => {
    const { weights } = landscape
    const { loss, correct } = landscape.score(weights)
    const start = Float64Array.from(weights, randomFor(0, 'probe', 1).normal)
    const options = { iterations: powerSteps, tolerance: residual }
    const { first, multiply, length, otherLengths } = steepest(landscape, start, options)
    const { largest, smallest } = spectrumEnds(first, multiply, start, options)
    const plan = planRun(config, info)
    const update = Math.max(0, Math.min(plan.updates, moment.update) - 1)
    const learningRate = plan.learningRate(update)
    const { optimizer } = config
    return {
      moment,
      input,
      loss,
      accuracy: correct / countOf(scene.batches),
      parameters: weights.length,
      sharpness: epsilons.map((epsilon) => {
        const { percent, iterations } = sharpness(landscape, weights, {
          epsilon,
          iterations: ascentSteps,
          restarts: 1,
          random: randomFor(0, 'probe', 2),
        })
        return { epsilon, percent, iterations }
      }),
      largest: curvatureOf(largest),
      smallest: curvatureOf(smallest),
      differenceLength: length,
      otherLengths,
      learningRate,
      threshold:
        optimizer.type === 'sgd' && learningRate > 0
          ? stabilityThreshold({ learningRate, momentum: plan.momentum(update), nesterov: optimizer.nesterov })
          : null,
    }
  })
}

/**
 * The eigenvalue of largest size, by differences as short as they must be: too long ones reach over kinks and out of
 * the minimum, which shows in a third of the length measuring something else.
 */
function steepest(
  landscape: NetworkLandscape,
  start: Float64Array,
  options: PowerOptions,
): {
  readonly first: Eigen
  readonly multiply: Multiply
  readonly length: number
  readonly otherLengths: readonly [number, number]
} {
  const { weights } = landscape
  const multiplyAt =
    (length: number): Multiply =>
    (vector) =>
      hessianVector(landscape, weights, vector, length)
  let length = differenceLength(weights)
  let first = powerIteration(multiplyAt(length), start, options)
  const along = (other: number): number => dot(first.vector, multiplyAt(other)(first.vector))
  let shorter = along(length / 3)
  for (
    let tries = 0;
    tries < mostShortenings && Math.abs(shorter - first.value) > lengthMatters * Math.abs(first.value);
    tries++
  ) {
    length /= 3
    first = powerIteration(multiplyAt(length), first.vector, options)
    shorter = along(length / 3)
  }
  return { first, multiply: multiplyAt(length), length, otherLengths: [shorter, along(3 * length)] }
}

const curvatureOf = ({ value, estimates, converged }: Eigen): Curvature => ({ value, estimates, converged })

/**
 * Running statistics belong to neither of two networks between them, so they are estimated anew at each place. Where
 * the two normalise differently, mean and deviation go from those of the first to those of the second in a straight
 * line too, so that both ends are what they are alone.
 */
function lineBetween(one: Place, other: Place, places: readonly number[], post: Say): readonly LinePoint[] {
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
      const fixed = sameInput(from, to) ? { train: one.scene.batches, test: batchesOf(from, one.test) } : null
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
          fixed?.train ?? batchesOf(fed, one.train),
          fixed?.test ?? batchesOf(fed, one.test),
        ]
        const mixed = first.stateAt(weights)
        const reestimatedState = new Map([...mixed, ...reestimated(ops, layers, shape, mixed, batches, 'images')])
        const train = scoreOf({ ...one.scene, state: reestimatedState, batches })
        const test =
          testBatches.length > 0 ? scoreOf({ ...one.scene, state: reestimatedState, batches: testBatches }) : null
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

const sameInput = (a: MeasuredCheckpoint, b: MeasuredCheckpoint): boolean =>
  JSON.stringify([a.input.mean, a.input.std]) === JSON.stringify([b.input.mean, b.input.std])

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

const scoreOf = (scene: Scene): { readonly loss: number; readonly accuracy: number } =>
  withLandscape(scene, (landscape) => {
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
function chosenOf(split: LabelledImages, atMost: number): LabelledImages {
  const chosen = permutation(randomFor(0, 'probe', 0), split.labels.length).subarray(0, atMost)
  return part(split, [...chosen])
}

function batchesOf(
  { config, info, places }: Pick<MeasuredCheckpoint, 'config' | 'info' | 'places'>,
  split: LabelledImages,
): readonly EvaluationBatch[] {
  const fill = batchFiller(config.data, info)
  const { evaluationBatch } = config.engine
  const { labels } = split
  const own = { ...split, labels: ownLabels(labels, places) }
  const size = info.shape[0] * info.shape[1] * info.shape[2]
  return Array.from({ length: Math.ceil(labels.length / evaluationBatch) }, (_, k) => {
    const indices = Uint32Array.from(
      { length: Math.min(evaluationBatch, labels.length - k * evaluationBatch) },
      (_image, i) => k * evaluationBatch + i,
    )
    const batch = {
      images: new Float32Array(indices.length * size),
      labels: new Int32Array(indices.length),
      count: indices.length,
    }
    fill(own, indices, null, 0, batch)
    return batch
  })
}

/**
 * What the numbers of some places do not say themselves: data that changed, and images that are not what they are for
 * every checkpoint.
 */
async function flatnessWarnings(places: readonly Place[], load: LoadDataset): Promise<readonly string[]> {
  const found: string[] = []
  for (const {
    checkpoint: { name, about, input, config, dataset, trained },
    train,
    test,
  } of places) {
    found.push(changedData(name, about), guessedInput(name, input))
    if (about.relation !== 'own') {
      const seen = await trainedOn({ data: config.data, dataset, split: train }, trained, load)
      if (!seen.isKnown)
        found.push(
          `Whether ${name} was trained on the training images that it is measured on cannot be known: ${seen.reason}`,
        )
      else if (seen.images.length < train.labels.length)
        found.push(
          `${name} was trained on only ${seen.images.length} of the ${train.labels.length} training images ` +
            'that it is measured on',
        )
    }
    const seenTest =
      places.length > 1 ? await trainedOn({ data: config.data, dataset, split: test }, trained, load) : null
    if (seenTest?.isKnown === true && seenTest.images.length > 0)
      found.push(
        `${name} was trained on ${seenTest.images.length} of the ${test.labels.length} test images of the line`,
      )
  }
  const [one, other] = places
  if (one && other && !sameInput(one.checkpoint, other.checkpoint))
    found.push(
      'The two normalise their images differently: along the line mean and deviation go from those of the ' +
        'first to those of the second',
    )
  return [...new Set(found)].filter((sentence) => sentence !== '')
}
