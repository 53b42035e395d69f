import { CheckpointMetadata, checkpointFormat } from '../../core/checkpoint'
import { parseWith } from '../../core/config/parse'
import { errorText } from '../../core/errorText'
import { parseJson } from './jsonText'
import { readHeader } from './safetensors'

/** A checkpoint file that holds no training state that this program can read. */
class CheckpointError extends Error {
  override readonly name = 'CheckpointError'
}

const deepest = 32

/**
 * The training state in the text of a checkpoint's `batchlab` entry. Throws a sentence naming the file when it is
 * damaged or newer.
 */
export function metadataFrom(path: string, text: string): CheckpointMetadata {
  const found = valueOf(path, text)
  const format = typeof found === 'object' && found !== null && 'format' in found ? found.format : undefined
  if (typeof format === 'number' && format > checkpointFormat)
    throw new CheckpointError(
      `${path} was written by a newer Batchlab (format ${format}, this one reads up to ${checkpointFormat})`,
    )
  const parsed = parseWith(CheckpointMetadata, found)
  if (!parsed.ok)
    throw new CheckpointError(
      `${path} has damaged training state: ${parsed.issues[0]?.path ?? ''} ${parsed.issues[0]?.message ?? ''}`,
    )
  return parsed.value
}

/** The training state that a file holds beside its tensors, read without them; null for weights of another program. */
export async function readMetadata(path: string): Promise<CheckpointMetadata | null> {
  const { batchlab } = (await readHeader(path)).metadata
  return batchlab === undefined ? null : metadataFrom(path, batchlab)
}

function valueOf(path: string, text: string): unknown {
  try {
    return parseJson(text, deepest)
  } catch (error) {
    throw new CheckpointError(`${path} has damaged training state: ${errorText(error)}`)
  }
}

/**
 * One entry of the training state in a file's metadata; undefined where there is none. Whatever else is wrong with it
 * does not matter here.
 */
function entryOf({ batchlab }: Readonly<Record<string, string>>, name: 'classes' | 'data' | 'run'): unknown {
  try {
    const found = parseJson(batchlab ?? 'null', deepest)
    return typeof found === 'object' && found !== null && name in found
      ? (found as Readonly<Record<string, unknown>>)[name]
      : undefined
  } catch {
    return undefined
  }
}

/** The class names that a file's metadata holds, in the order of its output units; null where it names none. */
export function classesIn(metadata: Readonly<Record<string, string>>): readonly string[] | null {
  const classes = entryOf(metadata, 'classes')
  return Array.isArray(classes) && classes.every((name) => typeof name === 'string') ? classes : null
}

/**
 * The fingerprint of the data that a checkpoint was trained on, from its file's metadata; null where it does not say.
 */
export function fingerprintIn(metadata: Readonly<Record<string, string>>): string | null {
  const data = entryOf(metadata, 'data')
  return typeof data === 'string' ? data : null
}

/**
 * The run that a checkpoint says it is of, from its file's metadata; null where it does not say, as those of older
 * programs.
 */
export function runIn(metadata: Readonly<Record<string, string>>): string | null {
  const run = entryOf(metadata, 'run')
  return typeof run === 'string' ? run : null
}
