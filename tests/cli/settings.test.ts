import { describe, expect, it } from 'vitest'
import { configFields, leafPaths, valueAt, withValue } from '../../core/fields'
import { configReference } from '../../main/cli/configReference'
import { withSettings } from '../../main/cli/configInput'
import { configOf } from '../support/planInfo'

const join = [
  'learningRate.schedule.type=join',
  'learningRate.schedule.parts=[{"schedule":{"type":"constant"},"length":2},{"schedule":{"type":"scale"},"length":3},{"schedule":{"type":"cosine"}}]',
]

describe('--set', () => {
  it('reaches into the entries of a list', () => {
    const { schedule } = withSettings(configOf({}), [
      ...join,
      'learningRate.schedule.parts.1.length=7',
      'learningRate.schedule.parts.1.schedule.schedule.type=step',
      'learningRate.schedule.parts.1.schedule.schedule.every=4',
      'learningRate.schedule.parts.2.schedule.minimum=0.01',
    ]).learningRate
    expect(valueAt(schedule, 'parts.0')).toMatchObject({ schedule: { type: 'constant' }, length: 2, unit: 'epochs' })
    expect(valueAt(schedule, 'parts.1')).toMatchObject({
      schedule: { type: 'scale', schedule: { type: 'step', every: 4 } },
      length: 7,
    })
    expect(valueAt(schedule, 'parts.2.schedule.minimum')).toBe(0.01)
  })

  it('changes kinds before what belongs to them, whatever the order', () => {
    const settings = [
      'learningRate.schedule.schedule.every=4',
      'learningRate.schedule.schedule.type=step',
      'learningRate.schedule.factor=3',
      'learningRate.schedule.type=scale',
    ]
    expect(withSettings(configOf({}), settings).learningRate.schedule).toEqual({
      type: 'scale',
      factor: 3,
      schedule: { type: 'step', factor: 0.1, every: 4 },
    })
  })

  it('changes one point of a table and leaves the others', () => {
    const { schedule } = withSettings(configOf({}), [
      'learningRate.schedule.type=points',
      'learningRate.schedule.points=[{"at":0,"value":1},{"at":5,"value":2}]',
      'learningRate.schedule.points.1.value=0.5',
    ]).learningRate
    expect(valueAt(schedule, 'points')).toEqual([
      { at: 0, value: 1 },
      { at: 5, value: 0.5 },
    ])
  })

  it('reads numbers as the window does', () => {
    const config = withSettings(configOf({}), [
      'epochs=1,000',
      'learningRate.base=0,05',
      'data.validationFraction=25 %',
      'batch.ghostSize=null',
      'network.type=mlp',
      'network.hidden=64, 32',
      'seed=1 234',
    ])
    expect([
      config.epochs,
      config.learningRate.base,
      config.data.validationFraction,
      valueAt(config, 'network.hidden'),
      config.seed,
    ]).toEqual([1000, 0.05, 0.25, [64, 32], 1234])
  })

  it.each([
    ['a thousands point', ['epochs=1.000'], '--set epochs must be written in one way only: “1.000” can mean 1000 or 1'],
    [
      'a comma that may be either',
      ['learningRate.base=1,000'],
      '--set learningRate.base must be written in one way only: “1,000” can mean 1000 or 1',
    ],
    [
      'a list that may be one number',
      ['network.type=mlp', 'network.hidden=1,000'],
      '--set network.hidden must be written in one way only: “1,000” can mean 1 and 0, or 1000',
    ],
    [
      'an entry beyond the end',
      [...join, 'learningRate.schedule.parts.3.length=1'],
      /there is no entry 3 in learningRate\.schedule\.parts/,
    ],
    ['a huge entry', [...join, 'learningRate.schedule.parts.4000000000.length=1'], /there is no entry/],
    [
      'an entry of what is no list',
      ['learningRate.schedule.parts.0.length=1'],
      /there is no entry 0 in learningRate\.schedule\.parts/,
    ],
    [
      'a setting that entries do not have',
      [...join, 'learningRate.schedule.parts.0.lenght=1'],
      /there is no such setting; did you mean learningRate\.schedule\.parts\.0\.length/,
    ],
    [
      'a third level',
      [...join, 'learningRate.schedule.parts.1.schedule.schedule.type=join'],
      /learningRate\.schedule\.parts\.1\.schedule\.schedule/,
    ],
  ])('refuses %s', (_, settings, message) => {
    expect(() => withSettings(configOf({}), settings)).toThrow(message)
  })
})

describe('fields of a list', () => {
  it('are no leaves of their own, and stand in the reference', () => {
    expect(leafPaths(configFields()).filter((path) => path.includes('.0.'))).toEqual([])
    expect(configReference()).toContain('| `learningRate.schedule.parts.0.length` |')
    expect(configReference().match(/### `learningRate\.schedule\.parts\.0\.schedule\.type`/g)?.length).toBe(1)
  })

  it('change in a copy', () => {
    const config = { parts: [{ length: 1 }, { length: 2 }] }
    expect(withValue(config, 'parts.1.length', 3)).toEqual({ parts: [{ length: 1 }, { length: 3 }] })
    expect(withValue(config, 'parts.2.length', 3)).toEqual(config)
    expect(config.parts[1]?.length).toBe(2)
  })
})
