import { shell } from 'electron'
import { join } from 'node:path'
import { errorText } from '../../core/errorText'

type Document = 'readme' | 'licences' | 'library'

/**
 * Opens an address in the person's browser; whoever calls this has checked that it is one that the app itself names.
 */
export async function openAddress(address: string): Promise<void> {
  try {
    await shell.openExternal(address)
  } catch (error) {
    throw new Error(`${address} could not be opened in a browser: ${errorText(error)}`)
  }
}

/** Opens one of the few places that the app names itself; never a path or an address from the page. */
export function openDocs(appFolder: string, libraryFolder: string): (what: Document) => Promise<void> {
  const places: Readonly<Record<Document, string>> = {
    readme: join(appFolder, 'README.md'),
    licences: join(appFolder, 'LICENSE'),
    library: libraryFolder,
  }
  return async (what) => {
    const problem = await shell.openPath(places[what])
    if (problem !== '') throw new Error(`${places[what]} cannot be opened: ${problem}`)
  }
}
