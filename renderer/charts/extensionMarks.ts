import { xColumn } from './columns'
import type { ChartOptions, Series } from './runTraces'

/**
 * A line down the chart where a run was extended, with words over it, towards the middle; a run among several is told
 * by its colour.
 */
export function extensionMarks(
  series: readonly Series[],
  { xAxis, logX, theme: ink, legend }: ChartOptions,
  divisor: number,
): { readonly shapes: readonly object[]; readonly annotations: readonly object[] } | null {
  const marks = series.flatMap(({ traced, colour }) =>
    (traced.run.extensions ?? []).flatMap(({ update, epochs }) => {
      const at = traced.trace.update.findLastIndex((done) => done <= update)
      const column = xColumn(traced, xAxis)
      const [x, end] = [column[at] ?? NaN, column[traced.trace.update.length - 1] ?? NaN].map(
        (each) => each / divisor,
      ) as [number, number]
      const text = `extended to ${epochs} epochs`
      const isLate = x > end * 0.6 || (logX && x > 1)
      return Number.isFinite(x) && (!logX || x > 0)
        ? [{ x, text, isLate, colour: series.length > 1 ? colour : ink.text }]
        : []
    }),
  )
  if (marks.length === 0) return null
  // Where a legend stands above the plot, the words go into it.
  const yanchor = legend ? 'top' : 'bottom'
  return {
    shapes: marks.map(({ x, colour }) => ({
      type: 'line',
      xref: 'x',
      yref: 'paper',
      x0: x,
      x1: x,
      y0: 0,
      y1: 1,
      line: { color: colour, width: 1, dash: 'dot' },
    })),
    annotations: marks.map(({ x, text, isLate, colour }) => ({
      xref: 'x',
      yref: 'paper',
      x: logX ? Math.log10(x) : x,
      y: 1,
      xanchor: isLate ? 'right' : 'left',
      yanchor,
      text,
      showarrow: false,
      font: { size: 10, color: colour },
    })),
  }
}
