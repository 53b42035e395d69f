import { createHash } from 'node:crypto'
import { access } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import type { RunConfig } from '../../core/config/config'
import type { DataConfig } from '../../core/config/data'
import { pathOf } from '../../core/config/place'
import type { DatasetInfo } from '../../core/datasetInfo'
import { errorText } from '../../core/errorText'
import type { Folders, JobResults } from '../../core/job'
import { networkFor, weightsOf } from '../../core/network'
import { contradictions } from '../../core/plan/plan'
import { streamOf } from '../files/guard'
import { readWeights } from '../files/weightsFile'
import { RequestError } from '../requests/requestError'
import { requireAbsolute } from './dataCheck'
import type { SideJobs } from './sideJobs'

type Inspection = JobResults['inspect']

/** What has to be known before a run is queued. */
export interface StartChecks {
  /** Reads a data set and says what it holds. */
  readonly inspect: (data: DataConfig) => Promise<Inspection>
  /** Refuses a config that cannot be trained on its data, and says what is known of that. */
  readonly config: (config: RunConfig) => Promise<DatasetInfo>
}

/** Facts do not depend on how training images are changed. */
const keyOf = (data: DataConfig): string => JSON.stringify({ ...data, augmentation: null })

// Not existsSync: a folder of a computer that does not answer would hold up everything.
const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** What was looked at, as often as a page asks for something else, is not all kept. */
const mostKnown = 200

export function createStartChecks(jobs: SideJobs, folders: Folders): StartChecks {
  const known = new Map<string, Inspection>()
  const running = new Map<string, Promise<Inspection>>()

  async function inspect(data: DataConfig): Promise<Inspection> {
    requireAbsolute(data)
    const key = keyOf(data)
    const found = known.get(key)
    // What we make ourselves never changes; files may.
    if (found !== undefined && !('path' in data.source)) return found
    const inspection =
      running.get(key) ??
      jobs
        .run({ type: 'inspect', data, folders })
        .then((answer) => {
          known.set(key, answer)
          const [oldest] = known.keys()
          if (known.size > mostKnown && oldest !== undefined) known.delete(oldest)
          return answer
        })
        .finally(() => running.delete(key))
    running.set(key, inspection)
    return await inspection
  }

  return {
    inspect,
    config: async (config) => {
      requireAbsolute(config.data)
      // An earlier look will do while the data is still there: the trainer reads it and checks again.
      const place = pathOf(config.data.source)
      const earlier = place === undefined || (await isThere(place)) ? known.get(keyOf(config.data)) : undefined
      const { info } = earlier ?? (await inspect(config.data))
      const issues = contradictions(config, info)
      if (issues.length > 0) throw new RequestError(issues)
      return info
    },
  }
}

/**
 * Checks that a file, which anybody may have named, has the weights that a config's network needs, and returns its
 * SHA-256.
 */
export async function weightsDigest(path: string, config: RunConfig, info: DatasetInfo): Promise<string> {
  try {
    if (!isAbsolute(path)) throw new Error(`must be a full path, found “${path.slice(0, 200)}”`)
    await readWeights(
      path,
      weightsOf(networkFor(config.network, config.networkOptions, info.shape, info.classes.length), info.shape),
    )
    const hash = createHash('sha256')
    for await (const chunk of streamOf(path)) hash.update(chunk as Buffer)
    return hash.digest('hex')
  } catch (error) {
    throw new RequestError([{ path: 'weights', message: errorText(error) }])
  }
}
