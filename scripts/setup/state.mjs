// What set-up achieved, for `batchlab doctor` and the Compute view; reads only, never sets anything up.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { projectFolder, readRecord } from './cache.mjs'

export const engineRecord = 'engine.json'

/** Where @tensorflow/tfjs-node-gpu looks for its native part. */
export const bindingFile = (project) =>
  path.join(project, 'node_modules', '@tensorflow', 'tfjs-node-gpu', 'lib', 'napi-v8', 'tfjs_binding.node')

/**
 * `{ ok, wheel, version, cuda, library, binding, reason }`: whether the tensorflow engine can be loaded from this
 * project, and if not, why.
 */
export function engineState(project = projectFolder) {
  const record = readRecord(engineRecord)
  const binding = bindingFile(project)
  const known = {
    wheel: record?.wheel ?? null,
    version: record?.version ?? null,
    cuda: record?.cuda ?? false,
    library: record?.library ?? null,
    binding,
  }
  const not = (reason) => ({ ok: false, ...known, reason })
  if (record === null) return not('TensorFlow has not been set up yet: run `npm run setup`.')
  if (!record.ok) return not(record.reason)
  if (!existsSync(record.library))
    return not(`The TensorFlow library is gone from ${record.library}: run \`npm run setup\`.`)
  if (!isSameFile(record.binding, binding))
    return not('TensorFlow is in the cache but not in this checkout: run `npm run setup`.')
  return { ok: true, ...known, reason: null }
}

// Another cache's binding would load another cache's library, or none.
function isSameFile(one, other) {
  try {
    return one === other || readFileSync(one).equals(readFileSync(other))
  } catch {
    return false
  }
}
