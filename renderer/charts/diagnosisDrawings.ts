import type { Diagnosis } from '../../core/events'
import { plannedNoiseScales } from '../../core/noise'
import type { TracedRun } from '../../core/run'
import { faded } from './colours'
import type { XAxis } from './columns'
import { xColumn } from './columns'
import type { ChartTheme } from './chartTheme'
import { baseAxis, baseLayout } from './chartTheme'
import type { Drawing, LineTrace } from './plotly'
import { plainLabel } from './plotly'
import { timeUnit } from './timeUnit'

export type DiagnosisKind = 'updateRatio' | 'gradientNoise'

/** A chart's heading and its file's name. */
export const diagnosisName: Readonly<Record<DiagnosisKind, string>> = {
  updateRatio: 'Update to weight',
  gradientNoise: 'Gradient noise scale',
}

const axisTitles: Readonly<Record<XAxis, string>> = {
  update: 'updates',
  epoch: 'epochs',
  examples: 'examples seen',
  seconds: 'training time',
}
const yTitles: Readonly<Record<DiagnosisKind, string>> = { updateRatio: '‖Δw‖/‖w‖', gradientNoise: 'images' }

// A single estimate says next to nothing: about the last ten count.
const keptOfNoise = 0.9

/** One line of measurements; null where nothing finite was measured, or where |G|² is not above 0 yet. */
export interface MeasuredLine {
  readonly name: string
  readonly values: readonly (number | null)[]
}

/** What was measured, as lines: a ratio for each layer, or the noise scale with the batch size beside it. */
export function measuredLines(
  kind: DiagnosisKind,
  diagnoses: readonly Diagnosis[],
  batchSizes: readonly (number | null)[],
): readonly MeasuredLine[] {
  if (kind === 'gradientNoise') {
    const moments = diagnoses.map(({ gradient }) =>
      gradient === null || gradient.spread === null || gradient.squaredNorm === null
        ? null
        : { spread: gradient.spread, squaredNorm: gradient.squaredNorm },
    )
    return [
      { name: 'S/|G|², averaged', values: plannedNoiseScales(moments, keptOfNoise) },
      { name: 'batch size', values: batchSizes },
    ]
  }
  const layers = [...new Set(diagnoses.flatMap(({ ratios }) => Object.keys(ratios ?? {})))]
  return layers.map((name) => ({ name, values: diagnoses.map(({ ratios }) => ratios?.[name] ?? null) }))
}

/**
 * The measurements whose updates are in the trace, with their places in it: a measurement may arrive before the points
 * around it.
 */
export function placed({
  trace,
  diagnoses = [],
}: TracedRun): readonly { readonly diagnosis: Diagnosis; readonly at: number }[] {
  let at = 0
  return diagnoses.flatMap((diagnosis) => {
    while (at < trace.update.length && (trace.update[at] ?? 0) < diagnosis.update) at++
    return trace.update[at] === diagnosis.update ? [{ diagnosis, at }] : []
  })
}

interface Options {
  readonly kind: DiagnosisKind
  readonly xAxis: XAxis
  readonly logX: boolean
  readonly colour: string
  readonly theme: ChartTheme
  readonly legend: boolean
}

/** A chart of what was measured now and then while a run trained. */
export function drawDiagnoses(traced: TracedRun, { kind, xAxis, logX, colour, theme: ink, legend }: Options): Drawing {
  const points = placed(traced)
  const unit = xAxis === 'seconds' ? timeUnit(traced.trace.seconds.at(-1) ?? 0) : { divisor: 1, name: '' }
  const column = xColumn(traced, xAxis)
  const x = points.map(({ at }) => (column[at] ?? 0) / unit.divisor)
  const lines = measuredLines(
    kind,
    points.map(({ diagnosis }) => diagnosis),
    points.map(({ at }) => traced.trace.batchSize[at] ?? null),
  )
  const traces = lines.map(({ name, values }, index): LineTrace => {
    const isReference = kind === 'gradientNoise' && index === 1
    // Layers go from pale to full, from the images to the classes.
    const shade = kind === 'updateRatio' ? faded(colour, 0.3 + (0.7 * (index + 1)) / lines.length) : colour
    return {
      type: 'scatter',
      mode: x.length < 30 && !isReference ? 'lines+markers' : 'lines',
      name: plainLabel(name),
      x,
      y: values,
      showlegend: true,
      line: {
        color: isReference ? ink.text : shade,
        width: isReference ? 1 : 1.5,
        dash: isReference ? 'dot' : 'solid',
        shape: isReference ? 'hv' : 'linear',
      },
      hovertemplate:
        `${plainLabel(name)}<br><b>%{y:.3~g}</b> at %{x:.5~g} ` +
        `${xAxis === 'seconds' ? unit.name : axisTitles[xAxis]}<extra></extra>`,
    }
  })
  const xTitle = unit.name === '' ? axisTitles[xAxis] : `${axisTitles[xAxis]} (${unit.name})`
  return {
    traces,
    points: x.length * lines.length,
    drawn: x.length * lines.length,
    layout: {
      ...baseLayout(ink, { l: 56, r: 14, t: legend ? 34 : 8, b: 36 }),
      uirevision: `${kind} ${xAxis} ${unit.name} ${logX}`,
      showlegend: legend,
      legend: { orientation: 'h', x: 0, y: 1, yanchor: 'bottom', font: { size: 11 } },
      xaxis: { ...baseAxis(ink), title: { text: xTitle, standoff: 6 }, type: logX ? 'log' : 'linear', autorange: true },
      // Both are told by their order of magnitude.
      yaxis: {
        ...baseAxis(ink),
        title: { text: yTitles[kind], standoff: 6 },
        type: 'log',
        autorange: true,
        ...(kind === 'updateRatio' ? { dtick: 'D2', tickformat: '.0e' } : { tickformat: '~s' }),
      },
    },
  }
}
