// The tensorflow engine: wheel → binding → node_modules, each step skipped where its result is already there.
import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import {
  cachedBinding,
  compileBinding,
  findCompiler,
  installBinding,
  removeBinding,
  verifyBinding,
} from './binding.mjs'
import {
  cacheFolder,
  freeBytes,
  moveIntoPlace,
  projectFolder,
  readRecord,
  temporaryFolder,
  writeRecord,
} from './cache.mjs'
import { engines } from './pins.mjs'
import { isFresh, Problem } from './problem.mjs'
import { lastLine, run, which } from './process.mjs'
import { findPython } from './python.mjs'
import { bindingFile, engineRecord, engineState } from './state.mjs'
import { downloadWheel, removeDownloads, unpackWheel } from './wheels.mjs'

const cudaRecord = 'engine-cuda.json'

/** True when nothing is left to do, found out in a millisecond. */
export function isEngineReady() {
  const state = engineState()
  return state.ok && (state.cuda || state.wheel === 'upstream' || !wantsCuda())
}

/**
 * Sets the engine up and returns null, or the sentence that says what could not be done.
 * `upstream` uses the npm package's own installer instead; `retry` forgets an earlier costly failure.
 */
export async function setUpEngine({ progress, retry, upstream }) {
  const record = readRecord(engineRecord)
  if (!retry && isFresh(record))
    return `${record.reason} It is tried again after a day, or now with \`npm run setup:retry\`.`
  try {
    const done = upstream ? await upstreamEngine(progress) : await wheelEngine(progress, retry)
    writeRecord(engineRecord, { ok: true, ...done, at: new Date().toISOString() })
    return null
  } catch (error) {
    // What is there belongs to another cache or does not load: the app must not find it.
    removeBinding()
    const reason =
      `TensorFlow could not be set up because ${error.message}; everything works without it, only slower, on the ` +
      'wasm engine.'
    writeRecord(engineRecord, {
      ok: false,
      reason,
      costly: error.costly ?? false,
      packages: error.packages ?? [],
      at: new Date().toISOString(),
    })
    return reason
  }
}

async function wheelEngine(progress, retry) {
  const plain = plainEngine()
  const cuda = cudaEngine(progress, retry)
  if (cuda === undefined) return prepare(plain, progress, retry)
  try {
    return await prepare(cuda, progress, retry)
  } catch (error) {
    if (!error.costly) throw error
    writeRecord(cudaRecord, { ok: false, costly: true, at: new Date().toISOString() })
    progress.say(
      `The GPU libraries could not be set up because ${error.message}: TensorFlow is set up for the CPU only.`,
    )
    return prepare(plain, progress, retry)
  }
}

async function prepare(engine, progress, retry) {
  const folder = path.join(cacheFolder(), 'engine', engine.name)
  const library = path.join(folder, engine.library)
  if (!existsSync(library)) await fetchEngine(engine, folder, progress)

  const binding = cachedBinding(folder)
  const record = readRecord(engineRecord)
  // A record of another place means the cache was moved: the binding looks for its library in the old one.
  const isCurrent = existsSync(binding) && record?.ok === true && record.library === library
  if (retry || !isCurrent) {
    const compiler = findCompiler()
    progress.say('Building the TensorFlow binding (about 10 s) …')
    await compileBinding(engine, folder, compiler)
  }
  installBinding(binding)
  if (retry || !isCurrent) {
    const { isGpu } = await verifyBinding()
    progress.say(`TensorFlow 2.21.0 is ready (${isGpu ? 'it uses the GPU' : 'on the CPU'}).`)
  }
  return { wheel: engine.wheels[0].name, version: engine.wheels[0].version, cuda: engine.cuda, library, binding }
}

function plainEngine() {
  const platform = `${process.platform}-${process.arch}`
  const engine = engines[platform]
  if (engine === undefined) {
    const other =
      process.platform === 'win32'
        ? ' (with CUDA 11.2, `npm run setup -- --engine upstream` uses the one of the npm package)'
        : ''
    throw new Problem(`there is no TensorFlow library for ${platform}${other}`)
  }
  if (process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined) {
    throw new Problem('its library needs glibc, which this Linux does not have')
  }
  return engine
}

const wantsCuda = () =>
  engines[`${process.platform}-${process.arch}-cuda`] !== undefined &&
  hasNvidiaDriver() &&
  !isFresh(readRecord(cudaRecord))

function cudaEngine(progress, retry) {
  const engine = engines[`${process.platform}-${process.arch}-cuda`]
  if (engine === undefined || !(retry ? hasNvidiaDriver() : wantsCuda())) return undefined
  if (existsSync(path.join(cacheFolder(), 'engine', engine.name)) || freeBytes() > spaceFor(engine)) return engine
  progress.say(
    `The GPU libraries need ${gibibytes(spaceFor(engine))} in ${cacheFolder()}, which has ` +
      `${gibibytes(freeBytes())}: TensorFlow is set up for the CPU only.`,
  )
  return undefined
}

async function fetchEngine(engine, folder, progress) {
  // Everything that can fail cheaply is looked at before the download.
  findCompiler()
  const python = await findPython()
  if (freeBytes() < spaceFor(engine)) {
    throw new Problem(
      `it needs ${gibibytes(spaceFor(engine))} free in ${cacheFolder()}, which has ${gibibytes(freeBytes())}`,
    )
  }
  const files = []
  for (const pin of engine.wheels) files.push(await downloadWheel(pin, python, progress))
  progress.say('Unpacking TensorFlow …')
  const unpacked = temporaryFolder('engine')
  try {
    for (const file of files) await unpackWheel(file, unpacked, python)
    moveIntoPlace(unpacked, folder)
  } finally {
    rmSync(unpacked, { recursive: true, force: true })
  }
  removeDownloads(engine.wheels)
}

async function upstreamEngine(progress) {
  const folder = path.join(projectFolder, 'node_modules', '@tensorflow', 'tfjs-node-gpu')
  progress.say('Running the installer of @tensorflow/tfjs-node-gpu …')
  const installed = await run(process.execPath, ['scripts/install.js', 'gpu', 'download'], {
    cwd: folder,
    timeoutMs: 1_800_000,
  })
  if (!installed.ok)
    throw new Problem(
      `the installer of @tensorflow/tfjs-node-gpu failed (${lastLine(installed.output).slice(0, 200)})`,
      { costly: true },
    )
  await verifyBinding()
  const library = path.join(folder, 'deps', 'lib')
  return { wheel: 'upstream', version: '2.9.1', cuda: hasNvidiaDriver(), library, binding: bindingFile(projectFolder) }
}

/** True where a driver for NVIDIA GPUs is installed; the toolkit and the libraries come with the wheels. */
function hasNvidiaDriver() {
  return (
    ['/proc/driver/nvidia/version', '/usr/lib/wsl/lib/libcuda.so.1'].some((file) => existsSync(file)) ||
    which('nvidia-smi') !== undefined
  )
}

const spaceFor = (engine) => engine.unpackedBytes + engine.wheels.reduce((sum, pin) => sum + pin.bytes, 0) + 0.2e9
const gibibytes = (bytes) => `${(bytes / 2 ** 30).toFixed(1)} GiB`
