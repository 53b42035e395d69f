import { trainerSwitch } from '../main/hosts/threadLimits'
import { startChild } from './child'
import type { MeasurementJob, MeasurementName, MeasurementResults } from './job'

/** Lets a process of its own measure something besides updates; rejects with a sentence where it cannot. */
export async function runMeasurement<N extends MeasurementName>(
  script: string,
  job: MeasurementJob & { readonly type: N },
): Promise<MeasurementResults[N]> {
  // Memory that only waits to be collected would look like growth, and a run's thread has limits of its own.
  const switches = job.type === 'memory' ? ['--expose-gc', trainerSwitch] : []
  const child = startChild(
    process.execPath,
    [...process.execArgv, ...switches, script, JSON.stringify(job)],
    process.env,
  )
  try {
    // The process is ours, and answers its job.
    return (await child.onEvent()) as unknown as MeasurementResults[N]
  } finally {
    child.close()
  }
}
