import { errorText } from '../../core/errorText'
import { ask } from '../api'
import type { ChartTheme } from './chartTheme'
import { paperInk } from './chartTheme'
import type { Drawing } from './plotly'
import { renderFigure } from './plotly'
import { notify, notifyFailure } from '../notify'

const paper = { width: 900, height: 480, scale: 2 }

async function save(
  name: string,
  format: 'svg' | 'png' | 'csv',
  make: () => Promise<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  const failed = `${name} could not be saved`
  try {
    const file = await ask('figures.save', { name, format, bytes: await make() }, failed)
    if (file !== undefined && file !== null) notify(`Saved as ${file}`)
  } catch (error) {
    notifyFailure(failed, errorText(error))
  }
}

/** Saves a figure on white paper with its legend, whatever the window looks like. */
export const saveImage = (
  name: string,
  format: 'svg' | 'png',
  compose: (theme: ChartTheme) => Drawing,
): Promise<void> =>
  save(name, format, async () => {
    const image = await renderFigure(compose(paperInk), paper, format)
    return format === 'svg'
      ? new TextEncoder().encode(image)
      : Uint8Array.from(atob(image), (character) => character.charCodeAt(0))
  })

export const saveCsv = (name: string, csv: () => Promise<string> | string): Promise<void> =>
  save(name, 'csv', async () => new TextEncoder().encode(await csv()))
