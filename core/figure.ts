import { z } from 'zod'
import type { TracedRun } from './run'

const pixels = z.number().int().min(50).max(10_000)

/** One figure to draw without a window, and the file to write it to. */
export const Figure = z.strictObject({
  /** A chart's name as the page knows it. */
  chart: z.string().min(1).max(100),
  format: z.enum(['svg', 'png', 'pdf']),
  /** CSS pixels; a PNG has twice as many each way. */
  width: pixels,
  height: pixels,
  file: z.string().min(1).max(4096),
})
export type Figure = z.output<typeof Figure>

/**
 * What the command line hands to the Electron runtime: runs, which the library has checked already, and figures of
 * them.
 */
export const FigureJob = z.strictObject({
  runs: z.array(z.custom<TracedRun>((value) => typeof value === 'object' && value !== null)).max(10_000),
  figures: z.array(Figure).min(1).max(1000),
})
export type FigureJob = z.output<typeof FigureJob>

/** What main asks of figure.html's `window.batchlabFigure`, once per figure. */
export interface FigureRequest {
  readonly runs: readonly TracedRun[]
  readonly chart: string
  readonly format: 'svg' | 'png'
  readonly width: number
  readonly height: number
}

/** What `window.batchlabFigure` resolves with: the text of an SVG file, or a PNG file in base64. */
export type DrawnFigure = { readonly svg: string } | { readonly pngBase64: string }
