import { copyFile, link, mkdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { CheckpointMetadata } from '../../core/checkpoint'
import type { Checkpoint, TrainEvent } from '../../core/events'
import { superfluous } from '../../core/stopping'
import { saveCheckpoint } from './checkpoint'
import type { LearnerState } from './learner/learner'

type Kind = Checkpoint['kinds'][number]

/** Writes a run's checkpoints and lets superfluous ones go; the newest good one is never touched before its successor is on disk. */
export interface Keeper {
  readonly save: (kinds: readonly Kind[], state: LearnerState, metadata: CheckpointMetadata) => Promise<Extract<TrainEvent, { type: 'saved' }>[]>
  readonly path: (name: string) => string
  readonly checkpoints: () => readonly Checkpoint[]
}

const nameFor: Readonly<Record<Kind, (metadata: CheckpointMetadata) => string>> = {
  last: () => 'last',
  best: ({ moment }) => `best-${String(moment.epoch).padStart(5, '0')}`,
  periodic: ({ moment }) => `epoch-${String(moment.epoch).padStart(5, '0')}`,
  manual: ({ moment }) => `manual-${String(moment.update).padStart(8, '0')}`,
  final: () => 'final',
}

/** Keeps checkpoints in `<runFolder>/checkpoints`. `known` are those that earlier sittings saved; `sync` makes the event log durable first. */
export function createKeeper(runFolder: string, known: readonly Checkpoint[], sync: () => Promise<void>): Keeper {
  const folder = join(runFolder, 'checkpoints')
  const path = (name: string): string => join(folder, `${name}.safetensors`)
  let checkpoints = [...known]

  async function save(kinds: readonly Kind[], state: LearnerState, metadata: CheckpointMetadata): Promise<Extract<TrainEvent, { type: 'saved' }>[]> {
    await mkdir(folder, { recursive: true })
    // The log must reach the disk before the checkpoint does: a resumed run may not have points missing before its first update.
    await sync()
    const events: Extract<TrainEvent, { type: 'saved' }>[] = []
    let written: string | null = null
    let bytes = 0
    for (const kind of kinds) {
      const name = nameFor[kind](metadata)
      const others = checkpoints.filter((one) => one.name !== name)
      const added = (size: number): Checkpoint => ({ name, kinds: [kind], moment: metadata.moment, bytes: size, validation: metadata.validation })
      const removed = superfluous(metadata.config.earlyStopping.monitor, metadata.config.checkpoints.keepBest, [...others, added(0)])
      // An epoch that is not among the best is not kept as one: a record must never name a file that is gone.
      if (removed.includes(name)) continue
      if (written === null) bytes = await saveCheckpoint(path(name), state, metadata)
      else await linkOver(path(written), path(name))
      written ??= name
      const checkpoint = added(bytes)
      checkpoints = [...others, checkpoint]
      for (const gone of removed) await unlink(path(gone)).catch(() => undefined)
      checkpoints = checkpoints.filter((one) => !removed.includes(one.name))
      events.push({ type: 'saved', checkpoint, removed: [...removed] })
    }
    return events
  }

  return { save, path, checkpoints: () => checkpoints }
}

// The same bytes under a second name cost nothing as a hard link; file systems without them get a copy.
async function linkOver(from: string, to: string): Promise<void> {
  await unlink(to).catch(() => undefined)
  try {
    await link(from, to)
  } catch {
    await copyFile(from, to)
  }
}
