import { join } from 'node:path'
import type { CheckpointMetadata } from '../../core/checkpoint'
import type { Checkpoint, TrainEvent } from '../../core/events'
import { CheckpointName } from '../../core/events'
import { superfluous } from '../../core/stopping'
import { durableWrite, type Content } from '../files/durableWrite'
import { diskFs, errorCode, makeDurableFolder, type FileSystem } from '../files/fs'
import { checkpointContent } from './checkpoint'
import type { Journal } from './journal'
import type { LearnerState } from './learner/learner'

type Kind = Checkpoint['kinds'][number]
type Saved = Extract<TrainEvent, { type: 'saved' }>

/**
 * Writes a run's checkpoints and lets superfluous ones go. A kill at any moment loses nothing: new files are whole and
 * synced before the record names them, and what they replace goes only after the record has lost its name. What a kill
 * leaves in between, `reconcile` (kept.ts) puts in order.
 */
export interface CheckpointStore {
  readonly save: (kinds: readonly Kind[], state: LearnerState, metadata: CheckpointMetadata) => Promise<void>
  /**
   * Keeps a checkpoint that lies on the disk as further kinds too, as `save` would have, and puts what the record lacks
   * on it.
   */
  readonly adopt: (from: string, kinds: readonly Kind[], metadata: CheckpointMetadata) => Promise<void>
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

/** Keeps checkpoints in `<runFolder>/checkpoints`. `known` are those that earlier attempts saved and that are there. */
export function createCheckpointStore(
  runFolder: string,
  known: readonly Checkpoint[],
  { record, sync }: Pick<Journal, 'record' | 'sync'>,
  fs: FileSystem = diskFs,
): CheckpointStore {
  const folder = join(runFolder, 'checkpoints')
  const path = (name: string): string => join(folder, `${CheckpointName.parse(name)}.safetensors`)
  let checkpoints = [...known]
  /** Files that the record let go and that could not be deleted yet. */
  const leftover = new Set<string>()

  /**
   * Puts a file of its own in the place of every kind that is worth keeping, but for one that is there, then records
   * them, then lets go of what they replace. No two names share their bytes: what one bad sector takes is one
   * checkpoint.
   */
  async function keep(
    kinds: readonly Kind[],
    metadata: CheckpointMetadata,
    content: Content,
    bytes: number,
    there: string | null,
  ): Promise<void> {
    const events: Saved[] = []
    try {
      for (const kind of kinds) {
        const name = nameFor[kind](metadata)
        const others = checkpoints.filter((one) => one.name !== name)
        const checkpoint: Checkpoint = {
          name,
          kinds: [kind],
          moment: metadata.moment,
          bytes,
          validation: metadata.validation,
        }
        const removed = superfluous(metadata.config.earlyStopping.monitor, metadata.config.checkpoints.keepBest, [
          ...others,
          checkpoint,
        ])
        // An epoch that is not among the best is not kept as one: a record must never name a file that is gone.
        if (removed.includes(name)) continue
        if (name !== there) await durableWrite(path(name), content, { fs })
        leftover.delete(name)
        checkpoints = [...others, checkpoint].filter((one) => !removed.includes(one.name))
        events.push({ type: 'saved', checkpoint, removed: [...removed] })
      }
    } catch (error) {
      // What is there is there, whatever the disk refused of the rest.
      await record(events).catch(() => undefined)
      throw error
    }
    await record(events)
    for (const gone of events.flatMap(({ removed }) => removed)) leftover.add(gone)
    for (const gone of leftover)
      await fs.unlink(path(gone)).then(
        () => leftover.delete(gone),
        (error: unknown) => errorCode(error) === 'ENOENT' && leftover.delete(gone),
      )
  }

  return {
    path,
    checkpoints: () => checkpoints,
    save: async (kinds, state, metadata) => {
      // The log must reach the disk before the checkpoint does: a resumed run may not have points missing before its
      // first update. And it says where the run's folder is gone, which must not be made anew.
      await sync()
      await makeDurableFolder(fs, folder, { parents: false })
      const { content, bytes } = checkpointContent(state, metadata)
      await keep(kinds, metadata, content, bytes, null)
    },
    adopt: async (from, kinds, metadata) => {
      const content = await fs.readFile(path(from))
      await keep(kinds, metadata, content, content.byteLength, from)
    },
  }
}
