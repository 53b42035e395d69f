import * as tf from '@tensorflow/tfjs-core'
import type { HostTensor, LearnerState } from './learner'

/** Everything that training changes, by its checkpoint name. tfjs's own names of these variables mean nothing. */
export type Variables = ReadonlyMap<string, tf.Variable>

/** Makes a variable of each tensor; the caller disposes of them. */
export const createVariables = (state: LearnerState): Variables =>
  new Map(
    [...state].map(([name, { shape, data }]) => [
      name,
      tf.tidy(() => tf.variable(tf.tensor(data.slice(), [...shape], 'float32'), false)),
    ]),
  )

/** The variable of a name. */
export function variable(variables: Variables, name: string): tf.Variable {
  const found = variables.get(name)
  if (!found) throw new Error(`The network has no tensor ${name}`)
  return found
}

/**
 * Computes something that assigns variables; where it throws, they get back what they held. A clone shares the numbers,
 * so this copies nothing.
 */
export function unlessLeft<T>(variables: Variables, compute: () => T): T {
  const before = [...variables.values()].map((one) => ({ one, value: tf.keep(tf.clone(one)) }))
  try {
    return compute()
  } catch (error) {
    for (const { one, value } of before) one.assign(value)
    throw error
  } finally {
    for (const { value } of before) value.dispose()
  }
}

/** Copies the variables to the host. */
export const readVariables = (variables: Variables): LearnerState =>
  new Map(
    [...variables].map(([name, one]): [string, HostTensor] => [
      name,
      { shape: one.shape, data: Float32Array.from(one.dataSync()) },
    ]),
  )

/**
 * Puts values into the variables of the same names. Throws a sentence naming the first that is unknown or has another
 * shape.
 */
export function writeVariables(variables: Variables, state: LearnerState): void {
  checkFits(state, variables)
  for (const [name, { shape, data }] of state)
    tf.tidy(() => {
      variable(variables, name).assign(tf.tensor(data.slice(), [...shape], 'float32'))
    })
}

/** Throws a sentence naming the first tensor of a state that is not among `known` or has another shape there. */
export function checkFits(
  state: LearnerState,
  known: ReadonlyMap<string, { readonly shape: readonly number[] }>,
): void {
  for (const [name, { shape }] of state) {
    const expected = known.get(name)?.shape
    if (!expected) throw new Error(`The network has no tensor ${name}`)
    if (expected.join() !== shape.join())
      throw new Error(`Tensor ${name} has shape [${shape.join(', ')}], the network needs [${expected.join(', ')}]`)
  }
}

export function disposeVariables(variables: Variables): void {
  for (const one of variables.values()) one.dispose()
}
