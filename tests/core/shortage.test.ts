import { describe, expect, it } from 'vitest'
import type { RunConfig, RunConfigInput } from '../../core/config/config'
import { parseConfig } from '../../core/config/parse'
import type { DatasetInfo } from '../../core/datasetInfo'
import { contradictions } from '../../core/plan/plan'
import { diskAdvice, shortageOf, type DiskSpace } from '../../core/diskSpace'
import { usedUp } from '../../core/shortage'
import { exhausted, killedForMemory, type ComputeWork } from '../../core/shortageAdvice'
import { FileError } from '../../main/files/fileError'
import { unsaved } from '../../main/library/unsaved'

const info: DatasetInfo = {
  name: 'x',
  classes: ['a', 'b'],
  shape: [8, 8, 1],
  counts: { train: 2000, validation: 200, test: 200 },
  mean: [0],
  std: [1],
  fingerprint: 'f',
}
const configOf = (input: RunConfigInput): RunConfig => {
  const parsed = parseConfig({ network: { type: 'mlp', hidden: [4] }, batchSize: 128, ...input })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  return parsed.value
}
const oom =
  'OOM when allocating tensor with shape[128,64,32,32] and type float on ' +
  '/job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc'
const gpu = { name: 'tensorflow' as const, device: 'GPU (CUDA)' }

describe('what an engine says', () => {
  it.each([
    oom,
    'RESOURCE_EXHAUSTED: failed to allocate memory',
    'Resource exhausted: OOM',
    'CUDA_ERROR_OUT_OF_MEMORY: out of memory',
    'CUDNN_STATUS_ALLOC_FAILED',
    'Failed to get convolution algorithm. This is probably because cuDNN failed to initialize',
    'std::bad_alloc',
    'memory access out of bounds',
    'Array buffer allocation failed',
    'ENOMEM: not enough memory, read',
    'WebAssembly.Memory(): could not allocate memory',
  ])('means that memory is used up: %s', (said) => {
    expect(usedUp(said)).toBe('memory')
  })

  it.each([
    'uv_thread_create: EAGAIN',
    'Thread tf_Compute creation via pthread_create() failed.',
    'spawn EAGAIN: resource temporarily unavailable',
  ])('means that threads are used up: %s', (said) => {
    expect(usedUp(said)).toBe('threads')
  })

  it.each([
    'The tensor fc1.weight has shape [3], this network needs [4]',
    'The cpu backend computes 1 + 2 wrongly.',
    'Room is needed',
    'ENOSPC: no space left on device',
    '/data/oom/last.safetensors has no tensor fc1.weight',
  ])('means something else: %s', (said) => {
    expect(usedUp(said)).toBeNull()
  })
})

describe('what to lower', () => {
  const cases: readonly (readonly [string, RunConfigInput, ComputeWork, RegExp])[] = [
    ['the micro-batch, from the whole batch', {}, 'update', /micro-batch \(batch\.microBatch\) to 64, now 128/],
    [
      'the micro-batch that there is',
      { batch: { microBatch: 32 } },
      'update',
      /micro-batch \(batch\.microBatch\) to 16, now 32/,
    ],
    [
      'the micro-batch of the largest batch where it grows',
      { batch: { growth: { type: 'milestones', factor: 4, milestones: [0.5] } } },
      'update',
      /to 128, now 512/,
    ],
    [
      'the micro-batch, and says what batch norm sees then',
      { network: { type: 'tinyCnn' } },
      'update',
      /in pieces, of which batch norm then sees one at a time,/,
    ],
    [
      'the micro-batch, which leaves small ghosts alone',
      { network: { type: 'tinyCnn' }, batch: { ghostSize: 32 } },
      'update',
      /in pieces, and needs less/,
    ],
    [
      'the batch size with simulated workers, in whole parts',
      { batchSize: 36, batch: { workers: { type: 'postLocal', workers: 6 } } },
      'update',
      /batch size \(batchSize\) to 18, now 36/,
    ],
    [
      'the batch size with dense layers of their own',
      { network: { type: 'lenet' }, batch: { denseBatch: 16 } },
      'update',
      /batch size \(batchSize\) to 64, now 128/,
    ],
    [
      'the evaluation batch',
      {},
      'evaluation',
      /evaluation batch \(engine\.evaluationBatch\) to 128, now 256: the scores stay/,
    ],
    [
      'the evaluation batch of a measurement, on the command line',
      { engine: { evaluationBatch: 40 } },
      'measurement',
      /to 20, now 40.*--set/,
    ],
    [
      'the network or the data where it could not even be set up',
      {},
      'start',
      /to 64.*fewer training images \(data\.trainingImages\)/,
    ],
  ]
  it.each(cases)('is %s', (_, input, work, expected) => {
    const config = configOf(input)
    const sentence = exhausted({ config, info, engine: gpu }, work, oom)
    expect(sentence).toMatch(expected)
    expect(sentence).toContain('The tensorflow engine ran out of memory')
    expect(sentence).toContain('CUDA_VISIBLE_DEVICES=-1')
    expect(sentence).not.toContain('  ')
    // What is advised can be done.
    for (const [, path = '', value = ''] of sentence.matchAll(/\((\w[\w.]+)\) to (\d+)/g)) {
      const [section, field] = path.split('.')
      const changed = parseConfig(
        field === undefined
          ? { ...config, [path]: Number(value) }
          : { ...config, [section ?? '']: { ...config[section as 'batch'], [field]: Number(value) } },
      )
      expect(changed.ok && contradictions(changed.value, info), path).toEqual([])
    }
  })

  it('is nothing of the batch where that is one image already', () => {
    expect(exhausted({ config: configOf({ batchSize: 1 }), info, engine: null }, 'update', oom)).not.toContain(
      'Set the',
    )
  })

  it('names the engine that has more memory than wasm', () => {
    expect(
      exhausted(
        { config: configOf({}), info, engine: { name: 'wasm', device: 'CPU' } },
        'update',
        'memory access out of bounds',
      ),
    ).toContain('The tensorflow engine (engine.backend) can use all memory of the machine')
  })

  it('is the number of threads where the system gives no more', () => {
    const sentence = exhausted(
      { config: configOf({ engine: { threads: 8 } }), info, engine: gpu },
      'start',
      'pthread_create() failed',
    )
    expect(sentence).toContain('Set the threads (engine.threads) to 4, now 8')
  })

  it('is the same where the system killed the trainer', () => {
    expect(
      killedForMemory(
        { config: configOf({}), info, engine: null },
        'the trainer process was killed (SIGKILL); the system does that when memory runs out',
      ),
    ).toMatch(/memory runs out\. Set the micro-batch \(batch\.microBatch\) to 64, now 128/)
  })
})

describe('making room', () => {
  const room: DiskSpace = {
    folder: '/runs/a/checkpoints',
    needed: 3 * 2 ** 20,
    free: 1024,
    cache: { folder: '/cache', bytes: 2 ** 30 },
    older: { count: 2, bytes: 6 * 2 ** 20 },
    trash: null,
  }

  it('says what is needed, what is free, where, and what may go', () => {
    const sentence = diskAdvice('ENOSPC', room)
    for (const part of [
      'takes 3.0 MiB',
      '1.0 KiB are free',
      '/runs/a/checkpoints',
      '/cache (1.0 GiB',
      '2 older checkpoints of this run (6.0 MiB)',
      'runs in the trash',
    ])
      expect(sentence).toContain(part)
  })

  it('counts every checkpoint, and names the runs in the trash where they are known', () => {
    const moment = { update: 5, epoch: 1, position: 0, examples: 5, seconds: 1 }
    const removed = {
      removedAt: '2026-01-01',
      checkpoints: [
        { name: 'last', kinds: [], moment, bytes: 2048, validation: null },
        { name: 'final', kinds: [], moment, bytes: 2048, validation: null },
      ],
    }
    const error = new FileError(
      '/lib/library.json',
      'ENOSPC',
      'Cannot save library.json: the disk is full (/lib/library.json)',
    )
    expect(unsaved(error, [removed, { ...removed, removedAt: null }], '/lib/cache')).toBe(
      `${error.message}. What may go: the packed data sets in /lib/cache (made anew when they are needed); the ` +
        'run in the trash, once deleted for good (4.0 KiB of checkpoints).',
    )
    expect(unsaved(new FileError('/x', 'EIO', 'Cannot save x'), [removed], '/lib/cache')).toBe('Cannot save x')
  })

  it.each([
    ['ENOSPC', 'out_of_disk'],
    ['EDQUOT', 'out_of_disk'],
    ['EFBIG', 'out_of_disk'],
    ['EROFS', undefined],
    ['EIO', undefined],
  ] as const)('takes %s for %s', (code, shortage) => {
    expect(shortageOf(code)).toBe(shortage)
  })

  it.each([
    ['EDQUOT', 'quota raised'],
    ['EFBIG', 'ulimit -f'],
    ['EROFS', 'for writing'],
    ['EACCES', 'Allow this user'],
    ['EMFILE', 'ulimit -n'],
    ['EIO', 'may be failing'],
    ['ENODEV', 'Bring /runs/a/checkpoints back'],
    ['EWHAT', 'mended'],
  ])('says of %s what helps', (code, expected) => {
    const sentence = diskAdvice(code, { ...room, free: null, cache: null, older: { count: 0, bytes: 0 } })
    expect(sentence).toContain(expected)
    expect(sentence).not.toContain('null')
  })
})
