// The native part of @tensorflow/tfjs-node-gpu, compiled from the two C++ files the package ships, against the wheel's
// library.
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { moveIntoPlace, projectFolder, setupFolder, temporaryFolder } from './cache.mjs'
import { Problem } from './problem.mjs'
import { lastLine, run, which } from './process.mjs'
import { bindingFile } from './state.mjs'

const packageFolder = () => path.join(projectFolder, 'node_modules', '@tensorflow', 'tfjs-node-gpu')

/** The C++ compiler's path; throws a Problem when there is none. */
export function findCompiler() {
  for (const name of [process.env.CXX, 'g++', 'c++', 'clang++'].filter(Boolean)) {
    const compiler = which(name)
    if (compiler !== undefined) return compiler
  }
  const install = process.platform === 'darwin' ? 'xcode-select --install' : 'on Debian and Ubuntu: apt-get install g++'
  throw new Problem(`no C++ compiler was found to build its Node binding (${install})`, {
    packages: ['g++', 'libc6-dev'],
  })
}

/** The file in the cache that the binding for an unpacked engine goes to. */
export function cachedBinding(engineFolder) {
  const { version } = JSON.parse(readFileSync(path.join(packageFolder(), 'package.json'), 'utf8'))
  return path.join(engineFolder, `tfjs-node-${version}`, 'tfjs_binding.node')
}

/** Compiles the binding for an unpacked engine into the cache; its run-time search path is the engine's folder. */
export async function compileBinding(engine, engineFolder, compiler) {
  const folder = temporaryFolder('binding')
  const result = path.join(folder, 'tfjs_binding.node')
  const wheel = path.join(engineFolder, 'tensorflow')
  const headers = path.join(projectFolder, 'node_modules', 'node-api-headers', 'include')
  const shared = process.platform === 'darwin' ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared']
  const built = await run(
    compiler,
    [
      '-std=c++17',
      '-O2',
      '-fPIC',
      ...shared,
      '-DNAPI_VERSION=8',
      `-I${headers}`,
      `-I${path.join(wheel, 'include')}`,
      '-I.',
      'binding/tfjs_backend.cc',
      'binding/tfjs_binding.cc',
      path.join(engineFolder, engine.library),
      path.join(engineFolder, engine.framework),
      `-Wl,-rpath,${wheel}`,
      '-o',
      result,
    ],
    { cwd: packageFolder(), timeoutMs: 300_000 },
  )
  try {
    if (!built.ok) {
      const error = built.output.split('\n').find((line) => line.includes('error')) ?? lastLine(built.output)
      throw new Problem(`its Node binding did not compile (${error.trim().slice(0, 300)})`, { costly: true })
    }
    moveIntoPlace(result, cachedBinding(engineFolder))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Puts a binding where the package looks for it; running processes keep the one they have loaded. */
export function installBinding(from) {
  const to = bindingFile(projectFolder)
  if (existsSync(to) && readFileSync(to).equals(readFileSync(from))) return
  mkdirSync(path.dirname(to), { recursive: true })
  copyFileSync(from, `${to}.${process.pid}.tmp`)
  renameSync(`${to}.${process.pid}.tmp`, to)
}

/** Removes a binding that does not load, so that nothing tries to. */
export function removeBinding() {
  rmSync(bindingFile(projectFolder), { force: true })
}

/** Multiplies two matrices in another process; throws a Problem when that does not give the product. */
export async function verifyBinding() {
  const result = await run(process.execPath, [path.join(setupFolder, 'verifyEngine.cjs')], {
    cwd: projectFolder,
    env: { TF_CPP_MIN_LOG_LEVEL: '2', TF_ENABLE_ONEDNN_OPTS: '1' },
    timeoutMs: 120_000,
  })
  const answer = result.output.split('\n').find((line) => line.startsWith('{'))
  if (result.ok && answer !== undefined && JSON.parse(answer).product === 11) return JSON.parse(answer)
  const error = result.output.split('\n').find((line) => line.includes('Error')) ?? lastLine(result.output)
  const how = result.stopped
    ? 'it did not answer within two minutes'
    : `exit ${result.code}: ${error.trim().slice(0, 300)}`
  throw new Problem(`its library was built but cannot be loaded (${how})`, { costly: true })
}
