import type { CheckpointMetadata } from '../../core/checkpoint'
import { metadataFrom } from '../files/checkpointHeader'
import { diskFs, type FileSystem } from '../files/fs'
import { readTensors, writeSafetensors } from '../files/safetensors'
import type { HostTensor, LearnerState } from './learner/learner'

/** Writes weights, running statistics and optimizer slots with all that a resume needs; returns the file's size in bytes. */
export async function saveCheckpoint(path: string, state: LearnerState, metadata: CheckpointMetadata, fs: FileSystem = diskFs): Promise<number> {
  const tensors = new Map([...state].map(([name, { shape, data }]) => [name, { dtype: 'F32' as const, shape, data }]))
  const { bytes } = await writeSafetensors(path, tensors, { batchlab: JSON.stringify(metadata), layout: 'convolutions HWIO, dense layers in × out' }, { fs })
  return bytes
}

/** Reads a checkpoint written by `saveCheckpoint`. Throws a sentence naming the file when it is damaged, foreign or newer. */
export async function loadCheckpoint(path: string): Promise<{ readonly state: LearnerState; readonly metadata: CheckpointMetadata }> {
  const { state, metadata } = await read(path, true)
  if (metadata.batchlab === undefined) throw new Error(`${path} holds weights but no training state: it can start a run, not go on with one`)
  return { state, metadata: metadataFrom(path, metadata.batchlab) }
}

/** Reads the float tensors of any safetensors file. */
export const loadWeights = (path: string): ReturnType<typeof read> => read(path, false)

async function read(path: string, mustBeOurs: boolean): Promise<{ readonly state: LearnerState; readonly metadata: Readonly<Record<string, string>> }> {
  const file = await readTensors(path, undefined, { mustBeOurs })
  const state = new Map<string, HostTensor>()
  for (const [name, { dtype, shape, data }] of file.tensors) {
    if (!(data instanceof Float32Array)) throw new Error(`${path}: tensor ${name} is ${dtype}, expected F32`)
    if (!data.every(Number.isFinite)) throw new Error(`${path}: tensor ${name} holds a NaN or infinite value`)
    state.set(name, { shape, data })
  }
  return { state, metadata: file.metadata }
}
