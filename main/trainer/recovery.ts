import { basename, dirname, join } from 'node:path'
import type { CheckpointMetadata } from '../../core/checkpoint'
import type { Checkpoint } from '../../core/events'
import { TrainEvent } from '../../core/events'
import type { Beginning } from '../../core/job'
import { readMetadata } from '../files/checkpointHeader'
import { sweepUnfinished } from '../files/durableWrite'
import { diskFs, errorCode, type FileSystem } from '../files/fs'
import { isFileNow } from '../files/guard'
import { readLog } from '../files/readLog'
import { loadCheckpoint } from './checkpoint'
import type { CheckpointStore } from './checkpointStore'
import { nameFor } from './checkpointStore'
import { refuseForeign, type Owner } from './ownCheckpoint'

/** What a run's log says of earlier attempts. */
export interface Recorded {
  readonly checkpoints: readonly Checkpoint[]
  /** Names that retention let go, and that nothing was saved under since. */
  readonly retired: ReadonlySet<string>
  /** Updates at which an epoch of this run ended. */
  readonly epochEnds: ReadonlySet<number>
  /** What was remarked, such as how the data was understood. */
  readonly noted: ReadonlySet<string>
  /**
   * The update that the record stands at, and the highest that it ever stood at: an attempt that began earlier took
   * back what came after.
   */
  readonly update: number
  readonly highest: number
}

export async function readRecorded(logPath: string, fs: FileSystem = diskFs): Promise<Recorded> {
  let checkpoints: Checkpoint[] = []
  const retired = new Set<string>()
  const epochEnds = new Set<number>()
  const noted = new Set<string>()
  let [update, highest] = [0, 0]
  await readLog(
    logPath,
    (value) => {
      update = updateAfter(value) ?? update
      highest = Math.max(highest, update)
      if ('type' in value && value.type === 'noted' && 'message' in value && typeof value.message === 'string')
        noted.add(value.message)
      if (!('type' in value) || (value.type !== 'saved' && value.type !== 'epochEnded')) return
      const event = TrainEvent.safeParse(value)
      if (!event.success) return
      if (event.data.type === 'epochEnded') epochEnds.add(event.data.epoch.moment.update)
      if (event.data.type !== 'saved') return
      const { checkpoint, removed } = event.data
      checkpoints = [
        ...checkpoints.filter(({ name }) => name !== checkpoint.name && !removed.includes(name)),
        checkpoint,
      ]
      for (const name of removed) retired.add(name)
      retired.delete(checkpoint.name)
    },
    { fs },
  ).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error
  })
  return { checkpoints, retired, epochEnds, noted, update, highest }
}

/**
 * The update that a record stands at after an event; undefined for one that does not move it. Points are not validated:
 * there may be millions, and only their last update counts.
 */
function updateAfter(value: object): number | undefined {
  const { type, moment, points } = value as Partial<Readonly<Record<string, unknown>>>
  const update =
    type === 'started' ? fieldOf(moment, 'update') : type === 'advanced' ? fieldOf(points, 'update') : undefined
  const last: unknown = Array.isArray(update) ? update.at(-1) : update
  return typeof last === 'number' ? last : undefined
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined

const fileOf = (runFolder: string, name: string): string => join(runFolder, 'checkpoints', `${name}.safetensors`)

/** Those that are there: a record may outlive its file. */
export const present = (runFolder: string, { checkpoints }: Recorded): readonly Checkpoint[] =>
  checkpoints.filter(({ name }) => isFileNow(fileOf(runFolder, name)))

/** Where a run begins, whose trainer may have been killed after it wrote a checkpoint and before the record had it. */
export async function beginningOnDisk(
  runFolder: string,
  beginning: Beginning,
  recorded: Recorded,
  owner: Owner,
): Promise<Beginning> {
  const path = fileOf(runFolder, 'last')
  if (beginning.type === 'resume') {
    const [first = beginning.path, ...others] = await newestOnDisk(
      [beginning.path, ...(beginning.others ?? [])],
      recorded,
    )
    return { ...beginning, path: first, ...(others.length > 0 && { others }) }
  }
  if (recorded.checkpoints.length > 0 || !isFileNow(path)) return beginning
  const isUsable = await loadCheckpoint(path)
    .then((loaded) => refuseForeign(path, loaded, owner))
    .then(
      () => true,
      () => false,
    )
  return isUsable ? { type: 'resume', path, acceptChangedData: false } : beginning
}

/**
 * The files to go on from in the order of what is in them: a kill may have come between a newer file and its record.
 * Those that the record was taken back behind come last, because updates between would be missing in the trace.
 */
async function newestOnDisk(
  paths: readonly string[],
  { checkpoints, update, highest }: Recorded,
): Promise<readonly string[]> {
  const recorded = new Map(checkpoints.map(({ name, moment }) => [name, moment.update]))
  const files = await Promise.all(
    paths.map(async (path) => {
      const metadata = await readMetadata(path).catch(() => null)
      const at = metadata?.moment.update ?? recorded.get(basename(path, '.safetensors')) ?? 0
      return { path, at, isAhead: update < at && at <= highest }
    }),
  )
  return files.sort((a, b) => Number(a.isAhead) - Number(b.isAhead) || b.at - a.at).map(({ path }) => path)
}

/** Clears what a trainer left half-written that was killed; no other trainer works on this run. */
export async function clearUnfinished(runFolder: string, fs: FileSystem = diskFs): Promise<void> {
  // What stays all the same goes at the next opening.
  await sweepUnfinished(join(runFolder, 'checkpoints'), fs, { isWriterGone: true }).catch(() => undefined)
  await sweepUnfinished(runFolder, fs).catch(() => undefined)
}

/**
 * Puts checkpoints and record in order where a trainer was killed in the middle of a save: what the record let go is
 * deleted, what somebody asked for and the record lacks is taken in, and where the run goes on from the end of an
 * epoch, everything that this end would have saved is saved now, from the file that is there.
 */
export async function reconcile(
  store: CheckpointStore,
  from: { readonly path: string; readonly metadata: CheckpointMetadata } | null,
  recorded: Recorded,
  owner: Owner,
  fs: FileSystem = diskFs,
): Promise<void> {
  for (const name of recorded.retired) {
    await fs.unlink(store.path(name)).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error
    })
  }
  await takeInAskedFor(store, recorded, owner, fs)
  if (from === null || from.path !== store.path('last')) return
  const { metadata } = from
  const { moment, validation, config } = metadata
  const isNamed = (name: string): boolean =>
    store
      .checkpoints()
      .some((one) => one.name === name && one.moment.update === moment.update && one.moment.epoch === moment.epoch)
  const isEpochEnd = moment.position === 0 && recorded.epochEnds.has(moment.update)
  const { everyEpochs } = config.checkpoints
  const wanted = [
    'last' as const,
    ...(isEpochEnd && validation !== null ? ['best' as const] : []),
    ...(isEpochEnd && everyEpochs !== null && moment.epoch % everyEpochs === 0 ? ['periodic' as const] : []),
  ]
  const missing = wanted.filter((kind) => !isNamed(nameFor[kind](metadata)))
  if (missing.length > 0) await store.adopt('last', missing, metadata)
}

/** Nobody asks a second time for a checkpoint that is there. */
async function takeInAskedFor(store: CheckpointStore, recorded: Recorded, owner: Owner, fs: FileSystem): Promise<void> {
  const known = new Set([...recorded.retired, ...store.checkpoints().map(({ name }) => name)])
  const names = await fs.list(dirname(store.path('last'))).catch(() => [])
  for (const name of names
    .filter((one) => /^manual-\d{8}\.safetensors$/.test(one))
    .map((one) => basename(one, '.safetensors'))) {
    if (known.has(name)) continue
    const path = store.path(name)
    const metadata = await loadCheckpoint(path)
      .then((loaded) => {
        refuseForeign(path, loaded, owner)
        return loaded.metadata
      })
      .catch(() => null)
    if (metadata !== null && nameFor.manual(metadata) === name) await store.adopt(name, ['manual'], metadata)
  }
}
