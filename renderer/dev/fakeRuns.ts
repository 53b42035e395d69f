import type { RunConfigInput } from '../../core/config/config'
import { parseConfig } from '../../core/config/parse'
import type { Epoch, Points } from '../../core/events'
import { noPoints } from '../../core/events'
import type { DatasetInfo } from '../../core/datasetInfo'
import type { Moment } from '../../core/moment'
import { planRun } from '../../core/plan/plan'
import { randomFor } from '../../core/random'
import type { Run, RunStatus, TracedRun } from '../../core/run'
import { newRun } from '../../core/run'

export const digitInfo: DatasetInfo = {
  name: 'digits',
  classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  shape: [8, 8, 1],
  counts: { train: 1150, validation: 287, test: 360 },
  mean: [0.305],
  std: [0.376],
  fingerprint: 'f'.repeat(64),
}
export const fakeCifarInfo: DatasetInfo = {
  name: 'cifar10',
  classes: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  shape: [32, 32, 3],
  counts: { train: 40_000, validation: 10_000, test: 10_000 },
  mean: [0.491, 0.482, 0.447],
  std: [0.247, 0.243, 0.262],
  fingerprint: 'e'.repeat(64),
}

export const infoFor = (run: Run): DatasetInfo => (run.config.data.source.type === 'digits' ? digitInfo : fakeCifarInfo)

/** What a made-up run looks like. */
export interface Recipe {
  readonly config: RunConfigInput
  readonly status: RunStatus
  /** Share of the planned updates that is done. */
  readonly done: number
  readonly finalAccuracy: number
  readonly secondsPerEpoch: number
  readonly message?: string
  readonly tags?: readonly string[]
  readonly starred?: boolean
  readonly hoursAgo: number
}

/** The training loss and accuracy that a made-up run has after a share of its updates. */
function curveAt(
  recipe: Recipe,
  fraction: number,
  noise: number,
): { readonly loss: number; readonly accuracy: number } {
  const learned = 1 - Math.exp(-5 * fraction)
  const accuracy = 0.1 + (recipe.finalAccuracy - 0.1) * learned
  const loss = 2.3 * Math.exp(-3.5 * fraction) + 0.15 * (1 - recipe.finalAccuracy) * 4
  return {
    loss: Math.max(0.002, loss * (1 + 0.18 * noise)),
    accuracy: Math.min(1, Math.max(0, accuracy + 0.03 * noise)),
  }
}

function makeConfig(input: RunConfigInput): Run['config'] {
  const parsed = parseConfig(input)
  if (!parsed.ok) throw new Error(parsed.issues.map(({ path, message }) => `${path} ${message}`).join('; '))
  return parsed.value
}

/** A made-up run with its trace. */
export function makeRun(recipe: Recipe, index: number): TracedRun {
  const config = makeConfig(recipe.config)
  const createdAt = new Date(Date.now() - recipe.hoursAgo * 3_600_000).toISOString()
  const id = `run${String(index).padStart(9, '0')}`
  const run: Run = {
    ...newRun(id, createdAt, config, { type: 'new' }),
    tags: [...(recipe.tags ?? [])],
    starred: recipe.starred ?? false,
  }
  if (recipe.status === 'queued') return { run, trace: noPoints() }
  const info = infoFor(run)
  const plan = planRun(config, info)
  const random = randomFor(index, 'noise', 0, 0)
  const trace = noPoints()
  const epochs: Epoch[] = []
  const secondsPerUpdate = recipe.secondsPerEpoch / plan.updatesPerEpoch
  const last = Math.round(plan.updates * recipe.done)
  let moment: Moment = run.moment
  for (let update = 0; update < last; update++) {
    moment = addFakePoint(trace, recipe, plan.updates, moment, {
      noise: random.normal(),
      learningRate: plan.learningRate(update),
      momentum: plan.momentum(update),
      batchSize: plan.batchSize(update),
      seconds: secondsPerUpdate,
    })
    if ((update + 1) % plan.updatesPerEpoch === 0) {
      moment = { ...moment, epoch: moment.epoch + 1, position: 0 }
      epochs.push(
        makeEpoch(recipe, config.epochs, moment, info, random.normal(), plan.learningRate(update), config.batchSize),
      )
    }
  }
  const diverged = recipe.status === 'diverged'
  if (diverged) trace.loss[trace.loss.length - 1] = null
  const test =
    recipe.status === 'finished' && epochs.length > 0
      ? {
          last: {
            epoch: epochs.length,
            score: { loss: 0.4, accuracy: recipe.finalAccuracy - 0.006, images: info.counts.test },
          },
          best: {
            epoch: Math.max(1, epochs.length - 2),
            score: { loss: 0.38, accuracy: recipe.finalAccuracy - 0.004, images: info.counts.test },
          },
        }
      : { last: null, best: null }
  const best = epochs.at(-3) ?? epochs.at(-1)
  return {
    trace,
    run: {
      ...run,
      status: recipe.status,
      message: recipe.message ?? '',
      startedAt: createdAt,
      endedAt: recipe.done < 1 ? null : createdAt,
      moment,
      updates: plan.updates,
      parameters: plan.network.parameters,
      facts: info,
      epochs,
      test,
      engine: {
        name: 'tensorflow',
        device: 'CPU, 2 threads',
        versions: { tensorflow: '2.21.0', 'tfjs-node-gpu': '4.22.0' },
        captured: true,
        note: '',
      },
      checkpoints: [
        ...(best === undefined
          ? []
          : [
              {
                name: `best-${String(best.epoch).padStart(4, '0')}.safetensors`,
                kinds: ['best' as const],
                moment: best.moment,
                bytes: 2_400_000,
                validation: best.validation,
              },
            ]),
        {
          name: 'last.safetensors',
          kinds: diverged ? ['last' as const] : ['last' as const, 'final' as const],
          moment,
          bytes: 2_400_000,
          validation: epochs.at(-1)?.validation ?? null,
        },
      ],
      log: [
        { at: createdAt, update: 0, message: 'Started on TensorFlow 2.21, CPU, 2 threads; the step is captured' },
        ...(recipe.message === undefined ? [] : [{ at: createdAt, update: moment.update, message: recipe.message }]),
      ],
    },
  }
}

interface Step {
  readonly noise: number
  readonly learningRate: number
  readonly momentum: number
  readonly batchSize: number
  readonly seconds: number
}

/** Appends one update to a made-up trace; the moment after it. */
export function addFakePoint(trace: Points, recipe: Recipe, updates: number, moment: Moment, step: Step): Moment {
  const { loss, accuracy } = curveAt(recipe, moment.update / updates, step.noise)
  const seconds = moment.seconds + step.seconds * (1 + 0.05 * step.noise * (moment.update % 3))
  trace.update.push(moment.update + 1)
  trace.loss.push(loss)
  trace.accuracy.push(accuracy)
  trace.learningRate.push(step.learningRate)
  trace.batchSize.push(step.batchSize)
  trace.gradientNorm.push(0.4 + loss * 1.6 * (1 + 0.3 * Math.abs(step.noise)))
  trace.seconds.push(seconds)
  trace.momentum.push(step.momentum)
  return {
    ...moment,
    update: moment.update + 1,
    position: moment.position + step.batchSize,
    examples: moment.examples + step.batchSize,
    seconds,
  }
}

export function makeEpoch(
  recipe: Recipe,
  epochs: number,
  moment: Moment,
  info: DatasetInfo,
  noise: number,
  learningRate: number,
  batchSize: number,
): Epoch {
  const { loss, accuracy } = curveAt(recipe, moment.epoch / epochs, noise * 0.2)
  return {
    epoch: moment.epoch,
    moment,
    learningRate,
    batchSize,
    seconds: recipe.secondsPerEpoch * (1 + 0.02 * noise),
    distance: Math.sqrt(moment.update) * 0.4,
    train: { loss, accuracy, images: info.counts.train },
    validation: {
      loss: loss * 1.06 + 0.02 + Math.max(0, moment.epoch / epochs - 0.6) * 0.2,
      accuracy: Math.max(0, Math.min(1, accuracy - 0.012 + noise * 0.004)),
      images: info.counts.validation,
    },
  }
}
