import * as tf from '@tensorflow/tfjs-core'
import type { LearnerState } from './learner'
import type { Pass, Program } from './program'
import { createVariables, disposeVariables, readVariables, writeVariables } from './variables'

/** Runs the passes of a program on numbers of the host, and keeps the variables in between. */
export interface Runner {
  /** Feeds in the program's order, each exactly as long as its shape says. */
  readonly run: (pass: Pass, feeds: readonly (Float32Array | Int32Array)[]) => Float32Array
  /** Copies all variables to the host. */
  readonly read: () => LearnerState
  /** Puts values back; throws a sentence naming the first tensor that is unknown or has another shape. */
  readonly write: (state: LearnerState) => void
  readonly dispose: () => void
}

/** Runs every operation by itself, on any engine: the reference that captured passes are tested against. */
export function eagerRunner(program: Program): Runner {
  const variables = createVariables(program.initial)
  return {
    run: (pass, feeds) => {
      const specs = program.feeds(pass)
      const result = tf.tidy(() => program.compute(pass, variables, specs.map(({ shape, dtype }, i) => tf.tensor(feeds[i] ?? [], [...shape], dtype))))
      const values = result.dataSync<'float32'>()
      result.dispose()
      return values
    },
    read: () => readVariables(variables),
    write: (state) => writeVariables(variables, state),
    dispose: () => disposeVariables(variables),
  }
}
