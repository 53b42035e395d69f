import { slotPrefix } from '../../core/checkpoint'
import type { LearnerState } from './learner/learner'

const isWeight = (name: string): boolean =>
  !name.startsWith(slotPrefix) && !name.endsWith('.running_mean') && !name.endsWith('.running_var')

/** Whether every number of a state is finite. */
export function isFinite(state: LearnerState): boolean {
  for (const { data } of state.values()) {
    // A sum is finite only if every term is, except where huge terms overflow: then look one by one.
    let sum = 0
    for (let i = 0; i < data.length; i++) sum += data[i] ?? 0
    if (!Number.isFinite(sum) && !data.every(Number.isFinite)) return false
  }
  return true
}

/** ‖w − w₀‖ over the trainable weights of two states (Hoffer et al. 2017, §4); null where there is no second one. */
export function distanceBetween(state: LearnerState, initial: LearnerState): number | null {
  let squares = 0
  for (const [name, { data }] of state) {
    if (!isWeight(name)) continue
    const from = initial.get(name)?.data
    if (from === undefined || from.length !== data.length) return null
    for (let i = 0; i < data.length; i++) {
      const difference = (data[i] ?? 0) - (from[i] ?? 0)
      squares += difference * difference
    }
  }
  return Math.sqrt(squares)
}

/** The part of a state that is weights and running statistics, without the optimizer's slots. */
export const withoutSlots = (state: LearnerState): LearnerState =>
  new Map([...state].filter(([name]) => !name.startsWith(slotPrefix)))
