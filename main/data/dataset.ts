import { existsSync, statSync } from 'node:fs'
import type { DataConfig, DataSource } from '../../core/config/data'
import type { DatasetInfo } from '../../core/datasetInfo'
import { errorText } from '../../core/errorText'
import { leftOutSentences, type Skipped } from '../../core/leftOut'
import { throughCache, type Cached } from './cache'
import { readCifar } from './cifar'
import { readDigits } from './digits'
import { readIdx } from './idx'
import { readImageFolder } from './imageFolder'
import type { LabelledImages, OnProgress, RawImages, ReaderOptions } from './rawImages'
import { DataError, sourcePath } from './dataError'
import { packKey } from './packKey'
import { splitImages } from './split'
import { datasetInfoOf } from './statistics'
import { sharedImages } from './sharedMemory'
import { makeSynthetic } from './synthetic'

/** A data set in memory, split and ready for batches. */
export interface Dataset {
  readonly info: DatasetInfo
  readonly train: LabelledImages
  readonly validation: LabelledImages
  readonly test: LabelledImages
  readonly skipped: readonly Skipped[]
  /** Sentences for people: how the source was understood, and what was left out. */
  readonly about: readonly string[]
  /** Sentences for the log, such as that a damaged packed copy was rebuilt. */
  readonly notes: readonly string[]
}

/** What loading may use and whom it tells. */
export interface Loading {
  /** Packed copies are kept here; made when missing. */
  readonly cacheFolder: string
  /** The app's resources folder, which holds digits/. */
  readonly resources: string
  readonly onProgress?: OnProgress
  readonly signal?: AbortSignal
  /** Whether the images are put where other threads see them. */
  readonly isShared?: boolean
}

async function readFiles(
  source: Exclude<DataSource, { type: 'digits' | 'synthetic' }>,
  reading: ReaderOptions,
): Promise<RawImages> {
  switch (source.type) {
    case 'cifar10':
    case 'cifar100':
      return await readCifar(source)
    case 'idx':
      return await readIdx(source)
    case 'folder':
      return await readImageFolder(source, reading)
  }
}

/** Reads the images of a source, through the cache. Throws DataError where they cannot be used. */
export async function readImages(source: DataSource, loading: Loading): Promise<Cached> {
  const read = await readSource(source, loading)
  return loading.isShared === true ? { ...read, raw: sharedImages(read.raw) } : read
}

/** The name of images that come with the program. */
const made = 'made'

/** The name that the images of a source have now; throws where its files cannot be looked at. */
export const nameOf = (source: DataSource): string => ('path' in source ? packKey(source).name : made)

async function readSource(source: DataSource, loading: Loading): Promise<Cached> {
  const { onProgress = () => undefined, signal, isShared } = loading
  const reading: ReaderOptions = { onProgress, signal, isShared }
  if (source.type === 'digits') return { raw: await readDigits(loading.resources), notes: [], name: made }
  if (source.type === 'synthetic') return { raw: makeSynthetic(source), notes: [], name: made }
  if (!existsSync(source.path)) throw new DataError(sourcePath, `${source.path}: there is no such file or folder`)
  const found = statSync(source.path)
  if (!found.isFile() && !found.isDirectory())
    throw new DataError(sourcePath, `${source.path}: expected a file or a folder, found a pipe, a socket or a device`)
  try {
    return await throughCache(source, loading.cacheFolder, reading, async () => await readFiles(source, reading))
  } catch (error) {
    if (error instanceof DataError || loading.signal?.aborted === true) throw error
    const isFileError = error instanceof Error && 'code' in error
    throw isFileError ? new DataError(sourcePath, `${source.path} cannot be read: ${errorText(error)}`) : error
  }
}

/**
 * Loads, checks and splits the images of a config. Throws DataRefused with the field and a sentence where they cannot
 * be used.
 */
export const loadDataset = async (config: DataConfig, loading: Loading): Promise<Dataset> =>
  splitDataset(await readImages(config.source, loading), config)

/** Checks and splits images that were read. Throws as loadDataset does. */
export function splitDataset({ raw, notes }: Cached, config: DataConfig): Dataset {
  const splits = splitImages(raw, config)
  return {
    ...splits,
    info: datasetInfoOf(raw, splits),
    skipped: raw.skipped,
    about: [...(raw.notes ?? []), ...leftOutSentences(raw.skipped)],
    notes,
  }
}
