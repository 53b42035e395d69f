/* Whether a run can go on with its data, found out before a word about it is written. */
import { isAbsolute, resolve } from 'node:path'
import type { RunConfig } from '../../core/config/config'
import type { DataConfig } from '../../core/config/data'
import { pathOf, withSourcePath } from '../../core/config/place'
import type { TrainEvent } from '../../core/events'
import type { DatasetInfo } from '../../core/datasetInfo'
import type { JobResults } from '../../core/job'
import { contradictions } from '../../core/plan/plan'
import type { Run } from '../../core/run'
import { changedImages, sourcePath } from '../data/dataError'
import { fingerprintIn, runIn } from '../files/checkpointHeader'
import { readHeader } from '../files/safetensors'
import { RequestError } from '../requests/requestError'
import { titleOf } from '../../core/names'

/** How a run is to go on. */
export interface GoingOn {
  /** Where its data is now, where that is not where its config says. */
  readonly place?: string | undefined
  /** Goes on even if the images are not those that it was trained on. */
  readonly acceptChangedData?: boolean | undefined
  /** So many epochs in all, where they are to be more than planned. */
  readonly epochs?: number | undefined
}

/** A run that can go on: with which config, on what, and what there is to write down first. */
export interface CanGoOn {
  readonly config: RunConfig
  readonly info: DatasetInfo
  readonly relocated: TrainEvent | null
}

export interface Known {
  readonly inspect: (data: DataConfig) => Promise<JobResults['inspect']>
  /** Its checkpoint files in the order in which it would go on from them; some may be gone, or another run's. */
  readonly checkpoints: readonly string[]
}

/**
 * Reads the data that a run is to go on with and holds it against what the run was trained on. Refuses data that is
 * missing, damaged, or not the same, and a config that it contradicts; nothing is changed by asking.
 */
export async function checkGoingOn(
  run: Run,
  { place, acceptChangedData = false, epochs }: GoingOn,
  { inspect, checkpoints }: Known,
): Promise<CanGoOn> {
  const from = pathOf(run.config.data.source)
  if (place !== undefined && from === undefined)
    throw new RequestError([
      { path: sourcePath, message: `${titleOf(run)} reads no files: its images come with the program` },
    ])
  if (place !== undefined && !isAbsolute(place))
    throw new RequestError([{ path: sourcePath, message: notAbsolute(place) }])
  // Runs of earlier versions hold paths as they were typed, from wherever that was; the fingerprint tells whether this
  // is the place.
  const to = place ?? (from === undefined ? undefined : resolve(from))
  const config = {
    ...(to === undefined ? run.config : withSourcePath(run.config, to)),
    epochs: epochs ?? run.config.epochs,
  }
  const info =
    from === undefined && run.facts !== null ? run.facts : (await inspect(config.data).catch(withAdvice)).info
  const expected = (await fingerprintOf(run, checkpoints)) ?? run.facts?.fingerprint ?? null
  const isSame = expected === null || expected === info.fingerprint
  if (!isSame && !acceptChangedData)
    throw new RequestError([{ path: sourcePath, message: changedImages(to ?? info.name, expected, info.fingerprint) }])
  if (run.facts !== null) refuseUnfit(run.facts, info)
  const issues = contradictions(config, info)
  if (issues.length > 0) throw new RequestError(issues)
  const because = expected === null ? 'untrained' : isSame ? 'same' : 'accepted'
  const relocated =
    from === undefined || to === undefined || from === to
      ? null
      : ({ type: 'relocated' as const, at: new Date().toISOString(), from, to, because } as const)
  return { config, info, relocated }
}

/** Whether a path is stored as it is: one that is found from a working directory would be another file elsewhere. */
export function requireAbsolute({ source }: DataConfig): void {
  const path = pathOf(source)
  if (path !== undefined && !isAbsolute(path))
    throw new RequestError([{ path: sourcePath, message: notAbsolute(path) }])
}

const notAbsolute = (path: string): string =>
  `must be a full path, such as ${resolve('/', 'data', 'images')}, found “${path.slice(0, 200)}”, which would ` +
  'be another place for every program'

const withAdvice = (error: unknown): never => {
  const [issue, ...others] = error instanceof RequestError ? error.issues : []
  if (issue === undefined || issue.path !== sourcePath) throw error
  throw new RequestError([
    { ...issue, message: `${issue.message}. If the data was moved, say where it is now` },
    ...others,
  ])
}

/** A network is made for images of one shape and one number of classes. */
function refuseUnfit(before: DatasetInfo, now: DatasetInfo): void {
  const [was, is] = [before, now].map(({ shape, classes }) => `${shape.join('×')} in ${classes.length} classes`)
  if (was !== is)
    throw new RequestError([
      { path: sourcePath, message: `The run's network was made for images of ${was ?? ''}, found ${is ?? ''}` },
    ])
}

/**
 * The fingerprint of the data that its newest checkpoint was trained on; null where none says: whoever goes on from one
 * will name what is wrong with it.
 */
async function fingerprintOf({ id }: Run, checkpoints: readonly string[]): Promise<string | null> {
  for (const path of checkpoints) {
    const metadata = await readHeader(path).then(
      (header) => header.metadata,
      () => null,
    )
    if (metadata !== null && (runIn(metadata) ?? id) === id) return fingerprintIn(metadata)
  }
  return null
}
