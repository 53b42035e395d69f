import type { Scheme } from './colours'

/** What a plot's frame is drawn with on a ground. */
export interface ChartTheme {
  readonly scheme: Scheme
  readonly paper: string
  readonly text: string
  readonly grid: string
  readonly axis: string
  readonly surface: string
}

const inks: Readonly<Record<Scheme, Omit<ChartTheme, 'scheme' | 'paper'>>> = {
  light: { text: '#4b525d', grid: '#eceef1', axis: '#c9cdd4', surface: '#ffffff' },
  dark: { text: '#a8afba', grid: '#2a2e35', axis: '#454b55', surface: '#1c1f24' },
}

/** Ink on the window's own ground. */
export const screenInk = (scheme: Scheme): ChartTheme => ({ scheme, paper: 'rgba(0,0,0,0)', ...inks[scheme] })

/** Ink on white paper: what figures are saved with, whatever the window looks like. */
export const paperInk: ChartTheme = { scheme: 'light', paper: '#ffffff', ...inks.light, text: '#1c1f24' }

const fonts = 'system-ui, "Segoe UI", "DejaVu Sans", sans-serif'

/** A plot's layout without its axes: fixed margins, so that nothing moves when data arrives. */
export const baseLayout = (
  theme: ChartTheme,
  margin: { readonly l: number; readonly r: number; readonly t: number; readonly b: number },
): Readonly<Record<string, unknown>> => ({
  paper_bgcolor: theme.paper,
  plot_bgcolor: theme.paper,
  margin,
  autosize: false,
  dragmode: 'zoom',
  hovermode: 'closest',
  hoverdistance: 24,
  font: { family: fonts, size: 11, color: theme.text },
  hoverlabel: {
    bgcolor: theme.surface,
    bordercolor: theme.axis,
    font: { family: fonts, size: 11, color: theme.scheme === 'light' ? '#1c1f24' : '#e4e6ea' },
    align: 'left',
    namelength: -1,
  },
})

/** An axis in the house's ink. */
export const baseAxis = (theme: ChartTheme): Readonly<Record<string, unknown>> => ({
  gridcolor: theme.grid,
  linecolor: theme.axis,
  tickcolor: theme.axis,
  zeroline: false,
  showline: true,
  ticks: 'outside',
  ticklen: 3,
  automargin: false,
  fixedrange: false,
})
