import * as tf from '@tensorflow/tfjs-core'
import { inPieces } from '../ops/pieces'
import type { LearnerState } from './learner'
import type { Pass, Program } from './program'
import { createVariables, disposeVariables, readVariables, unlessLeft, writeVariables } from './variables'

/** Runs the passes of a program on numbers of the host, and keeps the variables in between. */
export interface Runner {
  /**
   * Feeds in the program's order, each exactly as long as its shape says. Where the computation has pieces, `between`
   * is called after each, and when it throws the variables are as before.
   */
  readonly run: (pass: Pass, feeds: readonly (Float32Array | Int32Array)[], between?: () => void) => Float32Array
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
    run: (pass, feeds, between) => {
      const specs = program.feeds(pass)
      const compute = (): tf.Tensor =>
        tf.tidy(() =>
          program.compute(
            pass,
            variables,
            specs.map(({ shape, dtype }, i) => tf.tensor(feeds[i] ?? [], [...shape], dtype)),
          ),
        )
      const result = between === undefined ? compute() : unlessLeft(variables, () => inPieces(between, compute))
      const values = result.dataSync<'float32'>()
      result.dispose()
      return values
    },
    read: () => readVariables(variables),
    write: (state) => writeVariables(variables, state),
    dispose: () => disposeVariables(variables),
  }
}
