/*
 * Whether a checkpoint can be one of a run: where it stands, and with which settings it was trained. Each answer is the
 * end of a sentence about the file; empty where nothing is wrong.
 */
import type { CheckpointMetadata } from '../checkpoint'
import type { RunConfig } from '../config/config'
import { withSourcePath } from '../config/place'
import type { DatasetInfo } from '../datasetInfo'
import type { Moment } from '../moment'
import type { RunId } from '../run'
import { isEqual } from '../sameRun'
import { examplesAt, imagesUsed, phaseOfEpoch } from './phases'
import { type Plan, planRun } from './plan'

/** What is known of how a checkpoint came about. */
interface Past {
  /** Whether all its updates follow the plan's images, so that update, epoch and position belong together. */
  readonly isOnPlan: boolean
  /** Whether they began with the run, so that every image counts; a fork brings the count of another batch size. */
  readonly isFromStart: boolean
}

/** That a checkpoint is another run's; those of older programs do not say whose they are. */
export const foreignFault = ({ run }: Pick<CheckpointMetadata, 'run'>, owner: RunId | undefined): string =>
  run === undefined || owner === undefined || run === owner ? '' : `is a checkpoint of run ${run}, not of run ${owner}`

/** That a checkpoint is not one of a run: another's, or trained with other settings. */
export const alienFault = (
  metadata: CheckpointMetadata,
  run: RunId | undefined,
  config: RunConfig,
  { fingerprint }: Pick<DatasetInfo, 'fingerprint'>,
): string => foreignFault(metadata, run) || settingsFault(metadata.config, config, metadata.data === fingerprint)

/**
 * What cannot be about where a checkpoint stands, for images as these. On other data than its own, or on changed ones,
 * little is known of that.
 */
export function placeFault(metadata: CheckpointMetadata, info: DatasetInfo, isFromStart: boolean): string {
  const isOnPlan = metadata.data === info.fingerprint && metadata.earlier?.length === 0
  return standingFault(metadata, metadata.config, planRun(metadata.config, info), {
    isOnPlan,
    isFromStart: isFromStart && isOnPlan,
  })
}

type Standing = Pick<CheckpointMetadata, 'moment' | 'sums' | 'stopping' | 'plateau' | 'ending' | 'rateBefore'>

/** What cannot be about where a checkpoint says that its training stands. */
function standingFault(standing: Standing, config: RunConfig, plan: Plan, past: Past): string {
  return (
    momentFault(standing, plan, past) ||
    sumsFault(standing, past) ||
    memoryFault(standing, config) ||
    endingFault(standing, config, plan, past)
  )
}

/** Whether a moment lies after the end of a run of so many epochs. */
export const isPastEnd = ({ epoch, position }: Moment, epochs: number): boolean =>
  epoch > epochs || (epoch === epochs && position > 0)

/**
 * Updates that are done at a moment, by the plan or, after its end, by its last phase; the place in the epoch may fall
 * between two.
 */
function plannedUpdate(
  { epoch, position }: Moment,
  { phases, clock }: Plan,
  used: number,
): { readonly inEpoch: number; readonly update: number } {
  const phase = phaseOfEpoch(phases, epoch)
  const inEpoch = position === used && position > 0 ? phase.updatesPerEpoch : position / phase.batchSize
  return { inEpoch, update: Math.round(clock.updateAt(epoch)) + inEpoch }
}

/** Older programs let a fork begin after its own end: it was only tested, and stands where its parent did. */
const isForkPastEnd = ({ moment }: Standing, plan: Plan, { isFromStart }: Past): boolean =>
  !isFromStart &&
  isPastEnd(moment, plan.epochs) &&
  moment.update === plannedUpdate(moment, plan, imagesUsed(phaseOfEpoch(plan.phases, moment.epoch))).update

function momentFault(standing: Standing, plan: Plan, past: Past): string {
  const {
    moment,
    moment: { update, epoch, position, examples },
  } = standing
  const { isOnPlan, isFromStart } = past
  if (isOnPlan && epoch > plan.epochs && !isForkPastEnd(standing, plan, past))
    return `stands at epoch ${epoch} of a run of ${plan.epochs}`
  if (examples < update) return `stands at update ${update} after only ${examples} images`
  if (!isOnPlan || isForkPastEnd(standing, plan, past)) return ''
  const phase = phaseOfEpoch(plan.phases, epoch)
  const used = epoch === plan.epochs ? 0 : imagesUsed(phase)
  const { inEpoch, update: expected } = plannedUpdate(moment, plan, used)
  if (update > plan.updates) return `stands at update ${update} of a run of ${plan.updates}`
  if (position > used || !Number.isInteger(inEpoch))
    return `stands at image ${position} of an epoch of ${used} in batches of ${phase.batchSize}`
  if (update !== expected)
    return `stands at update ${update} in epoch ${epoch} at image ${position}, where the plan has update ${expected}`
  const seen = examplesAt(plan.phases, update)
  return isFromStart && examples !== seen
    ? `stands at update ${update} after ${examples} images, where the plan has ${seen}`
    : ''
}

function sumsFault(
  { moment: { position }, sums: { loss, correct, images, seconds } }: Standing,
  { isFromStart, isOnPlan }: Past,
): string {
  const isWhole = isFromStart && isOnPlan ? images === position : images >= 0 && (!isOnPlan || images <= position)
  if (!isWhole) return `has sums over ${images} images at image ${position} of its epoch`
  return correct < 0 || correct > images || seconds < 0 || !Number.isFinite(loss) || (images === 0 && loss !== 0)
    ? `has impossible sums over its epoch: ${correct} of ${images} images right, a loss of ${loss}`
    : ''
}

/** Early stopping and the plateau remember earlier epochs only. */
function memoryFault(
  { moment: { epoch }, stopping, plateau, rateBefore }: Standing,
  { learningRate: { schedule } }: RunConfig,
): string {
  const { bestEpoch, waited } = stopping
  if (bestEpoch < 0 || waited < 0 || bestEpoch + waited > epoch)
    return `stands at epoch ${epoch} and waits ${waited} epochs since the best one, ${bestEpoch}`
  if (rateBefore !== undefined && rateBefore < 0) return `has a rate of ${rateBefore}`
  if (schedule.type !== 'plateau') return ''
  return plateau === undefined
    ? 'lacks the state of its schedule, which is reduced on a plateau'
    : plateauFault(plateau, epoch)
}

// A fork may be less patient than the run whose state it goes on with.
function plateauFault({ waited, cooling, factor, before }: NonNullable<Standing['plateau']>, epoch: number): string {
  const isPossible = waited >= 0 && waited <= epoch && cooling >= 0 && factor > 0 && factor <= before && before <= 1
  return isPossible
    ? ''
    : `has an impossible state of its schedule: ${factor} times the planned rate after ${before} times, ` +
        `${waited} epochs waited, ${cooling} to cool down`
}

function endingFault(standing: Standing, { earlyStopping }: RunConfig, plan: Plan, past: Past): string {
  const {
    moment: { epoch, position },
    ending,
  } = standing
  if (ending === undefined || (ending.reason === 'finished' && isForkPastEnd(standing, plan, past))) return ''
  const isPossible =
    position === 0 &&
    (ending.reason === 'finished' ? epoch === plan.epochs : ending.reason === 'earlyStopped' && earlyStopping.enabled)
  return isPossible ? '' : `says that training ended (${ending.reason}) in epoch ${epoch} of ${plan.epochs}`
}

/**
 * A setting that a checkpoint was trained with and its run does not have. The place of the data may change, and a run
 * that was extended since has more epochs and what an extension writes; the name and what is kept and measured decide
 * no number. Of changed data somebody else judges.
 */
function settingsFault(checkpoint: RunConfig, run: RunConfig, isSameData: boolean): string {
  if (checkpoint.epochs > run.epochs)
    return `was trained to be of ${checkpoint.epochs} epochs, the run has ${run.epochs}`
  const isExtended = checkpoint.epochs < run.epochs
  const [path = '', own, wanted] =
    firstDifference(deciding(checkpoint, isExtended, isSameData), deciding(run, isExtended, isSameData)) ?? []
  return path === '' ? '' : `was trained with ${path} ${shown(own)}, the run has ${shown(wanted)}`
}

function deciding(config: RunConfig, isExtended: boolean, isSameData: boolean): unknown {
  const { name: _, checkpoints: _kept, diagnostics: _measured, data, ...settings } = withSourcePath(config, '')
  const rest = isSameData ? { ...settings, data } : settings
  if (!isExtended) return rest
  const { batch, learningRate, regularisation } = rest
  return {
    ...rest,
    epochs: null,
    learningRate: { ...learningRate, schedule: null },
    batch: { ...batch, growth: batch.growth.type, workers: { ...batch.workers, switchAt: null } },
    regularisation: { ...regularisation, average: { ...regularisation.average, start: null } },
  }
}

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 100) ?? 'unset'

function firstDifference(own: unknown, wanted: unknown, path = ''): readonly [string, unknown, unknown] | null {
  if (isEqual(own, wanted)) return null
  if (typeof own !== 'object' || typeof wanted !== 'object' || own === null || wanted === null || Array.isArray(own))
    return [path, own, wanted]
  const [one, other] = [new Map(Object.entries(own)), new Map(Object.entries(wanted))]
  for (const key of new Set([...one.keys(), ...other.keys()])) {
    const found = firstDifference(one.get(key), other.get(key), path === '' ? key : `${path}.${key}`)
    if (found !== null) return found
  }
  return null
}
