import { ask } from '../api'
import type { Ink } from './ink'
import { paperInk } from './ink'
import type { Drawing } from './plotly'
import { renderFigure } from './plotly'
import { tell, tellFailure } from '../tell'

const paper = { width: 900, height: 480, scale: 2 }

async function save(
  name: string,
  format: 'svg' | 'png' | 'csv',
  make: () => Promise<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  const failed = `${name} could not be saved`
  try {
    const file = await ask('figures.save', { name, format, bytes: await make() }, failed)
    if (file !== undefined && file !== null) tell(`Saved as ${file}`)
  } catch (error) {
    tellFailure(failed, error instanceof Error ? error.message : String(error))
  }
}

/** Saves a figure on white paper with its legend, whatever the window looks like. */
export const saveImage = (name: string, format: 'svg' | 'png', compose: (ink: Ink) => Drawing): Promise<void> =>
  save(name, format, async () => {
    const image = await renderFigure(compose(paperInk), paper, format)
    return format === 'svg'
      ? new TextEncoder().encode(image)
      : Uint8Array.from(atob(image), (character) => character.charCodeAt(0))
  })

export const saveCsv = (name: string, csv: () => Promise<string> | string): Promise<void> =>
  save(name, 'csv', async () => new TextEncoder().encode(await csv()))
