import { basename, join } from 'node:path'
import { CheckpointName } from '../../core/events'
import { Run, RunId } from '../../core/run'
import { durableWrite, isRunning, sweepUnfinished } from '../files/durableWrite'
import { migrate, sealInTurns, unseal, type Shape } from '../files/envelope'
import { FileError } from '../files/fileError'
import { diskFs, errorCode, makeDurableFolder, readFully, writeFully, type FileSystem } from '../files/fs'
import { JsonFileError, readCapped } from '../files/jsonFile'
import { keepAside } from '../files/storeBackups'
import { assertReadable, runPieces } from './recordText'

/**
 * How a `run.json` is written; a migration is added here when `Run` changes, and never taken away. The number is raised
 * for every field that is added, too: a program that does not know the field then says that the file is a newer
 * version's, and does not take it for damaged. Format 2 has `extensions`, `logBytes` and remarks that are `about`
 * something, and beside it lie logs whose lines say which one they follow. Format 3 lies beside logs that say
 * when a trainer was about to be started.
 */
export const runShape: Shape<Run> = { schema: Run, format: 3, migrations: [(data) => data, (data) => data] }
const limits = { maxBytes: 256 * 2 ** 20, maxDepth: 32 } as const
// The list has a record in a list in an object in the envelope's object.
const recordDepth = limits.maxDepth - 3

const pieceBytes = 2 ** 22
const tombstone = '.purged-'

/**
 * The folders of the runs: `runs/<id>/{run.json, events.ndjson, checkpoints/, origin.safetensors, pause.request,
 * trainer.pid}`.
 */
export interface RunFolders {
  readonly path: (id: RunId) => string
  readonly logPath: (id: RunId) => string
  readonly originPath: (id: RunId) => string
  readonly checkpointPath: (id: RunId, name: string) => string
  readonly list: () => Promise<{
    readonly ids: readonly RunId[]
    readonly purged: readonly RunId[]
    readonly strange: readonly string[]
  }>
  /** Makes the folder; fails when it exists. */
  readonly create: (id: RunId, originFile: string | null, share: boolean) => Promise<void>
  readonly read: (id: RunId) => Promise<Run>
  /** Replaces the record. One that could not be read is kept aside, one of a newer program stays. */
  readonly write: (run: Run) => Promise<void>
  /** Takes the folder's name away, so that the run is gone at once, and its bytes afterwards. */
  readonly markRemoved: (id: RunId) => Promise<void>
  readonly clearGraves: (purged: readonly RunId[]) => Promise<void>
  /** Removes what a killed process had not finished of a run's files, and its name. */
  readonly sweep: (id: RunId) => Promise<void>
  /**
   * Whether a process made the folder and died before it wrote the run's record, so that nobody was told of the run.
   */
  readonly isBarelyMade: (id: RunId) => Promise<boolean>
}

/** The process that a file names; null where there is none in it. */
export async function pidIn(path: string, fs: FileSystem): Promise<number | null> {
  const pid = Number(
    await readCapped(path, 100, fs).then(
      (bytes) => Buffer.from(bytes).toString('latin1'),
      () => '0',
    ),
  )
  return Number.isInteger(pid) && pid > 0 ? pid : null
}

export function runFolders(
  library: string,
  fs: FileSystem,
  onKept: (sentence: string) => void = () => undefined,
): RunFolders {
  /** Why a record could not be read when it was tried last. */
  const unread = new Map<RunId, FileError>()
  const root = join(library, 'runs')
  const path = (id: RunId): string => join(root, RunId.parse(id))
  const grave = (id: RunId): string => join(root, `${tombstone}${RunId.parse(id)}`)
  const runPath = (id: RunId): string => join(path(id), 'run.json')
  const clear = async (id: RunId): Promise<void> => await fs.removeFolder(grave(id))
  const originPath = (id: RunId): string => join(path(id), 'origin.safetensors')

  return {
    path,
    originPath,
    logPath: (id) => join(path(id), 'events.ndjson'),
    checkpointPath: (id, name) => join(path(id), 'checkpoints', `${CheckpointName.parse(name)}.safetensors`),
    list: async () => {
      const names = await fs.list(root).catch((error: unknown) => {
        if (errorCode(error) === 'ENOENT') return []
        throw error
      })
      const isId = (name: string): boolean => RunId.safeParse(name).success
      const purged = names
        .filter((name) => name.startsWith(tombstone))
        .map((name) => name.slice(tombstone.length))
        .filter(isId)
      return {
        ids: names.filter(isId).sort(),
        purged,
        strange: names.filter((name) => !isId(name) && !name.startsWith('.')),
      }
    },
    create: async (id, originFile, share) => {
      const isFree = await fs.stat(path(id)).then(
        () => false,
        (error: unknown) => errorCode(error) === 'ENOENT',
      )
      if (!isFree)
        throw new FileError(path(id), 'EEXIST', `Cannot make the folder of run ${id}: it exists already (${path(id)})`)
      await fs.makeFolder(path(id))
      if (originFile !== null) await takeIn(originFile, originPath(id), share, fs)
      await makeDurableFolder(fs, join(path(id), 'checkpoints'), { parents: false })
      await fs.syncFolder(root)
    },
    read: async (id) => {
      try {
        const run = migrate(
          runPath(id),
          unseal(runPath(id), await readCapped(runPath(id), limits.maxBytes, fs), limits.maxDepth),
          runShape,
        )
        if (run.id !== id)
          throw new JsonFileError(runPath(id), 'ESCHEMA', `is that of run ${run.id}, not of run ${id}`, [])
        unread.delete(id)
        return run
      } catch (error) {
        if (error instanceof FileError && error.code !== 'ENOENT') unread.set(id, error)
        throw error
      }
    },
    write: async (run) => {
      const known = unread.get(run.id)
      if (known?.code === 'ENEWER') throw known
      assertReadable(run, recordDepth)
      const { bytes } = await sealInTurns(runShape.format, 1, await runPieces(run))
      if (known !== undefined) {
        const aside = await keepAside(runPath(run.id), fs, new Date()).catch((error: unknown) => {
          if (errorCode(error) !== 'ENOENT') throw error
        })
        unread.delete(run.id)
        if (aside !== undefined)
          onKept(`The run.json of run ${run.id} that could not be read is kept as ${basename(aside)}.`)
      }
      await durableWrite(runPath(run.id), bytes, { fs })
    },
    markRemoved: async (id) => {
      await clear(id)
      try {
        await fs.rename(path(id), grave(id))
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') throw error
      }
      await fs.syncFolder(root)
    },
    clearGraves: async (purged) => {
      for (const id of purged) await clear(id)
    },
    sweep: async (id) => {
      for (const folder of [path(id), join(path(id), 'checkpoints')])
        await sweepUnfinished(folder, fs).catch(() => undefined)
      const trainer = await pidIn(join(path(id), 'trainer.pid'), fs)
      if (trainer !== null && !isRunning(trainer)) await fs.unlink(join(path(id), 'trainer.pid')).catch(() => undefined)
    },
    // What it begins from is taken in before anything is written about the run.
    isBarelyMade: async (id) => {
      const names = (await fs.list(path(id))).filter(
        (name) => name !== 'origin.safetensors' && !name.endsWith('.unfinished'),
      )
      return (
        names.every((name) => name === 'checkpoints') &&
        (names.length === 0 || (await fs.list(join(path(id), 'checkpoints'))).length === 0)
      )
    },
  }
}

/**
 * Our own checkpoints are never changed in place, so a second name for the same bytes is as good as a copy; other files
 * may change.
 */
async function takeIn(from: string, to: string, share: boolean, fs: FileSystem): Promise<void> {
  try {
    if (share) return await fs.link(from, to)
  } catch {
    /* a file system without hard links gets a copy */
  }
  const source = await diskFs.open(from, 'r')
  try {
    const target = await fs.open(to, 'wx')
    try {
      const piece = new Uint8Array(pieceBytes)
      for (let at = 0, count = pieceBytes; count === pieceBytes; at += count) {
        count = await readFully(source, piece, at)
        await writeFully(target, piece.subarray(0, count), at)
      }
      await target.sync()
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}
