import { describe, expect, it } from 'vitest'
import { ScheduleConfig } from '../../../core/schedules/all'

describe('the schedule in a config', () => {
  const messageOf = (input: unknown): string | undefined => ScheduleConfig.safeParse(input).error?.issues[0]?.message

  it('refuses milestones beyond 1 that are fractions', () => {
    expect(messageOf({ type: 'multiStep', milestones: [0.5, 30] })).toBe(
      'must be between 0 and 1 as fractions, found 30; choose epochs or updates for larger numbers',
    )
    expect(messageOf({ type: 'multiStep', milestones: [30], unit: 'epochs' })).toBeUndefined()
  })

  it('refuses points that are out of order or beyond the run', () => {
    expect(
      messageOf({
        type: 'points',
        points: [
          { at: 2, value: 1 },
          { at: 2, value: 0 },
        ],
      }),
    ).toMatch(/^must be in increasing order of position/)
    expect(messageOf({ type: 'points', unit: 'fraction', points: [{ at: 2, value: 1 }] })).toMatch(
      /^must have positions between 0 and 1/,
    )
  })

  it('refuses three phases that would be longer than the run', () => {
    expect(messageOf({ type: 'oneCycle', phases: 'three', riseFraction: 0.6 })).toMatch(/^must be at most 0.5/)
  })

  it('refuses unknown settings, unknown types and numbers that are not finite', () => {
    for (const input of [
      { type: 'cosine', gamma: 1 },
      { type: 'cosin' },
      { type: 'step', factor: NaN },
      { type: 'cyclic', period: Infinity },
      { type: 'points', points: [] },
    ]) {
      expect(ScheduleConfig.safeParse(input).success, JSON.stringify(input)).toBe(false)
    }
  })

  it('has a label and help on every kind and every setting', () => {
    for (const option of ScheduleConfig.options) {
      expect(option.meta(), option.shape.type.value).toMatchObject({
        label: expect.any(String),
        help: expect.any(String),
      })
      for (const [key, field] of Object.entries(option.shape)) {
        if (key !== 'type')
          expect(field.meta(), `${option.shape.type.value}.${key}`).toMatchObject({
            label: expect.any(String),
            help: expect.any(String),
          })
      }
    }
  })
})
