import type { DataConfig } from '../../core/config/data'
import type { Folders } from '../../core/job'
import { loadDataset, type Dataset, type Loading } from '../data/dataset'
import type { OnProgress } from '../data/rawImages'
import { imagesKey } from '../data/readLike'

export type LoadDataset = (data: DataConfig) => Promise<Dataset>

/** Where data sets come from: the disk, or what is held of it in memory. */
export type ReadDataset = (data: DataConfig, loading: Loading) => Promise<Dataset>

// Two checkpoints are measured on one data set, and each may have been trained on another.
const heldAtMost = 3

/** Reads data sets and keeps the last few, because every checkpoint of a job asks for its own. */
export function loader(folders: Folders, onProgress: OnProgress, read: ReadDataset = loadDataset): LoadDataset {
  const held = new Map<string, Promise<Dataset>>()
  return (data) => {
    const key = imagesKey(data)
    const dataset =
      held.get(key) ?? read(data, { cacheFolder: folders.cache, resources: folders.resources, onProgress })
    held.delete(key)
    held.set(key, dataset)
    dataset.catch(() => held.delete(key))
    for (const old of held.keys()) if (held.size > heldAtMost) held.delete(old)
    return dataset
  }
}
