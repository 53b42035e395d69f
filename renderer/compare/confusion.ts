import type { Scheme } from '../charts/colours'
import type { ChartTheme } from '../charts/chartTheme'
import { baseAxis, baseLayout } from '../charts/chartTheme'
import type { Drawing } from '../charts/plotly'
import { plainLabel } from '../charts/plotly'
import { signed } from '../format'

/** A cell of a confusion matrix that was picked. */
export interface PickedCell {
  readonly truth: number
  readonly predicted: number
  readonly of: 'A' | 'B'
}

const most = 24

// Few errors beside many right answers: on a square-root scale both can be seen.
const strength = (value: number, total: number): number =>
  total === 0 ? 0 : Math.sign(value) * Math.sqrt(Math.abs(value) / total)

const sequential: Readonly<Record<Scheme, readonly (readonly [number, string])[]>> = {
  light: [
    [0, '#f7f8fa'],
    [0.5, '#aeb7ea'],
    [1, '#3f4eb6'],
  ],
  dark: [
    [0, '#212429'],
    [0.5, '#3a427a'],
    [1, '#6271d6'],
  ],
}
const diverging: Readonly<Record<Scheme, readonly (readonly [number, string])[]>> = {
  light: [
    [0, '#d55e00'],
    [0.5, '#f7f8fa'],
    [1, '#0072b2'],
  ],
  dark: [
    [0, '#d55e00'],
    [0.5, '#212429'],
    [1, '#1f7fbf'],
  ],
}

/** Classes as the labels of both axes, each once: names are cut, and two long ones may begin alike. */
export function confusionLabels(classes: readonly string[]): readonly string[] {
  const short = classes.map((name) => (name.length > 14 ? `${name.slice(0, 13)}…` : name))
  return short.map((label, index) => plainLabel(short.indexOf(label) === index ? label : `${label} ${index}`))
}

/**
 * A matrix of counts as a heat map: rows are true classes, columns predicted ones; `difference` marks more in B blue
 * and more in A orange.
 */
export function drawConfusion(
  matrix: readonly (readonly number[])[],
  classes: readonly string[],
  { theme, difference }: { readonly theme: ChartTheme; readonly difference: boolean },
): Drawing {
  const names = confusionLabels(classes)
  const totals = matrix.map((row) => row.reduce((sum, value) => sum + Math.abs(value), 0))
  const z = matrix.map((row, index) =>
    row.map((value) => strength(value, difference ? Math.max(...totals, 1) : (totals[index] ?? 0))),
  )
  const limit = difference ? Math.max(0.05, ...z.flat().map(Math.abs)) : 1
  const shown = classes.length <= most
  const longest = shown ? Math.max(1, ...classes.map((name) => Math.min(14, name.length))) : 1
  return {
    points: matrix.length ** 2,
    drawn: matrix.length ** 2,
    traces: [
      {
        type: 'heatmap',
        x: names,
        y: names,
        z,
        zmin: difference ? -limit : 0,
        zmax: limit,
        showscale: false,
        xgap: shown ? 1 : 0,
        ygap: shown ? 1 : 0,
        colorscale: (difference ? diverging : sequential)[theme.scheme],
        text: matrix.map((row) =>
          row.map((value) => (value === 0 ? '' : difference ? signed(value, String) : String(value))),
        ),
        ...(shown ? { texttemplate: '%{text}', textfont: { size: classes.length > 12 ? 8 : 10 } } : {}),
        hovertemplate: 'true %{y}, predicted %{x}: <b>%{text}</b><extra></extra>',
      },
    ],
    layout: {
      ...baseLayout(theme, { l: 36 + longest * 6, r: 10, t: 4, b: longest > 3 ? 34 + longest * 4 : 36 }),
      uirevision: 'confusion',
      showlegend: false,
      dragmode: false,
      xaxis: {
        ...baseAxis(theme),
        type: 'category',
        title: { text: 'predicted', standoff: 4 },
        ticks: '',
        showline: false,
        showgrid: false,
        showticklabels: shown,
        fixedrange: true,
        tickangle: classes.some((name) => name.length > 3) ? -45 : 0,
      },
      yaxis: {
        ...baseAxis(theme),
        type: 'category',
        title: { text: 'true', standoff: 8 },
        ticks: '',
        showline: false,
        showgrid: false,
        showticklabels: shown,
        fixedrange: true,
        autorange: 'reversed',
      },
    },
  }
}

/** A matrix as CSV columns: the true class of each row, then one column per predicted class. */
export const confusionColumns = (
  matrix: readonly (readonly number[])[],
  classes: readonly string[],
): Readonly<Record<string, readonly unknown[]>> => ({
  'true \\ predicted': classes,
  ...Object.fromEntries(classes.map((name, column) => [`${column} ${name}`, matrix.map((row) => row[column] ?? 0)])),
})
