import type { PlanSamples } from '../../core/job'
import { examplesAt, phaseAt } from '../../core/plan/phases'
import type { Plan } from '../../core/plan/plan'
import type { XAxis } from '../charts/columns'
import type { ChartTheme } from '../charts/chartTheme'
import { baseAxis, baseLayout } from '../charts/chartTheme'
import type { Drawing } from '../charts/plotly'

export type PlanKind = 'learningRate' | 'batchSize' | 'noiseScale' | 'momentum'
export type PlanAxis = Exclude<XAxis, 'seconds'>

const titles: Readonly<Record<PlanKind, readonly [name: string, axis: string, format: string]>> = {
  learningRate: ['Learning rate', 'η', '.5~g'],
  batchSize: ['Batch size', 'images', 'd'],
  noiseScale: ['Noise scale', 'ηN/(B(1−μ))', '.4~g'],
  momentum: ['Momentum', 'μ', '.4~f'],
}
const axisNames: Readonly<Record<PlanAxis, string>> = { update: 'updates', epoch: 'epochs', examples: 'examples seen' }

export const planChartName = (kind: PlanKind): string => titles[kind][0]

/**
 * The samples of full batches: the small last one of each epoch has a noise scale of its own, and thinned samples meet
 * it by chance.
 */
export function ofFullBatches({ phases }: Plan, samples: PlanSamples): PlanSamples {
  const full = samples.update.map((update, index) => samples.batchSize[index] === phaseAt(phases, update).batchSize)
  const kept = (column: readonly number[]): readonly number[] => column.filter((_, index) => full[index])
  return {
    update: kept(samples.update),
    learningRate: kept(samples.learningRate),
    momentum: kept(samples.momentum),
    batchSize: kept(samples.batchSize),
    noiseScale: kept(samples.noiseScale),
  }
}

/** Where planned updates stand on an x axis. */
export function planColumn(plan: Plan, updates: readonly number[], axis: PlanAxis): readonly number[] {
  switch (axis) {
    case 'update':
      return updates
    case 'epoch':
      return updates.map(plan.clock.epochAt)
    case 'examples':
      return updates.map((update) => examplesAt(plan.phases, update))
  }
}

/** A planned value over the run, exactly as the training will use it. */
export function drawPlan(
  plan: Plan,
  samples: PlanSamples,
  {
    kind,
    axis,
    theme,
    colour,
    logY,
  }: {
    readonly kind: PlanKind
    readonly axis: PlanAxis
    readonly theme: ChartTheme
    readonly colour: string
    readonly logY: boolean
  },
): Drawing {
  const [name, unit, format] = titles[kind]
  const values = samples[kind]
  return {
    points: plan.updates,
    drawn: values.length,
    traces: [
      {
        type: 'scatter',
        mode: 'lines',
        name,
        x: planColumn(plan, samples.update, axis),
        y: values,
        showlegend: false,
        line: { color: colour, width: 1.75, simplify: false, shape: kind === 'batchSize' ? 'hv' : 'linear' },
        hovertemplate: `<b>%{y:${format}}</b> at %{x:.5~g} ${axisNames[axis]}<extra></extra>`,
      },
    ],
    layout: {
      ...baseLayout(theme, { l: 56, r: 14, t: 6, b: 34 }),
      uirevision: `${kind} ${axis} ${logY}`,
      showlegend: false,
      xaxis: { ...baseAxis(theme), title: { text: axisNames[axis], standoff: 4 }, type: 'linear', autorange: true },
      yaxis: {
        ...baseAxis(theme),
        title: { text: unit, standoff: 4 },
        type: logY ? 'log' : 'linear',
        autorange: true,
        rangemode: 'tozero',
        nticks: 5,
      },
    },
  }
}
