import { describe, it } from 'vitest'
import { tensorflowBinding } from '../../main/trainer/engine'

const reason =
  tensorflowBinding() === undefined ? 'TensorFlow is not set up on this machine (node scripts/setup.mjs)' : undefined
const required = process.env['BATCHLAB_REQUIRE_TENSORFLOW'] === '1'
if (reason !== undefined && !required) console.warn(`Tests of the tensorflow engine are skipped: ${reason}.`)

const title = (name: string): string => (reason === undefined ? name : `${name} [skipped: ${reason}]`)

/**
 * A group of tests that need TensorFlow: skipped with the reason where it is not set up, failing there with
 * BATCHLAB_REQUIRE_TENSORFLOW=1.
 */
export function describeTensorflow(name: string, tests: () => void): void {
  if (reason === undefined) describe(name, tests)
  else if (required)
    describe(name, () =>
      it('needs TensorFlow', () => {
        throw new Error(reason)
      }),
    )
  else describe.skip(title(name), tests)
}

/** One test that needs TensorFlow. */
export function itTensorflow(name: string, test: () => void | Promise<void>): void {
  if (reason === undefined) it(name, test)
  else if (required)
    it(name, () => {
      throw new Error(reason)
    })
  else it.skip(title(name), test)
}

/** The engines that tests compare; tensorflow only where it is set up (or required). */
export const testedEngines =
  reason === undefined || required ? (['tensorflow', 'wasm', 'cpu'] as const) : (['wasm', 'cpu'] as const)
