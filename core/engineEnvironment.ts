/** What an engine is going to compute. */
export interface EngineWork {
  /** Multiply-adds of a typical operation. */
  readonly operation: number
  /** Parts of an update that can be computed side by side, 1 if it cannot be cut. */
  readonly possible: number
}

/**
 * Whether every operation gets one thread, and operations that do not need each other run side by side: where an update
 * can be cut into as many parts as there are threads, and where operations are so small that threads would wait for
 * each other longer than they compute. Elsewhere convolutions are cut into a part for each thread on the way forward, a
 * third of the work, and come in twos on the way back. What is neither leaves one thread alone for about a seventeenth
 * of an update. Waiting costs as long as 8e6 multiply-adds of each operation (measured: docs/performance.md).
 */
export const isOneThreadEach = ({ operation, possible }: EngineWork, threads: number): boolean => {
  const [forward, backward, alone, shared] = [1 / 3 / threads, 2 / 3 / Math.min(2, threads), 1 / 17, 1 / threads]
  return possible >= threads || operation * (forward + backward + alone - shared) < 8e6
}

/**
 * What TensorFlow reads from its process's environment before its first session, for so many threads; `xla` compiles
 * what a session runs.
 */
export const engineEnvironment = (
  threads: number,
  work: EngineWork | null,
  xla: boolean,
): Readonly<Record<string, string>> => ({
  // The second flag lets CPUs take part: there it can be tried and tested, though it does not pay
  // (docs/performance.md).
  ...(xla ? { TF_XLA_FLAGS: '--tf_xla_auto_jit=2 --tf_xla_cpu_global_jit' } : {}),
  TF_CPP_MIN_LOG_LEVEL: '2',
  // Measured 20–60 % faster on CPUs (docs/performance.md).
  TF_ENABLE_ONEDNN_OPTS: '1',
  TF_NUM_INTRAOP_THREADS: String(work !== null && isOneThreadEach(work, threads) ? 1 : threads),
  TF_NUM_INTEROP_THREADS: String(threads),
})
