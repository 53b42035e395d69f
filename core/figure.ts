import type { TracedRun } from './run'

/** One figure to draw without a window, and the file to write it to. */
export interface Figure {
  /** A chart's name as the page knows it. */
  readonly chart: string
  readonly format: 'svg' | 'png' | 'pdf'
  /** CSS pixels; a PNG has twice as many each way. */
  readonly width: number
  readonly height: number
  readonly file: string
}

/** What the command line hands to the Electron runtime: runs, and figures of them. */
export interface FigureJob { readonly runs: readonly TracedRun[]; readonly figures: readonly Figure[] }

/** What main asks of figure.html's `window.batchlabFigure`, once per figure. */
export interface FigureRequest { readonly runs: readonly TracedRun[]; readonly chart: string; readonly format: 'svg' | 'png'; readonly width: number; readonly height: number }

/** What `window.batchlabFigure` resolves with: the text of an SVG file, or a PNG file in base64. */
export type DrawnFigure = { readonly svg: string } | { readonly pngBase64: string }
