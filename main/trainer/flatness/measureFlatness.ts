import {
  differenceLength,
  hessianVector,
  powerIteration,
  spectrumEnds,
  stabilityThreshold,
  type Eigen,
  type Multiply,
  type PowerOptions,
} from '../../../core/flatness/curvature'
import { dot } from '../../../core/flatness/landscape'
import type { Curvature, Flatness, FlatnessReport, FlatnessSettings } from '../../../core/flatness/report'
import { sharpness } from '../../../core/flatness/sharpness'
import type { HostMessage, Job } from '../../../core/job'
import { networkFor } from '../../../core/network'
import { planRun } from '../../../core/plan/plan'
import { randomFor } from '../../../core/random'
import { averagesToEvaluate } from '../learner/average'
import { openEngine, type Engine } from '../engine'
import { catchExhaustion } from '../exhaustion'
import { type NetworkLandscape } from './networkLandscape'
import { opsFor } from '../ops/opsFor'
import { loader, type LoadDataset } from '../datasetLoader'
import { openMeasured, type MeasuredCheckpoint } from '../measuredCheckpoint'
import { progressOf } from '../progress'
import { type MeasuredNetwork, withLandscape, imageCount, chosenImages, evaluationBatches } from './measuredNetwork'
import { lineBetween } from './line'
import { flatnessWarnings } from './warnings'

type FlatnessJob = Extract<Job, { type: 'flatness' }>
type Post = (message: HostMessage) => void

// ‖Hv − λv‖ over |λ|: λ itself is then right to about a thousandth.
const residual = 0.03
const lengthMatters = 0.03
// 3⁻⁵: shorter differences drown in single precision.
const mostShortenings = 5

/**
 * Measures the flatness of checkpoints of one network on the same training images, and with two of them the line in
 * between. Each network is fed as it was trained.
 */
export async function measureFlatness(job: FlatnessJob, post: Post): Promise<FlatnessReport> {
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
  post: Post,
): Promise<FlatnessReport> {
  const places = opened.map((checkpoint): MeasuredNetwork => {
    const { config, dataset, info, state } = checkpoint
    const [train, test] = [chosenImages(dataset.train, settings.images), chosenImages(dataset.test, settings.images)]
    const layers = networkFor(config.network, config.networkOptions, info.shape, info.classes.length)
    const chosen = averagesToEvaluate(config.regularisation.average, state) ?? state
    return {
      checkpoint,
      train,
      test,
      scene: {
        ops: opsFor(engine),
        layers,
        shape: info.shape,
        state: chosen,
        batches: evaluationBatches(checkpoint, train),
      },
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
  }: MeasuredNetwork,
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
      accuracy: correct / imageCount(scene.batches),
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
