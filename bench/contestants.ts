import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { RunConfig, type RunConfigInput } from '../core/config/config'
import type { DatasetFacts } from '../core/facts'
import { randomFor } from '../core/random'
import { openEngine, type Engine, type EngineName } from '../main/trainer/engine'
import { lanesOf } from '../main/trainer/lanes'
import { createLearner } from '../main/trainer/openLearner'

/** The networks that speed is measured on. */
export const benchNetworks = {
  conv4: { type: 'conv4' },
  resnet8: { type: 'resnet', depth: 8 },
  resnet20: { type: 'resnet', depth: 20 },
} as const satisfies Record<string, RunConfigInput['network']>
export type BenchNetwork = keyof typeof benchNetworks

export interface BenchCase {
  readonly network: BenchNetwork
  readonly batchSize: number
}

/** Somebody who does updates and says how long they took. */
export interface Contestant {
  readonly name: string
  readonly details: string
  /** Does so many updates; seconds. */
  readonly run: (updates: number) => Promise<number>
  readonly close: () => void
}

const facts = (train: number): DatasetFacts => ({
  name: 'noise', classes: Array.from('0123456789'), shape: [32, 32, 3], counts: { train, validation: 0, test: 0 },
  mean: [0, 0, 0], std: [1, 1, 1], fingerprint: 'noise',
})

const configOf = ({ network, batchSize }: BenchCase, capture: 'auto' | 'off'): RunConfig =>
  RunConfig.parse({ network: benchNetworks[network], data: { source: { type: 'digits' } }, batchSize, engine: { capture } } satisfies RunConfigInput)

/** The engine as a run of this case would open it: the first one in a process decides how its threads are used. */
export const openBenchEngine = (name: EngineName, one: BenchCase, threads: number): Promise<Engine> =>
  openEngine(name, { threads, work: lanesOf(configOf(one, 'auto'), facts(one.batchSize)) })

/** Batchlab's own learner on an open engine, on one batch of CIFAR's shape: forward, backward, momentum update, loss read. */
export function learnerContestant(engine: Engine, one: BenchCase, capture: 'auto' | 'off'): Contestant {
  const { batchSize } = one
  const learner = createLearner(engine, configOf(one, capture), facts(batchSize))
  const random = randomFor(1, 'synthetic')
  const images = Float32Array.from({ length: batchSize * 32 * 32 * 3 }, () => 2 * random.uniform() - 1)
  const labels = Int32Array.from({ length: batchSize }, (_, i) => i % 10)
  let update = 0
  return {
    name: `${engine.name} ${learner.engine.captured ? 'captured' : 'eager'}`,
    details: `${engine.device}, ${Object.entries(learner.engine.versions).map(([name, version]) => `${name} ${version}`).join(', ')}`,
    run: async (updates) => {
      const began = performance.now()
      for (let i = 0; i < updates; i++) learner.update({ images, labels, count: batchSize, update: update++ }, { learningRate: 0.01, momentum: 0.9 })
      return Promise.resolve((performance.now() - began) / 1000)
    },
    close: learner.dispose,
  }
}

/**
 * The same work in PyTorch, in a process of its own that sleeps between its turns. Of several ways to use the cores it takes the one that is
 * fastest here: its threads wait for each other by spinning, which is best on an idle machine and ruinous on a busy one.
 */
export async function pytorchContestant(python: string, script: string, one: BenchCase, threads: number): Promise<Contestant> {
  const ways = [{ threads, wait: 'ACTIVE' }, { threads, wait: 'PASSIVE' }, { threads: 1, wait: 'PASSIVE' }]
  let best: Trial | undefined
  for (const way of ways) {
    const trial = await startPytorch(python, script, one, way.threads, way.wait)
    if (best && best.seconds <= trial.seconds) {
      trial.contestant.close()
      continue
    }
    best?.contestant.close()
    best = trial
  }
  if (!best) throw new Error('PyTorch did not start')
  return best.contestant
}

interface Trial { readonly contestant: Contestant; readonly seconds: number }

async function startPytorch(python: string, script: string, { network, batchSize }: BenchCase, threads: number, wait: string): Promise<Trial> {
  const child = spawn(python, [script, network, String(batchSize), String(threads)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // libgomp spins unless told otherwise; saying so would make it spin for ever.
    env: { ...process.env, OMP_NUM_THREADS: String(threads), ...(wait === 'PASSIVE' ? { OMP_WAIT_POLICY: wait } : {}) },
  })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const answer = async (): Promise<Record<string, unknown>> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`${python} ended without an answer`)
    return JSON.parse(value) as Record<string, unknown>
  }
  const { version, layout, seconds } = await answer()
  const contestant: Contestant = {
    name: 'pytorch',
    details: `torch ${String(version)}, ${threads} threads${wait === 'PASSIVE' && threads > 1 ? ' that sleep' : ''}, ${String(layout)}`,
    run: async (updates) => {
      child.stdin.write(`${JSON.stringify({ updates })}\n`)
      return Number((await answer())['seconds'])
    },
    close: () => { child.stdin.end() },
  }
  return { contestant, seconds: Number(seconds) }
}
