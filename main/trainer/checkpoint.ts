import type { CheckpointMetadata } from '../../core/checkpoint'
import { tensorFault, tensorsOf } from '../../core/tensors'
import { metadataFrom } from '../files/checkpointHeader'
import { readTensors, safetensorsContent } from '../files/safetensors'
import type { HostTensor, LearnerState } from './learner/learner'

/** A checkpoint file: weights, running statistics and optimizer slots with all that a resume needs. */
export function checkpointContent(
  state: LearnerState,
  metadata: CheckpointMetadata,
): ReturnType<typeof safetensorsContent> {
  const tensors = new Map([...state].map(([name, { shape, data }]) => [name, { dtype: 'F32' as const, shape, data }]))
  return safetensorsContent(tensors, {
    batchlab: JSON.stringify(metadata),
    layout: 'convolutions HWIO, dense layers in × out',
  })
}

export interface LoadedCheckpoint {
  readonly state: LearnerState
  readonly metadata: CheckpointMetadata
}

/**
 * Reads a checkpoint that a run keeps. Throws a sentence naming the file when it is damaged, foreign or newer, or when
 * it does not hold the weights, statistics and averages of the network that it says it is of.
 */
export async function loadCheckpoint(path: string): Promise<LoadedCheckpoint> {
  const { state, metadata } = await read(path, true)
  if (metadata.batchlab === undefined)
    throw new Error(`${path} holds weights but no training state: it can start a run, not go on with one`)
  const own = metadataFrom(path, metadata.batchlab)
  refuseMisfit(path, state, own, 'weights')
  return { state, metadata: own }
}

/** Throws a sentence where a checkpoint lacks tensors of its network, or has others. */
export function refuseMisfit(
  path: string,
  state: LearnerState,
  { config, shape, classes }: CheckpointMetadata,
  use: 'training' | 'weights',
): void {
  const fault = tensorFault(state, tensorsOf(config, shape, classes.length), use)
  if (fault !== '') throw new Error(`${path} ${fault}, so it is damaged or was changed`)
}

/** Reads the float tensors of any safetensors file. */
export const loadWeights = (path: string): ReturnType<typeof read> => read(path, false)

async function read(
  path: string,
  mustBeOurs: boolean,
): Promise<{ readonly state: LearnerState; readonly metadata: Readonly<Record<string, string>> }> {
  const file = await readTensors(path, undefined, { mustBeOurs })
  const state = new Map<string, HostTensor>()
  for (const [name, { dtype, shape, data }] of file.tensors) {
    if (!(data instanceof Float32Array)) throw new Error(`${path}: tensor ${name} is ${dtype}, expected F32`)
    if (!data.every(Number.isFinite)) throw new Error(`${path}: tensor ${name} holds a NaN or infinite value`)
    state.set(name, { shape, data })
  }
  return { state, metadata: file.metadata }
}
