import { errorText } from '../core/errorText'
import { startChild, type Child } from './child'
import type { BenchCase, BenchWay } from './cases'
import type { LearnerJob, LearnerReady } from './job'
import { median } from '../core/measure'
import { measure, type Contestant, type Turns } from './measure'
import pytorchScript from './pytorchStep.py?raw'

/**
 * A contestant with what is to be known of them. Each is a process of its own, asleep between turns: TensorFlow's
 * threads are settled once in a process.
 */
export interface Entrant extends Contestant {
  readonly name: string
  readonly engine: string
  readonly mode: string
  readonly details: string
  readonly versions: Readonly<Record<string, string>>
}

/** How the processes of a benchmark are started. */
export interface Places {
  readonly script: string
  readonly threads: number
  readonly turns: Turns
}

/**
 * Batchlab's own learner. Captured it shares its threads out as it always does; operations one after the other are
 * often served better otherwise, so an eager learner takes whichever way is faster here: as many threads as there are
 * for each operation, or one.
 */
export async function learnerEntrant(one: BenchCase, way: BenchWay, places: Places): Promise<Entrant> {
  const start = (env: NodeJS.ProcessEnv, details: string) => async (): Promise<Entrant> =>
    await startLearner({ type: 'learner', ...one, ...way, threads: places.threads }, places, env, details)
  if (way.engine !== 'tensorflow') return await start({}, '')()
  if (way.mode !== 'eager') return await start({}, '')()
  const threads = String(places.threads)
  return await bestOf(
    [
      start(
        { TF_NUM_INTRAOP_THREADS: threads, TF_NUM_INTEROP_THREADS: threads },
        places.threads > 1 ? `${threads} threads for each operation` : '',
      ),
      ...(places.threads > 1
        ? [start({ TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1' }, 'one thread for each operation')]
        : []),
    ],
    places.turns,
  )
}

async function startLearner(
  job: LearnerJob,
  { script }: Places,
  env: NodeJS.ProcessEnv,
  details: string,
): Promise<Entrant> {
  const child = startChild(process.execPath, [...process.execArgv, script, JSON.stringify(job)], {
    ...process.env,
    ...env,
  })
  const { device, versions } = await heard<LearnerReady>(child)
  return {
    name: `${job.engine} ${job.mode}`,
    engine: job.engine,
    mode: job.mode,
    details: [device, details].filter((part) => part !== '').join('; '),
    versions,
    ...contestantOf(child),
  }
}

/**
 * The same work in PyTorch. Of several ways to use the cores it takes the one that is fastest here: its threads wait
 * for each other by spinning, which is best on an idle machine and ruinous on a busy one.
 */
export async function pytorchEntrant(python: string, one: BenchCase, { threads, turns }: Places): Promise<Entrant> {
  const all = String(threads)
  return await bestOf(
    [
      () => startPytorch(python, one, all, {}, `${all} thread${threads === 1 ? '' : 's'}`),
      ...(threads > 1
        ? [
            // libgomp spins unless told otherwise; saying so would make it spin for ever.
            () =>
              startPytorch(
                python,
                one,
                all,
                { OMP_WAIT_POLICY: 'PASSIVE' },
                `${all} threads that sleep while they wait`,
              ),
            () => startPytorch(python, one, '1', { OMP_WAIT_POLICY: 'PASSIVE' }, '1 thread'),
          ]
        : []),
    ],
    turns,
  )
}

async function startPytorch(
  python: string,
  { network, batchSize }: BenchCase,
  threads: string,
  env: NodeJS.ProcessEnv,
  details: string,
): Promise<Entrant> {
  const child = startChild(python, ['-c', pytorchScript, network, String(batchSize), threads], {
    ...process.env,
    OMP_NUM_THREADS: threads,
    ...env,
  })
  const { version, layout } = await heard<{ readonly version: string; readonly layout: string }>(child)
  return {
    name: 'pytorch',
    engine: 'pytorch',
    mode: 'eager',
    details: `${details}; ${layout}`,
    versions: { torch: version },
    ...contestantOf(child),
  }
}

/** What a Python says about itself: its version of torch, or why there is none, in a sentence. */
export async function findTorch(python: string): Promise<{ readonly version: string } | { readonly reason: string }> {
  const child = startChild(
    python,
    ['-c', 'import json, torch; print(json.dumps({"version": torch.__version__}))'],
    process.env,
  )
  try {
    return await heard<{ readonly version: string }>(child)
  } catch (error) {
    const reason = errorText(error)
    return { reason: /No module named/.test(reason) ? `${python} has no torch` : reason }
  } finally {
    child.close()
  }
}

/** The first thing a process says, which is ours or our script's; one that fails leaves nothing behind. */
async function heard<T>(child: Child): Promise<T> {
  try {
    return (await child.onEvent()) as T
  } catch (error) {
    child.close()
    throw error
  }
}

const contestantOf = (child: Child): Contestant => ({
  run: async (updates) => Number((await child.ask({ updates }))['seconds']),
  close: child.close,
})

/**
 * The fastest of several ways to do the same: each challenges the best so far in a few short turns. Never more than two
 * are in memory.
 */
export async function bestOf<C extends Contestant>(
  ways: readonly (() => Promise<C>)[],
  { seconds }: Turns,
): Promise<C> {
  let best: C | null = null
  for (const start of ways) {
    const challenger: C = await start()
    if (best === null) {
      best = challenger
      continue
    }
    const [known, fresh] = await measure([best, challenger], 1, { rounds: 3, seconds: seconds / 3, updates: null })
    const isBetter = fresh?.failure === '' && (known?.failure !== '' || middle(fresh.speeds) > middle(known.speeds))
    if (isBetter) best.close()
    else challenger.close()
    best = isBetter ? challenger : best
  }
  if (best === null) throw new Error('There is nobody to choose from')
  return best
}

const middle = (speeds: readonly (number | null)[]): number => median(speeds.filter((speed) => speed !== null))
