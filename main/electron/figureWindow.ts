import type { BrowserWindow } from 'electron'
import { readFile } from 'node:fs/promises'
import { parseWith } from '../../core/config/parse'
import { FigureJob } from '../../core/figure'
import type { DrawnFigure, Figure, FigureRequest } from '../../core/figure'
import { appOrigin } from './appProtocol'
import { deliver } from '../files/durableWrite'
import { openHidden } from './window'

/** Reads the job that the command line wrote. */
async function readJob(path: string): Promise<FigureJob> {
  const parsed = parseWith(FigureJob, JSON.parse(await readFile(path, 'utf8')))
  if (!parsed.ok)
    throw new Error(`${path}: ${parsed.issues.map((issue) => `${issue.path} ${issue.message}`).join('; ')}`)
  return parsed.value
}

const draw = (window: BrowserWindow, request: FigureRequest): Promise<DrawnFigure> =>
  // JSON is a subset of JavaScript, so the request can be written into the call as it is.
  window.webContents.executeJavaScript(`window.batchlabFigure(${JSON.stringify(request)})`) as Promise<DrawnFigure>

/** Prints an SVG, drawn by our own page, on a sheet of exactly its size. */
async function print(window: BrowserWindow, svg: string, { width, height }: Figure): Promise<Uint8Array> {
  await window.webContents.executeJavaScript(`{
    const drawing = new DOMParser().parseFromString(${JSON.stringify(svg)}, 'image/svg+xml').documentElement
    drawing.setAttribute('style', 'display: block')
    document.documentElement.style.cssText = document.body.style.cssText = 'margin: 0; padding: 0; overflow: hidden'
    document.body.replaceChildren(document.importNode(drawing, true))
    0
  }`)
  // CSS pixels are 1/96 inch.
  return window.webContents.printToPDF({
    pageSize: { width: width / 96, height: height / 96 },
    margins: { top: 0, bottom: 0, left: 0, right: 0 },
    printBackground: true,
    pageRanges: '1',
  })
}

async function bytesOf(window: BrowserWindow, runs: FigureJob['runs'], figure: Figure): Promise<Uint8Array> {
  const { chart, format, width, height } = figure
  const drawn = await draw(window, { runs, chart, format: format === 'png' ? 'png' : 'svg', width, height })
  if ('pngBase64' in drawn) return Buffer.from(drawn.pngBase64, 'base64')
  return format === 'pdf' ? print(window, drawn.svg, figure) : Buffer.from(drawn.svg, 'utf8')
}

/**
 * Draws the figures of a job with the window's own chart code, in a window that nobody sees, and writes their files.
 */
export async function drawFiguresInWindow(jobPath: string): Promise<void> {
  const { runs, figures } = await readJob(jobPath)
  for (const figure of figures) {
    // A fresh page per figure: printing replaces its content.
    const window = openHidden(figure)
    try {
      await window.loadURL(`${appOrigin}/figure.html`)
      await deliver(figure.file, await bytesOf(window, runs, figure))
    } finally {
      window.destroy()
    }
  }
}
