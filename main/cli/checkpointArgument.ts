import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { bestCheckpoint } from '../../core/best'
import type { CheckpointMetadata } from '../../core/checkpoint'
import { pathOf, withSourcePath } from '../../core/config/place'
import type { Run } from '../../core/run'
import { readMetadata } from '../files/checkpointHeader'
import { badInput } from './failure'
import { viewLibrary } from './libraryAccess'
import { findRun } from './runArgument'
import type { Terminal } from './terminal'

/** A checkpoint that a person named, with what its file says about it. */
export interface NamedCheckpoint {
  readonly label: string
  readonly path: string
  readonly metadata: CheckpointMetadata
}

/** Finds a checkpoint: a file, or RUN/NAME in a library; RUN/best is the one that validation chose. */
export async function findCheckpoint(
  wanted: string,
  dir: string | undefined,
  terminal: Terminal,
): Promise<NamedCheckpoint> {
  const file = resolve(wanted)
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true)
    return { label: wanted, path: file, metadata: await readNamed(file) }
  const at = wanted.lastIndexOf('/')
  if (at < 0) throw badInput(`“${wanted.slice(0, 100)}” is no file, and no RUN/CHECKPOINT such as 0mtb2h/last`)
  const { library, runs } = await viewLibrary(dir, terminal)
  const run = findRun(runs, wanted.slice(0, at))
  const asked = wanted.slice(at + 1)
  const name = asked === 'best' ? (bestCheckpoint(run)?.name ?? asked) : asked
  if (!run.checkpoints.some((one) => one.name === name)) {
    throw badInput(
      `Run ${run.id} has no checkpoint “${name.slice(0, 100)}”: it has ` +
        `${run.checkpoints.map((one) => one.name).join(', ') || 'none'}`,
    )
  }
  const path = library.checkpointPath(run.id, name)
  return { label: `${run.id}/${name}`, path, metadata: whereItsRunIs(await readNamed(path), run) }
}

/** A checkpoint says where its data was when it was saved; its run knows where it was moved since. */
function whereItsRunIs(metadata: CheckpointMetadata, { config }: Run): CheckpointMetadata {
  const path = pathOf(config.data.source)
  return path === undefined ? metadata : { ...metadata, config: withSourcePath(metadata.config, path) }
}

/** The training state that a checkpoint file holds beside its tensors. */
async function readNamed(path: string): Promise<CheckpointMetadata> {
  const metadata = await readMetadata(path)
  if (metadata === null)
    throw badInput(`${path} holds weights but no training state, so it does not say which network they belong to`)
  return metadata
}
