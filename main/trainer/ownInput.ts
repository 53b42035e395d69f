import { dirname, join } from 'node:path'
import type { CheckpointMetadata } from '../../core/checkpoint'
import type { DataConfig } from '../../core/config/data'
import { errorText } from '../../core/errorText'
import type { OwnInput } from '../../core/evaluation'
import { TrainEvent } from '../../core/events'
import { DatasetInfo } from '../../core/datasetInfo'
import { normaliser } from '../data/batches'
import type { Dataset } from '../data/dataset'
import { unseal } from '../files/envelope'
import { readCapped } from '../files/jsonFile'
import { readLog } from '../files/readLog'

const recordLimits = { maxBytes: 256 * 2 ** 20, maxDepth: 32 } as const

/**
 * What a checkpoint's network is fed with. Those of format 1 do not say it: then the run's record beside the file does,
 * and where that is gone it is computed again from the run's data, which `load` reads.
 */
export async function ownInput(
  path: string,
  metadata: CheckpointMetadata,
  own: DataConfig,
  load: (data: DataConfig) => Promise<Dataset>,
): Promise<OwnInput> {
  const { normalisation } = metadata.config.data
  if (metadata.normalisation !== undefined) return { normalisation, ...metadata.normalisation, from: 'checkpoint' }
  const channels = Array.from({ length: metadata.shape[2] }, () => 0)
  if (normalisation === 'none') return { normalisation, mean: channels, std: channels.map(() => 1), from: 'checkpoint' }
  const recorded = await recordedFacts(dirname(dirname(path)), metadata.data)
  if (recorded !== null) return { normalisation, ...normaliser(metadata.config.data, recorded), from: 'record' }
  const { info } = await load(own).catch((error: unknown) => {
    throw new Error(
      `${path} does not say what its network was fed with, its run's record is gone, and so are its data: ` +
        errorText(error),
    )
  })
  return {
    normalisation,
    ...normaliser(metadata.config.data, info),
    from: info.fingerprint === metadata.data ? 'data' : 'changedData',
  }
}

/** What a run's record, or else its log, says about the data with this fingerprint. */
async function recordedFacts(runFolder: string, fingerprint: string): Promise<DatasetInfo | null> {
  const path = join(runFolder, 'run.json')
  try {
    const { data } = unseal(path, await readCapped(path, recordLimits.maxBytes), recordLimits.maxDepth)
    const info = DatasetInfo.safeParse(typeof data === 'object' && data !== null && 'facts' in data ? data.facts : null)
    if (info.success && info.data.fingerprint === fingerprint) return info.data
  } catch {
    /* the log may still be there */
  }
  let found: DatasetInfo | null = null
  await readLog(join(runFolder, 'events.ndjson'), (event) => {
    if (found !== null || !('type' in event) || event.type !== 'started') return
    const parsed = TrainEvent.safeParse(event)
    if (parsed.success && parsed.data.type === 'started' && parsed.data.facts.fingerprint === fingerprint)
      found = parsed.data.facts
  }).catch(() => undefined)
  return found
}
