import { describe, expect, it } from 'vitest'
import { combinations, gridFrom, gridProblem } from '../../core/sweep'

describe('a grid', () => {
  it.each<[string, readonly string[]]>([
    ['batchSize=32,128, 512', ['batchSize=32', 'batchSize=128', 'batchSize=512']],
    ['network.hidden=[64, 32],[16]', ['network.hidden=[64, 32]', 'network.hidden=[16]']],
    ['name="a,b",c', ['name="a,b"', 'name=c']],
    [
      'learningRate.schedule={"type":"step","every":3},{"type":"constant"}',
      ['learningRate.schedule={"type":"step","every":3}', 'learningRate.schedule={"type":"constant"}'],
    ],
    ['batchSize=32', ['batchSize=32']],
    ['batchSize=', []],
    ['batchSize', []],
    ['=3', []],
  ])('%s has the settings %j', (text, settings) => {
    expect(gridFrom(text)).toEqual(settings)
  })
})

describe('the values of a grid', () => {
  it.each(['batchSize=1,000,2,000', 'batchSize=512,1,024', 'learningRate.base=0,1,0,05', 'learningRate.base=0,1,0,2'])(
    '%s are refused, for a comma made two of a number',
    (text) => {
      expect(gridProblem(gridFrom(text))).toMatch(/comma/)
    },
  )

  it.each([
    'batchSize=32,128,512',
    'learningRate.base=0.1,0.05',
    'learningRate.base=0,0.5',
    'network.hidden=[64,64],[64]',
  ])('%s are what they seem', (text) => {
    expect(gridProblem(gridFrom(text))).toBeNull()
  })
})

describe('combinations', () => {
  it('let the last grid vary fastest', () => {
    expect(
      combinations([
        ['a=1', 'a=2'],
        ['b=1', 'b=2', 'b=3'],
      ]),
    ).toEqual([
      ['a=1', 'b=1'],
      ['a=1', 'b=2'],
      ['a=1', 'b=3'],
      ['a=2', 'b=1'],
      ['a=2', 'b=2'],
      ['a=2', 'b=3'],
    ])
  })

  it('are one without grids', () => {
    expect(combinations([])).toEqual([[]])
  })
})
