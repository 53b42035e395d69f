import { type CheckpointMetadata, noSums } from '../../core/checkpoint'
import type { RunConfig } from '../../core/config/config'
import { pathOf } from '../../core/config/place'
import type { DatasetInfo } from '../../core/datasetInfo'
import type { Beginning } from '../../core/job'
import { start } from '../../core/moment'
import { phaseOfEpoch, timelineOf } from '../../core/plan/phases'
import { type Plan, planRun } from '../../core/plan/plan'
import { noPlateau } from '../../core/schedules/plateau'
import { notYet } from '../../core/stopping'
import { originalOf, slotPrefix } from '../../core/checkpoint'
import { changedImages, DataError, sourcePath } from '../data/dataError'
import { classesIn } from '../files/checkpointHeader'
import { readHeader } from '../files/safetensors'
import { readWeights } from '../files/weightsFile'
import { loadCheckpoint } from './checkpoint'
import { forData } from './classOrder'
import { refuseForeign, refuseImpossible, type Owner } from './ownCheckpoint'
import { loadFirst } from './readableCheckpoint'
import type { HostTensor, Learner, LearnerState } from './learner/learner'
import { withoutSlots } from './state'
import type { TrainingProgress } from './session'

const atStart: TrainingProgress = {
  moment: start,
  sums: noSums,
  stopping: notYet,
  plateau: noPlateau,
  validation: null,
}

/** Where a training begins: with which progress, from which file, and what the log should say of it. */
export interface Restored {
  readonly progress: TrainingProgress
  readonly from: string | null
  readonly notes: readonly string[]
  /** What the checkpoint says that a resumed run goes on from. */
  readonly resumed?: CheckpointMetadata
}

/**
 * Puts a learner where a training begins and says at which moment that is. Throws a sentence when the file does not
 * fit.
 */
export async function restore(beginning: Beginning, learner: Learner, plan: Plan, owner: Owner): Promise<Restored> {
  const { config, info } = owner
  switch (beginning.type) {
    case 'new':
      return { progress: atStart, from: null, notes: [] }
    case 'weights': {
      const known = learner.read()
      const { tensors, notes } = await readWeights(
        beginning.path,
        [...known].flatMap(([name, { shape }]) => (name.startsWith(slotPrefix) ? [] : [{ name, shape }])),
      )
      const { metadata } = await readHeader(beginning.path)
      learner.write(withCopies(forData(beginning.path, tensors, classesIn(metadata), config, info), known))
      return { progress: atStart, from: beginning.path, notes }
    }
    case 'resume': {
      const { state, metadata, path, unreadable } = await loadFirst(
        [beginning.path, ...(beginning.others ?? [])],
        (one, loaded) => refuseForeign(one, loaded, owner),
      )
      if (metadata.data !== info.fingerprint && !beginning.acceptChangedData) {
        throw new DataError(
          sourcePath,
          changedImages(pathOf(config.data.source) ?? info.name, metadata.data, info.fingerprint),
        )
      }
      learner.write(forData(path, state, metadata.classes, config, info))
      const { moment, sums } = metadata
      // A run that was extended since has more than its test to do.
      const ending = metadata.config.epochs === config.epochs ? metadata.ending : undefined
      return {
        progress: {
          moment,
          sums,
          ...judgedBefore(metadata, config, info),
          ...rateBefore(metadata, config, plan, info),
          ending,
        },
        from: path,
        resumed: metadata,
        notes: unreadable.map((sentence) => `${sentence}. Training goes on from update ${moment.update} instead.`),
      }
    }
    case 'fork': {
      const { state: stored, metadata } = await loadCheckpoint(beginning.path)
      if (metadata.data === info.fingerprint) refuseImpossible(beginning.path, metadata, info, false)
      const state = forData(beginning.path, stored, metadata.classes, config, info)
      const known = learner.read()
      learner.write(withCopies(fitting(withoutSlots(state), known, beginning.path), known))
      learner.write(slotsThatFit(state, known))
      const { moment, sums } = metadata
      const judged = judgedBefore(metadata, config, info)
      const began = { from: beginning.path, notes: [] }
      // A fork is a run of its own: its patience does not begin half used up.
      const carried = { ...judged, stopping: { ...judged.stopping, waited: 0 } }
      const sameBatches = samePhases(metadata.config, config, info) && metadata.data === info.fingerprint
      if (sameBatches)
        return { ...began, progress: { moment, sums, ...carried, ...rateBefore(metadata, config, plan, info) } }
      return { ...began, progress: { ...atStart, moment: movedMoment(moment, plan), ...carried } }
    }
  }
}

/**
 * What a checkpoint's validation means for a run that goes on from it: everything that can be compared with what the
 * run will measure, which is the same metric of the same kind of weights on the same data. A run that was extended
 * since then waits anew; the best so far stays known.
 */
function judgedBefore(
  metadata: CheckpointMetadata,
  config: RunConfig,
  info: DatasetInfo,
): Pick<TrainingProgress, 'stopping' | 'plateau' | 'validation'> {
  const isSame = metadata.data === info.fingerprint && judgedWeights(metadata.config) === judgedWeights(config)
  const { stopping } = metadata
  const isExtended = config.epochs > metadata.config.epochs
  return {
    stopping:
      !isSame || metadata.config.earlyStopping.monitor !== config.earlyStopping.monitor
        ? notYet
        : isExtended
          ? { ...stopping, waited: 0 }
          : stopping,
    plateau: plateauBefore(metadata, config, info, isSame),
    validation: isSame ? metadata.validation : null,
  }
}

/** Which weights validation measures: those of an average are others than those of the last update. */
const judgedWeights = ({ regularisation: { average } }: RunConfig): string =>
  average.type === 'none' || average.evaluated === 'last' ? 'last' : average.type

// Values of different metrics cannot be compared, so a fork that watches another one begins at its planned rate. On
// other data the rate stays as low as it had become.
function plateauBefore(
  { config: before, data, plateau = noPlateau }: CheckpointMetadata,
  config: RunConfig,
  info: DatasetInfo,
  isSame: boolean,
): TrainingProgress['plateau'] {
  const [a, b] = [before.learningRate.schedule, config.learningRate.schedule]
  if (a.type !== 'plateau' || b.type !== 'plateau' || a.metric !== b.metric) return noPlateau
  const isComparable = b.metric === 'trainingLoss' ? data === info.fingerprint : isSame
  return isComparable ? plateau : { ...plateau, best: null, waited: 0 }
}

/**
 * The rate of the update before, where the plan that it followed had another one there: one of a shorter run, or of the
 * run that was forked.
 */
function rateBefore(
  { moment: { update }, config: before, rateBefore: known }: CheckpointMetadata,
  config: RunConfig,
  plan: Plan,
  info: DatasetInfo,
): Pick<TrainingProgress, 'rateBefore'> {
  const isCorrected = 'momentumCorrection' in config.optimizer && config.optimizer.momentumCorrection
  if (!isCorrected || update === 0) return {}
  if (known !== undefined) return { rateBefore: known }
  const used = planRun(before, info).learningRate(update - 1)
  return used === plan.learningRate(update - 1) ? {} : { rateBefore: used }
}

// Whether two configs cut their epochs into batches alike, so that the same update is at the same place in the data.
const samePhases = (a: RunConfig, b: RunConfig, info: DatasetInfo): boolean => cutsOf(a, info) === cutsOf(b, info)

const cutsOf = (config: RunConfig, { counts }: DatasetInfo): string =>
  timelineOf(config, counts.train)
    .phases.map(({ firstEpoch, batchSize, rest }) => [firstEpoch, batchSize, rest].join())
    .join(' ')

// With another batch size the same place in the data is another update: the fork goes on at the start of the batch that
// holds it.
function movedMoment(moment: TrainingProgress['moment'], plan: Plan): TrainingProgress['moment'] {
  const { batchSize, rest, updatesPerEpoch } = phaseOfEpoch(plan.phases, moment.epoch)
  const inEpoch = Math.min(Math.floor(moment.position / batchSize), updatesPerEpoch - (rest > 0 ? 1 : 0))
  return { ...moment, update: Math.round(plan.clock.updateAt(moment.epoch)) + inEpoch, position: inEpoch * batchSize }
}

/**
 * The tensors of `state` that the learner has, after checking that all of the learner's own weights are there with the
 * right shapes.
 */
function fitting(state: LearnerState, known: LearnerState, path: string): LearnerState {
  for (const [name, { shape }] of known) {
    if (name.startsWith(slotPrefix)) continue
    const found = state.get(name)
    if (found === undefined) throw new Error(`${path} has no tensor ${name}, which this network needs`)
    if (found.shape.join() !== shape.join())
      throw new Error(
        `${path}: tensor ${name} has shape [${found.shape.join(', ')}], this network needs [${shape.join(', ')}]`,
      )
  }
  return new Map([...state].filter(([name]) => known.has(name)))
}

// Averages and simulated workers begin where the network begins.
const withCopies = (weights: LearnerState, known: LearnerState): LearnerState =>
  new Map([
    ...weights,
    ...[...known.keys()].flatMap((name): [string, HostTensor][] => {
      const original = weights.get(originalOf(name) ?? '')
      return original ? [[name, original]] : []
    }),
  ])

const slotsThatFit = (state: LearnerState, known: LearnerState): LearnerState =>
  new Map(
    [...state].filter(
      ([name, { shape }]) => name.startsWith(slotPrefix) && known.get(name)?.shape.join() === shape.join(),
    ),
  )
