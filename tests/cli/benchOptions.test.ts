import { describe, expect, it } from 'vitest'
import { casesOf, estimatedSeconds, waysOf } from '../../bench/cases'
import { benchOptions, type BenchArguments } from '../../main/cli/benchOptions'

const nothing: BenchArguments = {
  network: undefined,
  batch: undefined,
  engine: undefined,
  mode: undefined,
  what: undefined,
  threads: undefined,
  rounds: undefined,
  seconds: undefined,
  updates: undefined,
  all: false,
  app: false,
}
const read = (given: Partial<BenchArguments>): ReturnType<typeof benchOptions> => benchOptions({ ...nothing, ...given })

describe('the options of bench', () => {
  it('mean a quick table when there are none, and everything with --all', () => {
    expect(read({})).toMatchObject({
      networks: ['conv4', 'resnet8'],
      engines: ['tensorflow'],
      modes: ['captured', 'eager'],
      what: ['step'],
      updates: null,
      isQuick: true,
    })
    expect(read({ all: true })).toMatchObject({
      networks: ['conv4', 'resnet8', 'resnet20'],
      batchSizes: [2, 8, 32, 128, 512, 1024],
      engines: ['tensorflow', 'wasm'],
      what: ['step', 'input', 'events', 'store', 'memory', 'capture', 'start', 'window'],
      isQuick: false,
    })
  })

  it('take lists, each thing once', () => {
    expect(
      read({
        network: 'resnet8, conv4,resnet8',
        batch: '8,2,8',
        engine: 'wasm,cpu',
        mode: 'eager',
        threads: '1',
        rounds: '4',
        seconds: '0.25',
        updates: '20',
      }),
    ).toMatchObject({
      networks: ['resnet8', 'conv4'],
      batchSizes: [8, 2],
      engines: ['wasm', 'cpu'],
      modes: ['eager'],
      threads: 1,
      rounds: 4,
      seconds: 0.25,
      updates: 20,
      isQuick: false,
    })
  })

  it('add the window with --app, and only it where nothing else is named', () => {
    expect(read({ app: true }).what).toEqual(['start', 'window'])
    expect(read({ app: true, what: 'store,step' }).what).toEqual(['step', 'store', 'start', 'window'])
  })

  it.each<[Partial<BenchArguments>, string]>([
    [{ network: 'resnet9' }, '--network resnet9: expected conv4, resnet8, resnet20; did you mean “resnet8”?'],
    [{ engine: 'x' }, '--engine x: expected tensorflow, wasm, cpu'],
    [{ mode: ',' }, '--mode names nothing; expected some of captured, bfloat16, eager'],
    [{ engine: 'wasm', mode: 'captured' }, '--mode captured: only the engine tensorflow captures updates, found wasm'],
    [{ batch: '2,0' }, '--batch must be a whole number of at least 1, found “0”'],
    [{ batch: '' }, '--batch names nothing; expected whole numbers such as 2,32,128'],
    [{ batch: '100000' }, '--batch can be at most 65536, found 100000'],
    [{ seconds: '0' }, '--seconds must be a number of seconds above 0 and at most 600, found “0”'],
    [{ seconds: 'soon' }, '--seconds must be a number of seconds above 0 and at most 600, found “soon”'],
    [{ threads: '1.5' }, '--threads must be a whole number of at least 1, found “1.5”'],
    [
      { what: 'steps' },
      '--what steps: expected step, input, events, store, memory, capture, start, window; did you mean “step”?',
    ],
  ])('are refused with a sentence: %o', (given, sentence) => {
    expect(() => read(given)).toThrow(sentence)
  })
})

describe('the cases', () => {
  it('are networks × batch sizes, small batches first', () => {
    expect(casesOf(['resnet8', 'conv4'], [32, 2])).toEqual([
      { network: 'resnet8', batchSize: 2 },
      { network: 'resnet8', batchSize: 32 },
      { network: 'conv4', batchSize: 2 },
      { network: 'conv4', batchSize: 32 },
    ])
  })

  it('have a captured contestant only where the engine can capture', () => {
    expect(waysOf(['wasm', 'tensorflow'], ['captured', 'eager'])).toEqual([
      { engine: 'wasm', mode: 'eager' },
      { engine: 'tensorflow', mode: 'captured' },
      { engine: 'tensorflow', mode: 'eager' },
    ])
    expect(waysOf(['wasm'], ['captured'])).toEqual([])
  })

  it('are estimated to take longer with more rounds, larger batches and more contestants', () => {
    const few = { ways: waysOf(['tensorflow'], ['captured']), pytorch: false, threads: 2, rounds: 3, seconds: 0.5 }
    const seconds = estimatedSeconds({ network: 'conv4', batchSize: 2 }, few)
    expect(estimatedSeconds({ network: 'conv4', batchSize: 2 }, { ...few, rounds: 9 })).toBeCloseTo(seconds + 3, 1)
    expect(estimatedSeconds({ network: 'resnet20', batchSize: 1024 }, few)).toBeGreaterThan(seconds)
    expect(estimatedSeconds({ network: 'conv4', batchSize: 2 }, { ...few, pytorch: true })).toBeGreaterThan(seconds)
  })
})
