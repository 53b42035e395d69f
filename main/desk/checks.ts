import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { RunConfig } from '../../core/config/config'
import type { DataConfig } from '../../core/config/data'
import type { Folders, JobResults } from '../../core/job'
import { contradictions } from '../../core/plan/plan'
import { readHeader } from '../files/safetensors'
import { Refusal } from '../refusal'
import { requireAbsolute } from './dataCheck'
import type { Jobs } from './jobs'

type Inspection = JobResults['inspect']

/** What has to be known before a run is queued. */
export interface Checks {
  /** Reads a data set and says what it holds. */
  readonly inspect: (data: DataConfig) => Promise<Inspection>
  /** Refuses a config that cannot be trained on its data. */
  readonly config: (config: RunConfig) => Promise<void>
}

/** Facts do not depend on how training images are changed. */
const keyOf = (data: DataConfig): string => JSON.stringify({ ...data, augmentation: null })

export function createChecks(jobs: Jobs, folders: Folders): Checks {
  const known = new Map<string, Inspection>()
  const running = new Map<string, Promise<Inspection>>()

  async function inspect(data: DataConfig): Promise<Inspection> {
    requireAbsolute(data)
    const key = keyOf(data)
    const found = known.get(key)
    // What we make ourselves never changes; files may.
    if (found !== undefined && !('path' in data.source)) return found
    const inspection = running.get(key) ?? jobs.run({ type: 'inspect', data, folders }).then((answer) => {
      known.set(key, answer)
      return answer
    }).finally(() => running.delete(key))
    running.set(key, inspection)
    return await inspection
  }

  return {
    inspect,
    config: async (config) => {
      requireAbsolute(config.data)
      // An earlier look will do: the trainer reads the data itself and checks again.
      const { facts } = known.get(keyOf(config.data)) ?? await inspect(config.data)
      const issues = contradictions(config, facts)
      if (issues.length > 0) throw new Refusal(issues)
    },
  }
}

/** Checks that a file, which anybody may have named, holds tensors, and returns its SHA-256. Nothing else of it is used before training. */
export async function weightsDigest(path: string): Promise<string> {
  try {
    await readHeader(path)
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
    return hash.digest('hex')
  } catch (error) {
    throw new Refusal([{ path: 'weights', message: error instanceof Error ? error.message : String(error) }])
  }
}
