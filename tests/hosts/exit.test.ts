import { describe, expect, it, vi } from 'vitest'

vi.mock('electron', () => ({ app: {}, utilityProcess: {} }))
const { exitOf } = await import('../../main/hosts/utilityHost')

describe.skipIf(process.platform === 'win32')('exitOf', () => {
  it('believes the news of the process being gone more than its exit code', () => {
    expect(exitOf(0, { reason: 'killed', exitCode: 9 }, false)).toMatchObject({
      code: null,
      signal: 'SIGKILL',
      description: expect.stringContaining('memory'),
    })
    expect(exitOf(11, { reason: 'crashed', exitCode: 11 }, false)).toEqual({
      code: null,
      signal: 'SIGSEGV',
      description: 'the trainer process crashed (SIGSEGV)',
    })
    expect(exitOf(6, { reason: 'crashed', exitCode: 6 }, false).signal).toBe('SIGABRT')
  })

  it('tells a lack of memory from other ends, by the signal or by what was printed last', () => {
    expect(exitOf(0, { reason: 'killed', exitCode: 9 }, false).shortage).toBe('killed_for_memory')
    expect(exitOf(1, { reason: 'oom', exitCode: 1 }, false).shortage).toBe('killed_for_memory')
    expect(exitOf(0, { reason: 'killed', exitCode: 15 }, false)).not.toHaveProperty('shortage')
    const heap =
      '<--- Last few GCs --->\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n'
    expect(exitOf(6, { reason: 'crashed', exitCode: 6 }, false, heap)).toMatchObject({
      signal: 'SIGABRT',
      shortage: 'resource_exhausted',
      description: 'the trainer process crashed (SIGABRT) because it ran out of memory',
    })
    expect(
      exitOf(
        6,
        { reason: 'crashed', exitCode: 6 },
        false,
        "terminate called after throwing an instance of 'std::bad_alloc'",
      ).shortage,
    ).toBe('resource_exhausted')
    expect(
      exitOf(
        6,
        { reason: 'crashed', exitCode: 6 },
        false,
        'Check failed: ret == 0 Thread tf_ creation via pthread_create() failed.',
      ).description,
    ).toContain('ran out of threads')
    expect(exitOf(11, { reason: 'crashed', exitCode: 11 }, false, 'a warning')).not.toHaveProperty('shortage')
  })

  it('blames no lack of memory for an end that was asked for', () => {
    expect(exitOf(0, { reason: 'killed', exitCode: 9 }, true)).toEqual({
      code: null,
      signal: 'SIGKILL',
      description: 'the trainer process was ended by force',
    })
    expect(exitOf(11, { reason: 'crashed', exitCode: 11 }, true).signal).toBe('SIGSEGV')
  })

  it('says the code where there is no signal', () => {
    expect(exitOf(3, null, false)).toEqual({
      code: 3,
      signal: null,
      description: 'the trainer process ended with code 3',
    })
    expect(exitOf(1, { reason: 'abnormal-exit', exitCode: 1 }, false)).toEqual({
      code: 1,
      signal: null,
      description: 'the trainer process ended with code 1',
    })
    expect(exitOf(1, { reason: 'oom', exitCode: 1 }, false).description).toContain('out of memory')
    expect(exitOf(1, { reason: 'launch-failed', exitCode: 1002 }, false).description).toBe(
      'the trainer process could not be started (code 1002)',
    )
  })
})
