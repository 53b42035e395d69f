import { pages } from '../../content/explain/all'
import { type PlotFigure, initialKnobValues, type Plot } from '../../content/explain/plot'

export const plots = pages.flatMap((page) =>
  (page.plots ?? []).map((plot): readonly [string, Plot] => [`${page.id}: ${plot.name}`, plot]),
)

const plotOn = (id: string, index = 0): Plot => {
  const plot = pages.find((page) => page.id === id)?.plots?.[index]
  if (plot === undefined) throw new Error(`there is no plot ${index} on ${id}`)
  return plot
}

export const figureOf = (id: string, values: Readonly<Record<string, unknown>> = {}, index = 0): PlotFigure => {
  const plot = plotOn(id, index)
  return plot.figure({ ...initialKnobValues(plot), ...values })
}
