import { basename, dirname, join } from 'node:path'
import type { CheckpointMetadata, TrainedData } from '../../core/checkpoint'
import type { RunConfig } from '../../core/config/config'
import type { DatasetInfo } from '../../core/datasetInfo'
import type { Beginning } from '../../core/job'
import type { Dataset } from '../data/dataset'
import { imagesKey } from '../data/readLike'
import { readMetadata } from '../files/checkpointHeader'
import { isFileNow } from '../files/guard'
import type { LoadDataset } from './datasetLoader'
import { trainedOn } from './seenImages'

const unknown: TrainedData = { data: null, fingerprint: '' }

/**
 * What a checkpoint's weights were trained on before its own run: as it says, or for an older one as the file says that
 * its run began from.
 */
export async function earlierOf(path: string, metadata: CheckpointMetadata): Promise<readonly TrainedData[]> {
  if (metadata.earlier !== undefined) return metadata.earlier
  const folder = dirname(path)
  const origin = join(dirname(folder), 'origin.safetensors')
  return basename(folder) === 'checkpoints' && isFileNow(origin) ? await trainedBy(origin) : []
}

/** Everything that the weights in a file were trained on. */
async function trainedBy(path: string): Promise<readonly TrainedData[]> {
  // Weights of a newer version, or with other metadata than ours, are weights all the same.
  const metadata = await readMetadata(path).catch(() => null)
  return metadata === null
    ? [unknown]
    : [...(await earlierOf(path, metadata)), { data: metadata.config.data, fingerprint: metadata.data }]
}

/** What the weights that a training begins with were trained on already, besides the data that it trains on itself. */
export async function inherited(beginning: Beginning, { fingerprint }: DatasetInfo): Promise<readonly TrainedData[]> {
  if (beginning.type === 'new') return []
  const all = await trainedBy(beginning.path)
  return all.filter(
    (one, index) =>
      one.fingerprint !== fingerprint && all.findIndex((other) => other.fingerprint === one.fingerprint) === index,
  )
}

/**
 * What has to be said of a run that begins with weights that were trained on other data: which of its own unseen images
 * they have seen.
 */
export async function beginningNote(
  beginning: Beginning,
  earlier: readonly TrainedData[],
  { data }: RunConfig,
  dataset: Dataset,
  load: LoadDataset,
): Promise<string> {
  if (earlier.length === 0 || (beginning.type !== 'fork' && beginning.type !== 'weights')) return ''
  if (earlier.some((one) => one.data === null))
    return (
      'The weights that it begins with do not say what they were trained on, so nobody knows whether they have ' +
      'seen its validation and test images.'
    )
  const parts: string[] = []
  for (const name of ['validation', 'test'] as const) {
    const split = dataset[name]
    if (split.labels.length === 0) continue
    const seen = await trainedOn({ data, dataset, split }, earlier, load)
    if (!seen.isKnown)
      return (
        `${whatDiffers(earlier, data)} Whether they were trained on images that this run validates or tests on ` +
        `cannot be known: ${seen.reason}.`
      )
    if (seen.images.length > 0) parts.push(`${seen.images.length} of the ${split.labels.length} ${name} images`)
  }
  const said =
    parts.length === 0
      ? 'They were trained on none of its validation and test images.'
      : `They were trained on ${parts.join(' and ')}: accuracies on these are too high.`
  return `${whatDiffers(earlier, data)} ${said}`
}

function whatDiffers(earlier: readonly TrainedData[], data: RunConfig['data']): string {
  const last = earlier.at(-1)
  const isSamePlace = last?.data != null && imagesKey(last.data) === imagesKey(data)
  return isSamePlace
    ? 'The data have changed since the weights that it begins with were trained on them.'
    : 'The weights that it begins with were trained on other data or another split than its own.'
}
