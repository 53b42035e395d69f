/*
 * Capturing. Calling some hundred native operations one by one costs more than their arithmetic when batches are small,
 * so a pass is run once eagerly, for real, while every native operation is written down (recorder.ts). The record
 * becomes a TensorFlow graph (graph.ts): what the host gives is a Placeholder, what training changes is a variable that
 * is read before and assigned after everything else, and numbers that the host made inside are Consts. The graph is
 * written as a SavedModel (savedModel.ts), which tfjs-node's binding can load, and from then on a pass is one native
 * call (session.ts): weights stay inside, the batch goes in and the loss comes out. All passes share one graph, because
 * variables belong to a session: an update and an evaluation for each number of images. A number that was not expected
 * rebuilds the graph. Whatever changes from update to update must be a feed; reading a computed number on the host
 * while recording is an error.
 */
import type { Precision } from '../../../core/config/engine'
import { at } from '../ops/differentiable'
import type { LearnerState } from '../learner/learner'
import type { Pass, Program } from '../learner/program'
import type { Runner } from '../learner/runner'
import { checkFits } from '../learner/variables'
import type { CapturableBackend } from './binding'
import { capturePass, passName } from './capturePass'
import type { RecordedPass } from './graph'
import { openSession, type Session } from './session'

/**
 * A runner whose passes are single native calls. Throws where a pass cannot be captured; `expected` are captured at
 * once, others when they come.
 */
export function capturedRunner(
  backend: CapturableBackend,
  program: Program,
  expected: readonly Pass[],
  precision: Precision = 'float32',
): Runner {
  const variables = [...program.initial].map(([name, { shape }]) => ({ name, shape }))
  const names = variables.map(({ name }) => name)
  const passes = new Map<string, RecordedPass>()
  const open = (wanted: readonly Pass[]): Session => {
    for (const pass of wanted)
      if (!passes.has(passName(pass))) passes.set(passName(pass), capturePass(backend, program, pass, precision))
    return openSession(backend.binding, variables, [...passes.values()])
  }
  let session = open(expected)
  const read = (): LearnerState => {
    const values = session.read(names)
    return new Map(variables.map(({ name, shape }, i) => [name, { shape, data: values[i] ?? new Float32Array(0) }]))
  }
  const write = (state: LearnerState): void => {
    session.write([...state].map(([name, { shape, data }]) => ({ name, shape, data })))
  }
  const extend = (pass: Pass): void => {
    const state = read()
    const old = session
    session = open([pass])
    old.dispose()
    write(state)
  }
  write(program.initial)
  return {
    run: (pass, feeds) => {
      const name = passName(pass)
      if (!passes.has(name)) extend(pass)
      const { feeds: specs = [] } = passes.get(name) ?? {}
      return session.run(
        name,
        specs.map((feed, i) => ({ ...feed, values: at(feeds, i) })),
      ) as Float32Array
    },
    read,
    write: (state) => {
      checkFits(state, program.initial)
      write(state)
    },
    dispose: () => session.dispose(),
  }
}
