import { z } from 'zod'

/**
 * What there was not enough of, where that ended an attempt or a measurement: what the engine said (TensorFlow's status
 * code of that name), what the system did, or the disk.
 */
export const Shortage = z.enum(['resource_exhausted', 'killed_for_memory', 'out_of_disk'])
export type Shortage = z.output<typeof Shortage>

// What TensorFlow, CUDA, cuDNN, C++, WebAssembly and V8 say. cuDNN that "failed to get convolution algorithm" found no
// memory for its workspace.
const memoryGone = new RegExp(
  [
    'resource[_ ]exhausted',
    '\\bOOM when allocating',
    'out[ _]of[ _]memory',
    'failed to allocate',
    'ALLOC_FAILED',
    'failed to get convolution algorithm',
    'bad_alloc',
    'cannot allocate memory',
    '\\bENOMEM\\b',
    'memory access out of bounds',
    'cannot enlarge memory',
    'could not allocate memory',
    'array buffer allocation failed',
  ].join('|'),
  'i',
)
const threadsGone = /pthread_create|thread creation|\bEAGAIN\b|resource temporarily unavailable/i

/** Whether an error's words mean that memory, or the number of threads, was used up; null where they do not. */
export const usedUp = (message: string): 'memory' | 'threads' | null =>
  threadsGone.test(message) ? 'threads' : memoryGone.test(message) ? 'memory' : null
