import { publishedData, type PublishedData } from '../core/publishedData'
import type { DownloadState, Input } from '../core/protocol'
import { DownloadError, type DownloadOptions } from './data/download'
import { datasetFolder, downloadSet } from './data/downloadSet'
import { FileError } from './files/fileError'
import { refusal } from './refusal'

/** The window's downloads, one at a time. The page never reaches the network: it names a data set, and this fetches it. */
export interface Downloads {
  /** Settles with the path to train on when everything is there and checked. */
  readonly start: (wanted: Input<'downloads.start'>) => Promise<string>
  readonly stop: () => void
  readonly state: () => DownloadState | null
  readonly folderFor: (name: string) => string
  /** Allows a folder that a person chose: the page cannot name one by itself. */
  readonly allow: (folder: string) => void
}

export function createDownloads(library: string, sets: readonly PublishedData[] = publishedData, options: Pick<DownloadOptions, 'waitsMs' | 'stallMs'> = {}): Downloads {
  const allowed = new Set<string>()
  let current: { readonly stop: AbortController; state: DownloadState } | null = null
  const folderFor = (name: string): string => datasetFolder(library, name)

  return {
    folderFor,
    allow: (folder) => { allowed.add(folder) },
    state: () => current?.state ?? null,
    stop: () => current?.stop.abort(),
    start: async ({ name, folder, from }) => {
      const set = sets.find((one) => one.name === name)
      if (set === undefined) throw refusal(`There is no data set “${name.slice(0, 60)}” to download`)
      if (folder !== null && !allowed.has(folder)) throw refusal(`Choose the folder with Folder…: ${folder.slice(0, 200)} was not chosen there`)
      if (current !== null) throw refusal(`${current.state.name} is being downloaded; this can begin when it is done`)
      const run: { readonly stop: AbortController; state: DownloadState } = { stop: new AbortController(), state: { name, file: '', done: 0, total: 0, note: '' } }
      current = run
      try {
        const { path } = await downloadSet(set, folder ?? folderFor(name), {
          ...options, from, signal: run.stop.signal,
          onProgress: (progress) => { run.state = { ...run.state, ...progress } },
          onNote: (note) => { run.state = { ...run.state, note } },
        })
        return path
      } catch (error) {
        // What the network and the disk do is no fault of this program's.
        throw error instanceof DownloadError || error instanceof FileError ? refusal(error.message) : error
      } finally {
        current = null
      }
    },
  }
}
