import { join } from 'node:path'
import type { CheckpointMetadata } from '../../core/checkpoint'
import type { Checkpoint, TrainEvent } from '../../core/events'
import { CheckpointName } from '../../core/events'
import { superfluous } from '../../core/stopping'
import { durableWrite, temporaryPath } from '../files/durableWrite'
import { diskFs, makeDurableFolder, type FileSystem } from '../files/fs'
import { saveCheckpoint } from './checkpoint'
import type { LearnerState } from './learner/learner'

type Kind = Checkpoint['kinds'][number]
type Saved = Extract<TrainEvent, { type: 'saved' }>

/** Where a keeper says what it did: the run's log, and whoever listens. */
export interface Journal {
  readonly tell: (event: TrainEvent) => void
  /** Makes everything that was told survive a power cut. */
  readonly sync: () => Promise<void>
}

/**
 * Writes a run's checkpoints and lets superfluous ones go. A kill at any moment loses nothing: new files are whole and synced before the record names them,
 * and what they replace goes only after the record has lost its name. What a kill leaves in between, `reconcile` (kept.ts) puts in order.
 */
export interface Keeper {
  readonly save: (kinds: readonly Kind[], state: LearnerState, metadata: CheckpointMetadata) => Promise<void>
  /** Gives a checkpoint that lies on the disk the names of further kinds, as `save` would have, and puts what the record lacks on it. */
  readonly adopt: (from: string, kinds: readonly Kind[], metadata: CheckpointMetadata, bytes: number) => Promise<void>
  readonly path: (name: string) => string
  readonly checkpoints: () => readonly Checkpoint[]
}

export const nameFor: Readonly<Record<Kind, (metadata: Pick<CheckpointMetadata, 'moment'>) => string>> = {
  last: () => 'last',
  best: ({ moment }) => `best-${String(moment.epoch).padStart(5, '0')}`,
  periodic: ({ moment }) => `epoch-${String(moment.epoch).padStart(5, '0')}`,
  manual: ({ moment }) => `manual-${String(moment.update).padStart(8, '0')}`,
  final: () => 'final',
}

/** Keeps checkpoints in `<runFolder>/checkpoints`. `known` are those that earlier sittings saved and that are there. */
export function createKeeper(runFolder: string, known: readonly Checkpoint[], { tell, sync }: Journal, fs: FileSystem = diskFs): Keeper {
  const folder = join(runFolder, 'checkpoints')
  const path = (name: string): string => join(folder, `${CheckpointName.parse(name)}.safetensors`)
  let checkpoints = [...known]

  /** Puts the files of all kinds that are worth keeping in their places, with `put`, then records them, then lets go of what they replace. */
  async function keep(kinds: readonly Kind[], metadata: CheckpointMetadata, put: (name: string, written: string | null) => Promise<number>): Promise<void> {
    const events: Saved[] = []
    let written: string | null = null
    for (const kind of kinds) {
      const name = nameFor[kind](metadata)
      const others = checkpoints.filter((one) => one.name !== name)
      const added = (bytes: number): Checkpoint => ({ name, kinds: [kind], moment: metadata.moment, bytes, validation: metadata.validation })
      const removed = superfluous(metadata.config.earlyStopping.monitor, metadata.config.checkpoints.keepBest, [...others, added(0)])
      // An epoch that is not among the best is not kept as one: a record must never name a file that is gone.
      if (removed.includes(name)) continue
      const checkpoint = added(await put(name, written))
      written ??= name
      checkpoints = [...others, checkpoint].filter((one) => !removed.includes(one.name))
      events.push({ type: 'saved', checkpoint, removed: [...removed] })
    }
    events.forEach(tell)
    await sync()
    for (const gone of events.flatMap(({ removed }) => removed)) await fs.unlink(path(gone)).catch(() => undefined)
  }

  return {
    path, checkpoints: () => checkpoints,
    save: async (kinds, state, metadata) => {
      await makeDurableFolder(fs, folder)
      // The log must reach the disk before the checkpoint does: a resumed run may not have points missing before its first update.
      await sync()
      let bytes = 0
      await keep(kinds, metadata, async (name, written) => {
        if (written === null) bytes = await saveCheckpoint(path(name), state, metadata, fs)
        else await linkOver(fs, path(written), path(name))
        return bytes
      })
    },
    adopt: async (from, kinds, metadata, bytes) => await keep(kinds, metadata, async (name) => {
      if (name !== from) await linkOver(fs, path(from), path(name))
      return bytes
    }),
  }
}

/** The same bytes under a second name cost nothing as a hard link; file systems without them get a copy. The name never stands for half a file, or for none. */
async function linkOver(fs: FileSystem, from: string, to: string): Promise<void> {
  const temporary = temporaryPath(to)
  try {
    await fs.link(from, temporary)
  } catch {
    await durableWrite(to, await fs.readFile(from), { fs })
    return
  }
  await fs.rename(temporary, to)
  // Where both names are the same file already, a rename does nothing and leaves both.
  await fs.unlink(temporary).catch(() => undefined)
  await fs.syncFolder(join(to, '..'))
}
