import * as tf from '@tensorflow/tfjs-core'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, cpus } from 'node:os'
import { dirname, join } from 'node:path'
import util from 'node:util'
import { errorText } from '../../core/errorText'
import type { EngineReport } from '../../core/job'
import { engineEnvironment, type EngineWork } from '../../core/engineEnvironment'
import { usedUp } from '../../core/shortage'
import { registerGradientKernels } from './ops/gradientKernels'

export type EngineName = 'tensorflow' | 'wasm' | 'cpu'

/** An attribute of a TensorFlow operation, as tfjs-node's binding takes it. */
export interface NativeAttribute {
  readonly name: string
  readonly type: number
  readonly value: number | boolean | string | readonly number[]
}

/** The part of tfjs-node's backend that runs any TensorFlow operation; tfjs's own types do not show it. */
export interface NativeBackend {
  readonly binding: Readonly<
    Record<
      'TF_ATTR_TYPE' | 'TF_ATTR_INT' | 'TF_ATTR_FLOAT' | 'TF_ATTR_BOOL' | 'TF_ATTR_STRING' | 'TF_FLOAT' | 'TF_INT32',
      number
    >
  > & { readonly TF_Version: string }
  readonly isUsingGpuDevice: boolean
  executeSingleOutput(name: string, attributes: readonly NativeAttribute[], inputs: readonly tf.Tensor[]): tf.Tensor
  executeMultipleOutputs(
    name: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly tf.Tensor[],
    outputs: number,
  ): tf.Tensor[]
}

/**
 * What computes: tfjs's current backend and what is known of it. One per process, because tfjs has one current backend.
 */
export interface Engine {
  readonly name: EngineName
  /** The device in words, such as "CPU: AMD EPYC, 2 threads". */
  readonly device: string
  readonly versions: Readonly<Record<string, string>>
  /** TensorFlow's own operations; undefined on the portable engines. */
  readonly native: NativeBackend | undefined
  /** Computations that are best made side by side: more than one where every operation has a single thread. */
  readonly parallelParts: number
  /** The engines that were tried first, and why each does not work here. */
  readonly refused: readonly { readonly name: EngineName; readonly reason: string }[]
}

export interface EngineOptions {
  /** CPU threads of the tensorflow engine; undefined: all cores. The first engine opened in a process decides. */
  readonly threads?: number | undefined
  /**
   * What it is going to compute, which decides how operations share the threads. The first engine opened in a process
   * decides for all.
   */
  readonly work?: EngineWork | undefined
  /** Whether TensorFlow compiles captured steps with XLA. The first engine opened in a process decides for all. */
  readonly xla?: boolean
}

// In the bundle as in the sources these packages stay in node_modules, and only an engine that is opened is loaded.
const load = createRequire(import.meta.url)

/** Opens an engine and makes it tfjs's current backend; `auto` takes the fastest that works. */
export async function openEngine(wanted: 'auto' | EngineName, options: EngineOptions): Promise<Engine> {
  // Without this tfjs advises users of the portable engines to install its node package.
  tf.enableProdMode()
  const refused: { name: EngineName; reason: string }[] = []
  const candidates: readonly EngineName[] = wanted === 'auto' ? ['tensorflow', 'wasm', 'cpu'] : [wanted]
  for (const name of candidates) {
    try {
      return { ...(await openers[name](options)), name, refused }
    } catch (error) {
      // An engine without memory is not one that does not work here: a slower one in its place would be a surprise for
      // hours.
      if (error instanceof Error && usedUp(error.message) !== null) throw error
      refused.push({ name, reason: firstLine(error) })
    }
  }
  throw new Error(refused.map(({ name, reason }) => `Engine ${name}: ${reason}`).join(' '))
}

/** Tries every engine, best first, and says what it found; opens the last that works. */
export async function probeEngines(): Promise<EngineReport[]> {
  const reports: EngineReport[] = []
  for (const name of ['tensorflow', 'wasm', 'cpu'] as const) {
    try {
      const { device, versions } = await openEngine(name, {})
      reports.push({ name, works: true, device, versions, reason: '' })
    } catch (error) {
      reports.push({ name, works: false, device: '', versions: {}, reason: firstLine(error) })
    }
  }
  return reports
}

interface WasmPackage {
  readonly setWasmPaths: (folder: string) => void
  readonly version_wasm: string
}

type Opened = Pick<Engine, 'device' | 'versions' | 'native' | 'parallelParts'>

const openers: Readonly<Record<EngineName, (options: EngineOptions) => Promise<Opened>>> = {
  tensorflow: async ({ threads, work, xla = false }) => {
    if (!tensorflowBinding())
      throw new Error('TensorFlow is not set up: its library is not built yet. Run `node scripts/setup.mjs`.')
    setEnvironment(engineEnvironment(threads ?? availableParallelism(), work ?? null, xla))
    // tfjs-node 4.22 calls both on tensors. Node 23 removed the first; Node 22 complains on stderr about either.
    Object.assign(util, {
      isNullOrUndefined: (value: unknown) => value === null || value === undefined,
      isArray: Array.isArray,
    })
    load('@tensorflow/tfjs-node-gpu')
    await use('tensorflow')
    const native = tf.backend() as unknown as NativeBackend
    const versions = { tfjs: tf.version_core, tensorflow: native.binding.TF_Version }
    return native.isUsingGpuDevice
      ? { device: 'GPU (CUDA)', native, versions, parallelParts: 1 }
      : { device: cpuName(threads), native, versions, parallelParts: parallelParts() }
  },
  wasm: async () => {
    load('@tensorflow/tfjs')
    const wasm = load('@tensorflow/tfjs-backend-wasm') as WasmPackage
    wasm.setWasmPaths(join(dirname(load.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist') + '/')
    registerGradientKernels('wasm')
    await use('wasm')
    return {
      device: cpuName(1),
      native: undefined,
      parallelParts: 1,
      versions: { tfjs: tf.version_core, wasm: wasm.version_wasm },
    }
  },
  cpu: async () => {
    // tfjs-core alone knows no gradients: the union package registers them.
    load('@tensorflow/tfjs')
    registerGradientKernels('cpu')
    await use('cpu')
    return { device: cpuName(1), native: undefined, parallelParts: 1, versions: { tfjs: tf.version_core } }
  },
}

async function use(name: EngineName): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error(`The ${name} backend did not start.`)
  await tf.ready()
  // Shows that it computes. TensorFlow also ends its process with SIGSEGV when it leaves a thread in which it never
  // computed anything.
  if (tf.tidy(() => tf.add(tf.scalar(1), tf.scalar(2)).dataSync()[0]) !== 3)
    throw new Error(`The ${name} backend computes 1 + 2 wrongly.`)
}

/** Where tfjs-node-gpu's native library lies, undefined where it is not built. */
export function tensorflowBinding(): string | undefined {
  try {
    const file = join(
      dirname(load.resolve('@tensorflow/tfjs-node-gpu/package.json')),
      'lib',
      'napi-v8',
      'tfjs_binding.node',
    )
    return existsSync(file) ? file : undefined
  } catch {
    return undefined
  }
}

// What somebody has set already stays.
function setEnvironment(wanted: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(wanted)) process.env[name] ??= value
}

const parallelParts = (): number =>
  process.env['TF_NUM_INTRAOP_THREADS'] === '1' ? Number(process.env['TF_NUM_INTEROP_THREADS']) : 1

const cpuName = (threads: number | undefined): string => {
  const count = threads ?? availableParallelism()
  return `CPU: ${cpus()[0]?.model.trim() ?? 'unknown'}, ${count} thread${count === 1 ? '' : 's'}`
}

const firstLine = (error: unknown): string => errorText(error).split('\n')[0] ?? ''
