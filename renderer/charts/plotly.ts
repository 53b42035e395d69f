/** A line or a set of markers, as plotly takes it: columns, not rows. */
export interface LineTrace {
  readonly type: 'scatter'
  /** `none` draws nothing and answers a pointer. */
  readonly mode: 'lines' | 'markers' | 'lines+markers' | 'none'
  readonly name: string
  readonly x: readonly number[]
  readonly y: readonly (number | null)[]
  readonly line?: {
    readonly color: string
    readonly width: number
    readonly dash?: string
    readonly simplify?: boolean
    readonly shape?: 'linear' | 'hv'
  }
  readonly marker?: {
    readonly color: string | readonly string[]
    readonly size: number
    readonly symbol?: string
    readonly line?: { readonly color: string; readonly width: number }
  }
  readonly hoverinfo?: 'skip'
  readonly hovertemplate?: string
  /** Names of the points, where a line is that of several runs. */
  readonly text?: readonly string[]
  readonly showlegend: boolean
  readonly legendgroup?: string
  /** Lies behind everything else; plotly knows nothing of it. */
  readonly behind?: true
}

/** A matrix as colours. */
interface HeatmapTrace {
  readonly type: 'heatmap'
  readonly x: readonly string[]
  readonly y: readonly string[]
  readonly z: readonly (readonly (number | null)[])[]
  readonly colorscale: readonly (readonly [number, string])[]
  readonly zmin: number
  readonly zmax: number
  readonly showscale: boolean
  readonly text?: readonly (readonly string[])[]
  readonly texttemplate?: string
  readonly textfont?: Readonly<Record<string, unknown>>
  readonly hovertemplate: string
  readonly xgap: number
  readonly ygap: number
}

export type Trace = LineTrace | HeatmapTrace

export interface Axis {
  readonly title?: { readonly text: string; readonly standoff?: number }
  readonly type?: 'linear' | 'log' | 'category'
  readonly range?: readonly [number, number]
  readonly autorange?: boolean | 'reversed'
  readonly rangemode?: 'tozero' | 'normal'
  readonly [key: string]: unknown
}

interface Layout {
  readonly xaxis: Axis
  readonly yaxis: Axis
  readonly showlegend: boolean
  readonly uirevision: string
  readonly [key: string]: unknown
}

/** What a chart draws. */
export interface Drawing {
  readonly traces: readonly Trace[]
  readonly layout: Layout
  /** Values in view, and how many of them are drawn after bucketing. */
  readonly points: number
  readonly drawn: number
}

export interface PlotElement extends HTMLElement {
  /** What is shown: plotly fills in the ranges that it chose. */
  readonly layout?: { readonly xaxis?: Axis; readonly yaxis?: Axis }
  readonly on: (event: string, on: (detail: Readonly<Record<string, unknown>>) => void) => void
  readonly removeAllListeners: (event: string) => void
}

export interface Plotly {
  readonly react: (
    element: HTMLElement,
    traces: readonly Trace[],
    layout: Layout,
    config: Readonly<Record<string, unknown>>,
  ) => Promise<unknown>
  readonly relayout: (element: HTMLElement, update: Readonly<Record<string, unknown>>) => Promise<unknown>
  readonly purge: (element: HTMLElement) => void
  readonly toImage: (figure: unknown, options: Readonly<Record<string, unknown>>) => Promise<string>
}

let loading: Promise<Plotly> | undefined

/**
 * Plotly's cartesian bundle, loaded when the first chart is shown, because the first paint must not wait for 1.4 MB. It
 * has the trace types of two axes and nothing that draws with WebGL, whose shaders' generator would need `unsafe-eval`.
 */
export function loadPlotly(): Promise<Plotly> {
  loading ??= import('plotly.js-cartesian-dist-min').then((module) => module.default)
  return loading
}

/** Plotly reads labels as HTML of its own kind; a name is only a name. */
export const plainLabel = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** A figure as SVG text or as PNG in base64, at a size in CSS pixels. */
export async function renderFigure(
  drawing: Drawing,
  size: { readonly width: number; readonly height: number; readonly scale: number },
  format: 'svg' | 'png',
): Promise<string> {
  const plotly = await loadPlotly()
  const figure = {
    data: drawing.traces,
    layout: { ...drawing.layout, width: size.width, height: size.height },
    config: { staticPlot: true },
  }
  return plotly.toImage(figure, {
    format,
    width: size.width,
    height: size.height,
    scale: format === 'png' ? size.scale : 1,
    imageDataOnly: true,
  })
}
