import { noSums } from '../../core/checkpoint'
import type { RunConfig } from '../../core/config/config'
import { pathOf } from '../../core/config/place'
import type { DatasetFacts } from '../../core/facts'
import type { Beginning } from '../../core/job'
import { start } from '../../core/moment'
import { phaseOfEpoch, timelineOf } from '../../core/plan/phases'
import type { Plan } from '../../core/plan/plan'
import { noPlateau } from '../../core/schedules/plateau'
import { notYet } from '../../core/stopping'
import { originalOf, slotPrefix } from '../../core/checkpoint'
import { changedImages, DataRefused, sourcePath } from '../data/refusal'
import { classesIn } from '../files/checkpointHeader'
import { readHeader } from '../files/safetensors'
import { readWeights } from '../files/weightsFile'
import { loadCheckpoint } from './checkpoint'
import { forData } from './classOrder'
import type { HostTensor, Learner, LearnerState } from './learner/learner'
import { withoutSlots } from './state'
import type { Progress } from './sitting'

const atStart: Progress = { moment: start, sums: noSums, stopping: notYet, plateau: noPlateau, validation: null }

/** Puts a learner where a training begins and says at which moment that is; `note` hears what the log should say of it. Throws a sentence when the file does not fit. */
export async function begin(beginning: Beginning, learner: Learner, config: RunConfig, plan: Plan, facts: DatasetFacts, note: (sentence: string) => void = () => undefined): Promise<Progress> {
  switch (beginning.type) {
    case 'new': return atStart
    case 'weights': {
      const known = learner.read()
      const { tensors, notes } = await readWeights(beginning.path, [...known].flatMap(([name, { shape }]) => (name.startsWith(slotPrefix) ? [] : [{ name, shape }])))
      const { metadata } = await readHeader(beginning.path)
      learner.write(withCopies(forData(beginning.path, tensors, classesIn(metadata), config, facts), known))
      notes.forEach(note)
      return atStart
    }
    case 'resume': {
      const { state: stored, metadata } = await loadCheckpoint(beginning.path)
      if (metadata.data !== facts.fingerprint && !beginning.acceptChangedData) {
        throw new DataRefused(sourcePath, changedImages(pathOf(config.data.source) ?? facts.name, metadata.data, facts.fingerprint))
      }
      learner.write(forData(beginning.path, stored, metadata.classes, config, facts))
      // A run that was extended since has more than its test to do.
      const ending = metadata.config.epochs === config.epochs ? metadata.ending : undefined
      return { moment: metadata.moment, sums: metadata.sums, stopping: metadata.stopping, plateau: metadata.plateau ?? noPlateau, validation: metadata.validation, ending }
    }
    case 'fork': {
      const { state: stored, metadata } = await loadCheckpoint(beginning.path)
      const state = forData(beginning.path, stored, metadata.classes, config, facts)
      const known = learner.read()
      learner.write(withCopies(fitting(withoutSlots(state), known, beginning.path), known))
      learner.write(slotsThatFit(state, known))
      const sameBatches = samePhases(metadata.config, config, facts) && metadata.data === facts.fingerprint
      const plateau = samePlateau(metadata.config, config) ? metadata.plateau ?? noPlateau : noPlateau
      if (sameBatches) return { moment: metadata.moment, sums: metadata.sums, stopping: metadata.stopping, plateau, validation: metadata.validation }
      return { ...atStart, moment: movedMoment(metadata.moment, plan), stopping: metadata.stopping, plateau, validation: metadata.validation }
    }
  }
}

// Values of different metrics cannot be compared, so a fork that watches another one begins at its planned rate.
const samePlateau = ({ learningRate: { schedule: a } }: RunConfig, { learningRate: { schedule: b } }: RunConfig): boolean =>
  a.type === 'plateau' && b.type === 'plateau' && a.metric === b.metric

// Whether two configs cut their epochs into batches alike, so that the same update is at the same place in the data.
const samePhases = (a: RunConfig, b: RunConfig, facts: DatasetFacts): boolean =>
  cutsOf(a, facts) === cutsOf(b, facts)

const cutsOf = (config: RunConfig, { counts }: DatasetFacts): string =>
  timelineOf(config, counts.train).phases.map(({ firstEpoch, batchSize, rest }) => [firstEpoch, batchSize, rest].join()).join(' ')

// With another batch size the same place in the data is another update: the fork goes on at the start of the batch that holds it.
function movedMoment(moment: Progress['moment'], plan: Plan): Progress['moment'] {
  const { batchSize, rest, updatesPerEpoch } = phaseOfEpoch(plan.phases, moment.epoch)
  const inEpoch = Math.min(Math.floor(moment.position / batchSize), updatesPerEpoch - (rest > 0 ? 1 : 0))
  return { ...moment, update: Math.round(plan.clock.updateAt(moment.epoch)) + inEpoch, position: inEpoch * batchSize }
}

/** The tensors of `state` that the learner has, after checking that all of the learner's own weights are there with the right shapes. */
function fitting(state: LearnerState, known: LearnerState, path: string): LearnerState {
  for (const [name, { shape }] of known) {
    if (name.startsWith(slotPrefix)) continue
    const found = state.get(name)
    if (found === undefined) throw new Error(`${path} has no tensor ${name}, which this network needs`)
    if (found.shape.join() !== shape.join()) throw new Error(`${path}: tensor ${name} has shape [${found.shape.join(', ')}], this network needs [${shape.join(', ')}]`)
  }
  return new Map([...state].filter(([name]) => known.has(name)))
}

// Averages and simulated workers begin where the network begins.
const withCopies = (weights: LearnerState, known: LearnerState): LearnerState => new Map([
  ...weights,
  ...[...known.keys()].flatMap((name): [string, HostTensor][] => {
    const original = weights.get(originalOf(name) ?? '')
    return original ? [[name, original]] : []
  }),
])

const slotsThatFit = (state: LearnerState, known: LearnerState): LearnerState =>
  new Map([...state].filter(([name, { shape }]) => name.startsWith(slotPrefix) && known.get(name)?.shape.join() === shape.join()))
