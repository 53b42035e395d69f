import { z } from 'zod'

/** Which engine computes, and how. */
export const EngineConfig = z.strictObject({
  backend: z.enum(['auto', 'tensorflow', 'wasm', 'cpu']).default('auto').meta({
    label: 'Engine',
    help: 'auto takes the fastest that works on this machine; the Compute view says why the others do not',
  }),
  capture: z
    .enum(['auto', 'off'])
    .default('auto')
    .meta({
      label: 'Captured step',
      help:
        'Record one update and replay it as a single native call (tensorflow engine). off: every operation by ' +
        'itself, the reference that the captured step is tested against',
    }),
  threads: z
    .number()
    .int()
    .min(1)
    .max(256)
    .nullable()
    .default(null)
    .meta({ label: 'Threads', help: 'CPU threads of the engine. Empty: all cores' }),
  precision: z
    .enum(['float32', 'bfloat16'])
    .default('float32')
    .meta({
      label: 'Precision',
      help:
        'bfloat16: mixed precision, in which convolutions and dense layers multiply numbers of 8 significant ' +
        'bits, and all else, evaluation too, stays float32. Up to 1.5 times as fast on a CPU with AVX-512 BF16. ' +
        'Needs the captured step',
      paper: 'Kalamkar et al. 2019, arXiv 1905.12322',
    }),
  xla: z
    .boolean()
    .default(false)
    .meta({
      label: 'Compile with XLA',
      help:
        'Let TensorFlow merge the operations of the captured step and compile them: some seconds before the ' +
        'first update, other roundings. Meant for GPUs, where it has not been measured; slower on the CPUs that ' +
        'it was measured on',
    }),
  evaluationBatch: z
    .number()
    .int()
    .min(1)
    .max(65536)
    .default(256)
    .meta({
      label: 'Evaluation batch',
      unit: 'images',
      help:
        'Images that go through the network at once where it is evaluated. Fewer need less memory; losses change ' +
        'in their last digits only',
    }),
  inputThread: z
    .enum(['auto', 'on', 'off'])
    .default('auto')
    .meta({
      label: 'Input thread',
      help:
        'Prepare the next batch in a thread of its own while this one is computed; the numbers are the same. ' +
        'auto: on machines with four cores or more',
    }),
})
export type Precision = z.output<typeof EngineConfig>['precision']
export type EngineConfig = z.output<typeof EngineConfig>
