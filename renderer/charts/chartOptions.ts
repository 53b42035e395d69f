import { create } from 'zustand'
import type { ChartKind } from './columns'

/** How the charts of runs are looked at in this session; smoothing and the x axis are settings and outlive it. */
export interface ChartPreferences {
  readonly train: boolean
  readonly validation: boolean
  readonly logX: boolean
  /** The distance from the initial weights over the logarithm of updates. */
  readonly logTime: boolean
  readonly logY: Readonly<Partial<Record<ChartKind, boolean>>>
}

export const useChartPreferences = create<ChartPreferences>()(() => ({
  train: true,
  validation: true,
  logX: false,
  logTime: true,
  logY: {},
}))
