import type { z } from 'zod'
import type { ScheduleConfig } from '../../../core/schedules/all'

export type Input = z.input<typeof ScheduleConfig>

export const step2 = { type: 'step', factor: 0.5, every: 2 } as const

/** Ten epochs of 100 updates from 0.1; [update, rate] pairs worked out by hand from each part's formula. */
export const rows: readonly {
  readonly name: string
  readonly config: Input
  readonly rates: readonly (readonly [number, number])[]
}[] = [
  {
    name: 'join by default: constant, then half a cosine over the rest',
    config: { type: 'join' },
    rates: [
      [0, 0.1],
      [499, 0.1],
      [500, 0.1],
      [750, 0.05],
      [999, 0.05 * (1 + Math.cos((Math.PI * 499) / 500))],
    ],
  },
  {
    name: 'a step that counts its epochs from its own start',
    config: { type: 'join', parts: [{ schedule: { type: 'constant' }, length: 3 }, { schedule: step2 }] },
    rates: [
      [299, 0.1],
      [300, 0.1],
      [499, 0.1],
      [500, 0.05],
      [700, 0.025],
      [999, 0.0125],
    ],
  },
  {
    name: 'milestones as fractions of their part',
    config: {
      type: 'join',
      parts: [
        { schedule: { type: 'multiStep', milestones: [0.5] }, length: 400, unit: 'updates' },
        { schedule: { type: 'multiStep', milestones: [0.5] }, length: 0.6, unit: 'fraction' },
      ],
    },
    rates: [
      [199, 0.1],
      [200, 0.01],
      [399, 0.01],
      [400, 0.1],
      [699, 0.1],
      [700, 0.01],
    ],
  },
  {
    name: 'a last part that is over before the run',
    config: {
      type: 'join',
      parts: [
        { schedule: { type: 'polynomial', minimum: 0.02 }, length: 2 },
        { schedule: { type: 'cosine' }, length: 4 },
      ],
    },
    rates: [
      [100, 0.06],
      [200, 0.1],
      [400, 0.05],
      [599, 0.05 * (1 + Math.cos((Math.PI * 399) / 400))],
      [600, 0.05 * (1 + Math.cos((Math.PI * 399) / 400))],
      [999, 0.05 * (1 + Math.cos((Math.PI * 399) / 400))],
    ],
  },
  {
    name: 'a part that ends inside an update and has that one too',
    config: {
      type: 'join',
      parts: [
        { schedule: { type: 'constant' }, length: 2.5, unit: 'updates' },
        { schedule: { type: 'polynomial' }, length: 4.5, unit: 'updates' },
        { schedule: { type: 'scale', factor: 2, schedule: { type: 'constant' } } },
      ],
    },
    rates: [
      [2, 0.1],
      [3, 0.1],
      [4, 0.075],
      [6, 0.025],
      [7, 0.2],
      [999, 0.2],
    ],
  },
  {
    name: 'scale',
    config: { type: 'scale', factor: 3, schedule: { type: 'cosine', minimum: 0.01 } },
    rates: [
      [0, 0.3],
      [500, 0.165],
      [1000, 0.03],
    ],
  },
  {
    name: 'stretch to twice the length',
    config: { type: 'stretch', factor: 2, schedule: { type: 'cosine' } },
    rates: [
      [0, 0.1],
      [500, 0.05 * (1 + Math.cos(Math.PI / 4))],
      [999, 0.05 * (1 + Math.cos(0.4995 * Math.PI))],
    ],
  },
  {
    name: 'stretch of drops',
    config: { type: 'stretch', factor: 1.5, schedule: step2 },
    rates: [
      [299, 0.1],
      [300, 0.05],
      [600, 0.025],
      [900, 0.0125],
    ],
  },
  {
    name: 'stretch to half the length, whose last rate is held',
    config: { type: 'stretch', factor: 0.5, schedule: { type: 'polynomial', minimum: 0.02 } },
    rates: [
      [0, 0.1],
      [250, 0.06],
      [499, 0.02 + 0.08 * 0.002],
      [500, 0.02 + 0.08 * 0.001],
      [999, 0.02 + 0.08 * 0.001],
    ],
  },
  {
    name: 'a stretched join of scaled parts',
    config: {
      type: 'join',
      parts: [
        { schedule: { type: 'scale', factor: 0.5, schedule: { type: 'constant' } }, length: 4 },
        { schedule: { type: 'stretch', factor: 2, schedule: { type: 'polynomial' } } },
      ],
    },
    rates: [
      [0, 0.05],
      [399, 0.05],
      [400, 0.1],
      [700, 0.075],
      [999, 0.1 * (1 - 599 / 1200)],
    ],
  },
  {
    name: 'a scaled and stretched table of absolute rates',
    config: {
      type: 'scale',
      factor: 0.5,
      schedule: {
        type: 'stretch',
        factor: 2,
        schedule: {
          type: 'points',
          points: [
            { at: 0, value: 0.4 },
            { at: 100, value: 0 },
          ],
        },
      },
    },
    rates: [
      [0, 0.2],
      [100, 0.1],
      [200, 0],
      [999, 0],
    ],
  },
]
