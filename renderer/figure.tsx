import './strict'
import type { DrawnFigure } from '../core/figure'
import type { WindowFigureJob } from './charts/figureJob'
import { drawJob } from './charts/figureJob'
import { renderFigure } from './charts/plotly'

const figureScale = 2

declare global {
  interface Window {
    batchlabFigure?: (job: WindowFigureJob) => Promise<DrawnFigure>
  }
}

// The hidden window of the command line calls this: SVG text, or PNG bytes in base64.
window.batchlabFigure = async (job) => {
  const image = await renderFigure(
    drawJob(job),
    { width: job.width, height: job.height, scale: figureScale },
    job.format,
  )
  return job.format === 'svg' ? { svg: image } : { pngBase64: image }
}
