import { publishedData, type PublishedData } from '../../content/publishedData'
import type { DownloadState, Input } from '../../core/protocol'
import { DownloadError, type DownloadOptions } from '../data/download'
import { datasetFolder, downloadSet } from '../data/downloadSet'
import { AddressFailed, webAddress } from '../data/webRequest'
import type { Dialogs } from './dialogs'
import { FileError } from '../files/fileError'
import { requestError } from './requestError'

/**
 * The window's downloads, one at a time. The page never reaches the network: it names a data set, and this fetches it
 * from the addresses that are published with it, or from one that a person has confirmed, because an address can carry
 * whatever the page knows to whoever it names.
 */
export interface Downloads {
  /** Settles with the path to train on when everything is there and checked. */
  readonly start: (wanted: Input<'downloads.start'>) => Promise<string>
  readonly stop: () => void
  readonly state: () => DownloadState | null
  readonly folderFor: (name: string) => string
  /** Allows a folder that a person chose: the page cannot name one by itself. */
  readonly allow: (folder: string) => void
}

/** A mirror's address as it is asked for; nobody can confirm what is too long to read. */
function mirrorFrom(text: string): string {
  if (text.length > mostShown)
    throw requestError(`The address of a mirror is at most ${String(mostShown)} characters long`)
  try {
    return webAddress(text).href
  } catch (error) {
    throw error instanceof AddressFailed ? requestError(error.message) : error
  }
}
const mostShown = 500

interface Options extends Pick<DownloadOptions, 'waitsMs' | 'stallMs'> {
  readonly confirm: Dialogs['confirm']
  readonly sets?: readonly PublishedData[]
}

export function createDownloads(library: string, { confirm, sets = publishedData, ...options }: Options): Downloads {
  const allowed = new Set<string>()
  const confirmed = new Set<string>()
  let current: { readonly stop: AbortController; state: DownloadState } | null = null
  const isFree = (): void => {
    if (current !== null)
      throw requestError(`${current.state.name} is being downloaded; this can begin when it is done`)
  }

  async function mirror(text: string, { name, title, addresses }: PublishedData): Promise<string> {
    const address = mirrorFrom(text)
    const key = `${name} ${address}`
    if (confirmed.has(key) || addresses.includes(address)) return address
    const { host } = new URL(address)
    const isMeant = await confirm({
      message: `Download ${title} from ${host}?`,
      detail:
        `${address}\n\nThis is none of the addresses that are published with the data set. Its files are checked ` +
        `all the same, but ${host} learns this whole address.`,
      yes: 'Download',
    })
    if (!isMeant) throw requestError(`Nothing was fetched from ${host}, because it was not confirmed`)
    confirmed.add(key)
    return address
  }

  const folderFor = (name: string): string => datasetFolder(library, name)

  return {
    folderFor,
    allow: (folder) => {
      allowed.add(folder)
    },
    state: () => current?.state ?? null,
    stop: () => current?.stop.abort(),
    start: async ({ name, folder, from }) => {
      const set = sets.find((one) => one.name === name)
      if (set === undefined) throw requestError(`There is no data set “${name.slice(0, 60)}” to download`)
      if (folder !== null && !allowed.has(folder))
        throw requestError(`Choose the folder with Folder…: ${folder.slice(0, 200)} was not chosen there`)
      isFree()
      const address = from === null ? null : await mirror(from, set)
      // Another may have begun while the person was asked.
      isFree()
      const run: { readonly stop: AbortController; state: DownloadState } = {
        stop: new AbortController(),
        state: { name, file: '', done: 0, total: 0, note: '' },
      }
      current = run
      try {
        const { path } = await downloadSet(set, folder ?? folderFor(name), {
          ...options,
          from: address,
          signal: run.stop.signal,
          onProgress: (progress) => {
            run.state = { ...run.state, ...progress }
          },
          onNote: (note) => {
            run.state = { ...run.state, note }
          },
        })
        return path
      } catch (error) {
        // What the network and the disk do is no fault of this program's.
        throw error instanceof DownloadError || error instanceof FileError ? requestError(error.message) : error
      } finally {
        current = null
      }
    },
  }
}
