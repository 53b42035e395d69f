import { join } from 'node:path'
import { publishedBytes, type PublishedData, type PublishedFile } from '../../content/publishedData'
import { downloadFile, type DownloadOptions } from './download'

interface SetProgress {
  readonly file: string
  /** Bytes of the whole data set that are here, and that there will be. */
  readonly done: number
  readonly total: number
}

export interface DownloadedSet {
  /** What `data.source.path` has to be: the archive, or the folder of the IDX files. */
  readonly path: string
  readonly files: readonly (PublishedFile & { readonly from: string | null })[]
}

/** Where a downloaded data set goes unless a folder is named: beside the library's cache. */
export const datasetFolder = (library: string, name: string): string => join(library, 'datasets', name)

/** Where a data set lies once its files are in a folder, as its reader wants it. */
export const pathIn = (folder: string, { source, files }: PublishedData): string =>
  source === 'idx' ? folder : join(folder, files[0]?.name ?? '')

interface SetOptions extends Omit<DownloadOptions, 'onProgress'> {
  /** Used instead of the published addresses. */
  readonly from: string | null
  readonly onProgress?: (progress: SetProgress) => void
}

/** Fetches all files of a data set into a folder, one after the other; those that are there are not fetched again. */
export async function downloadSet(
  set: PublishedData,
  folder: string,
  { from, onProgress, ...options }: SetOptions,
): Promise<DownloadedSet> {
  const total = publishedBytes(set)
  const files: DownloadedSet['files'][number][] = []
  let before = 0
  for (const file of set.files) {
    const tell = (bytes: number): void => onProgress?.({ file: file.name, done: before + bytes, total })
    const got = await downloadFile(file, folder, from === null ? set.addresses : [from], {
      ...options,
      onProgress: tell,
    })
    tell(file.bytes)
    before += file.bytes
    files.push({ ...file, from: got.from })
  }
  return { path: pathIn(folder, set), files }
}
