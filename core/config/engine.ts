import { z } from 'zod'

/** Which engine computes, and how. */
export const EngineConfig = z.strictObject({
  backend: z.enum(['auto', 'tensorflow', 'wasm', 'cpu']).default('auto')
    .meta({ label: 'Engine', help: 'auto takes the fastest that works on this machine; the Compute view says why the others do not' }),
  capture: z.enum(['auto', 'off']).default('auto')
    .meta({ label: 'Captured step', help: 'Record one update and replay it as a single native call (tensorflow engine). off: every operation by itself, the reference that the captured step is tested against' }),
  threads: z.number().int().min(1).max(256).nullable().default(null)
    .meta({ label: 'Threads', help: 'CPU threads of the engine. Empty: all cores' }),
  xla: z.boolean().default(false)
    .meta({ label: 'Compile with XLA', help: 'Let TensorFlow merge the operations of the captured step and compile them: some seconds before the first update, other roundings. Meant for GPUs, where it has not been measured; slower on the CPUs that it was measured on' }),
  inputThread: z.enum(['auto', 'on', 'off']).default('auto')
    .meta({ label: 'Input thread', help: 'Prepare the next batch in a thread of its own while this one is computed; the numbers are the same. auto: on machines with four cores or more' }),
})
export type EngineConfig = z.output<typeof EngineConfig>
