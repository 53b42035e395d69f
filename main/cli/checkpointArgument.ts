import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { CheckpointMetadata, checkpointFormat } from '../../core/checkpoint'
import { parseWith } from '../../core/config/parse'
import { pathOf, withSourcePath } from '../../core/config/place'
import type { Run } from '../../core/run'
import { parseJson } from '../files/jsonText'
import { readHeader } from '../files/safetensors'
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

/** Finds a checkpoint: a file, or RUN/NAME in a library. */
export async function findCheckpoint(wanted: string, dir: string | undefined, terminal: Terminal): Promise<NamedCheckpoint> {
  const file = resolve(wanted)
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === true) return { label: wanted, path: file, metadata: await readMetadata(file) }
  const at = wanted.lastIndexOf('/')
  if (at < 0) throw badInput(`“${wanted.slice(0, 100)}” is no file, and no RUN/CHECKPOINT such as 0mtb2h/last`)
  const { library, runs } = await viewLibrary(dir, terminal)
  const run = findRun(runs, wanted.slice(0, at))
  const name = wanted.slice(at + 1)
  if (!run.checkpoints.some((one) => one.name === name)) {
    throw badInput(`Run ${run.id} has no checkpoint “${name.slice(0, 100)}”: it has ${run.checkpoints.map((one) => one.name).join(', ') || 'none'}`)
  }
  const path = library.checkpointPath(run.id, name)
  return { label: `${run.id}/${name}`, path, metadata: whereItsRunIs(await readMetadata(path), run) }
}

/** A checkpoint says where its data was when it was saved; its run knows where it was moved since. */
function whereItsRunIs(metadata: CheckpointMetadata, { config }: Run): CheckpointMetadata {
  const path = pathOf(config.data.source)
  return path === undefined ? metadata : { ...metadata, config: withSourcePath(metadata.config, path) }
}

const deepestMetadata = 32

/** The training state that a checkpoint file holds beside its tensors. */
export async function readMetadata(path: string): Promise<CheckpointMetadata> {
  const { batchlab } = (await readHeader(path)).metadata
  if (batchlab === undefined) throw badInput(`${path} holds weights but no training state, so it does not say which network they belong to`)
  const found = parseJson(batchlab, deepestMetadata)
  const format = typeof found === 'object' && found !== null && 'format' in found ? found.format : undefined
  if (typeof format === 'number' && format > checkpointFormat) throw badInput(`${path} was written by a newer Batchlab (format ${format}, this one reads up to ${checkpointFormat})`)
  const parsed = parseWith(CheckpointMetadata, found)
  if (!parsed.ok) throw badInput(`${path} has damaged training state: ${parsed.issues[0]?.path ?? ''} ${parsed.issues[0]?.message ?? ''}`)
  return parsed.value
}
