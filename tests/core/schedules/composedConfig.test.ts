import { describe, expect, it } from 'vitest'
import { ScheduleConfig, schedulesIn } from '../../../core/schedules/all'
import { configOf, planOf } from '../../support/planInfo'
import { type Input } from './composedRows'

describe('the config of a composed schedule', () => {
  const issueOf = (input: unknown) => {
    const issue = ScheduleConfig.safeParse(input).error?.issues[0]
    return issue === undefined ? undefined : `${issue.path.join('.')}: ${issue.message}`
  }

  it('refuses a part without a length before the last', () => {
    expect(
      issueOf({ type: 'join', parts: [{ schedule: { type: 'constant' } }, { schedule: { type: 'cosine' } }] }),
    ).toBe('parts.0.length: must be given for every part but the last')
  })

  it('holds two levels, and neither three nor a plateau', () => {
    const once = { type: 'scale', schedule: { type: 'cosine' } }
    const twice = { type: 'stretch', schedule: once }
    expect(issueOf(twice)).toBeUndefined()
    expect(issueOf({ type: 'join', parts: [{ schedule: once }] })).toBeUndefined()
    expect(issueOf({ type: 'join', parts: [{ schedule: twice }] })).toMatch(/^parts\.0\.schedule\.schedule/)
    expect(issueOf({ type: 'scale', schedule: { type: 'plateau' } })).toMatch(/^schedule/)
  })

  it('names a mistake inside a part by its place', () => {
    expect(
      issueOf({
        type: 'join',
        parts: [{ schedule: { type: 'constant' }, length: 1 }, { schedule: { type: 'multiStep', milestones: [30] } }],
      }),
    ).toMatch(/^parts\.1\.schedule\.milestones: must be between 0 and 1/)
    expect(issueOf({ type: 'join', parts: [] })).toMatch(/^parts: /)
  })

  it('lists what it is made of', () => {
    const config = configOf({
      learningRate: {
        schedule: {
          type: 'join',
          parts: [
            { schedule: { type: 'scale', schedule: { type: 'step' } }, length: 1 },
            { schedule: { type: 'cosine' } },
          ],
        },
      },
    })
    expect(schedulesIn(config.learningRate.schedule).map(({ type }) => type)).toEqual([
      'join',
      'scale',
      'step',
      'cosine',
    ])
  })

  it('warns of parts that never come', () => {
    const schedule: Input = {
      type: 'join',
      parts: [{ schedule: { type: 'constant' }, length: 20 }, { schedule: { type: 'cosine' } }],
    }
    expect(planOf({ epochs: 20, learningRate: { schedule } }, 5120).warnings).toEqual([
      {
        path: 'learningRate.schedule.parts',
        message: 'has 1 part that begins at or beyond the end of the run at update 800',
      },
    ])
    expect(planOf({ epochs: 21, learningRate: { schedule } }, 5120).warnings).toEqual([])
  })
})
