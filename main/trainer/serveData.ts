import type { DataRequest, HostMessage, JobMessage } from '../../core/job'
import { engineEnvironment } from '../../core/engineEnvironment'
import { heldAtMost, HeldDatasets } from '../data/heldDatasets'
import { failureOf } from './exhaustion'
import { runTrainerJob } from './jobs'
import { parallelPartsOf } from './learner/parallelParts'
import type { MeasuredCheckpoint } from './measuredCheckpoint'

/** The process has computed with other settings of the engine, which the first engine opened decides for all. */
class AnotherEngine extends Error {}

/**
 * Does the jobs that it is asked for one after the other, and keeps the data sets that they read. An evaluation that a
 * fresh process would compute with other threads is declined: its numbers would differ in the last bits.
 */
export function serveData(post: (message: HostMessage) => void): (request: DataRequest) => void {
  const held = new HeldDatasets(heldAtMost())
  const mayCompute = oneEngine()
  let last = Promise.resolve()

  async function answer({ id, job, alone }: DataRequest): Promise<void> {
    const tell = (said: JobMessage | { readonly type: 'declined' }): void => post({ type: 'answer', id, said })
    try {
      const result = await runTrainerJob(
        job,
        (message) => {
          if (message.type === 'progress') tell(message)
        },
        { next: () => null, isAskedToEnd: () => false },
        { read: (data, loading) => held.load(data, loading, alone), mayCompute },
      )
      tell({ type: 'done', result })
    } catch (error) {
      tell(error instanceof AnotherEngine ? { type: 'declined' } : failureOf(error, job))
    }
  }
  return (request) => {
    last = last.then(() => answer(request))
  }
}

/** Refuses checkpoints whose engines are not all set up as the first one's that was measured here. */
function oneEngine(): (measured: readonly MeasuredCheckpoint[]) => void {
  let decided: string | null = null
  return (measured) => {
    const wanted = new Set(measured.map(engineOf))
    const [only] = wanted
    if (decided !== null && (wanted.size > 1 || only !== decided)) throw new AnotherEngine()
    decided = wanted.size > 1 ? 'several' : (only ?? null)
  }
}

function engineOf({ config, info }: MeasuredCheckpoint): string {
  const { backend, threads, xla } = config.engine
  return JSON.stringify([backend, threads, engineEnvironment(threads ?? 0, parallelPartsOf(config, info), xla)])
}
