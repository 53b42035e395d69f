/**
 * Multiply-adds of one operation from which sharing it between threads pays. Below, threads wait for each other longer than they compute: then
 * every operation gets one thread, and operations that do not need each other run side by side (docs/performance.md).
 */
const sharedFrom = 25e6

/** What TensorFlow reads from its process's environment before its first session. `threads` null: all cores; `operation`: the multiply-adds of a typical one, null if unknown. */
export function engineEnvironment(threads: number | null, operation: number | null): Readonly<Record<string, string>> {
  const within = operation !== null && operation < sharedFrom ? 1 : threads
  return {
    TF_CPP_MIN_LOG_LEVEL: '2',
    // Measured 20–60 % faster on CPUs (docs/performance.md).
    TF_ENABLE_ONEDNN_OPTS: '1',
    ...(within === null ? {} : { TF_NUM_INTRAOP_THREADS: String(within), OMP_NUM_THREADS: String(within) }),
    ...(threads === null ? {} : { TF_NUM_INTEROP_THREADS: String(threads) }),
  }
}
