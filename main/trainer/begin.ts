import { noSums } from '../../core/checkpoint'
import type { RunConfig } from '../../core/config/config'
import type { DatasetFacts } from '../../core/facts'
import type { Beginning } from '../../core/job'
import { start } from '../../core/moment'
import type { Plan } from '../../core/plan'
import { epochBatches } from '../../core/plan'
import { notYet } from '../../core/stopping'
import { slotPrefix } from '../../core/checkpoint'
import { loadCheckpoint, loadWeights } from './checkpoint'
import type { Learner, LearnerState } from './learner'
import { withoutSlots } from './state'
import type { Progress } from './train'

const atStart: Progress = { moment: start, sums: noSums, stopping: notYet, validation: null }

/** Puts a learner where a training begins and says at which moment that is. Throws a sentence when the file does not fit. */
export async function begin(beginning: Beginning, learner: Learner, config: RunConfig, plan: Plan, facts: DatasetFacts): Promise<Progress> {
  switch (beginning.type) {
    case 'new': return atStart
    case 'weights': {
      const { state } = await loadWeights(beginning.path)
      learner.write(fitting(withoutSlots(state), learner.read(), beginning.path))
      return atStart
    }
    case 'resume': {
      const { state, metadata } = await loadCheckpoint(beginning.path)
      if (metadata.data !== facts.fingerprint && !beginning.acceptChangedData) {
        throw new Error(`the data set changed since this run was paused (it was ${metadata.data.slice(0, 12)}, now ${facts.fingerprint.slice(0, 12)}): bring the old data back, or start a new run`)
      }
      learner.write(state)
      return { moment: metadata.moment, sums: metadata.sums, stopping: metadata.stopping, validation: metadata.validation }
    }
    case 'fork': {
      const { state, metadata } = await loadCheckpoint(beginning.path)
      const known = learner.read()
      learner.write(fitting(withoutSlots(state), known, beginning.path))
      learner.write(slotsThatFit(state, known))
      const sameBatches = metadata.config.batchSize === config.batchSize && metadata.data === facts.fingerprint
      if (sameBatches) return { moment: metadata.moment, sums: metadata.sums, stopping: metadata.stopping, validation: metadata.validation }
      return { ...atStart, moment: movedMoment(metadata.moment, config, plan, facts), stopping: metadata.stopping, validation: metadata.validation }
    }
  }
}

// With another batch size the same place in the data is another update: the fork goes on at the start of the batch that holds it.
function movedMoment(moment: Progress['moment'], config: RunConfig, plan: Plan, facts: DatasetFacts): Progress['moment'] {
  const inEpoch = Math.min(Math.floor(moment.position / config.batchSize), epochBatches(config, facts.counts.train).full)
  return { ...moment, update: moment.epoch * plan.updatesPerEpoch + inEpoch, position: inEpoch * config.batchSize }
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

const slotsThatFit = (state: LearnerState, known: LearnerState): LearnerState =>
  new Map([...state].filter(([name, { shape }]) => name.startsWith(slotPrefix) && known.get(name)?.shape.join() === shape.join()))
