// npm test: set-up, type-check, lint, build, unit tests, window tests, the page in a current Chromium, and the rest on
// other lines of Node; the last line counts them all. `npm test -- chromium node` runs only the parts that it names;
// `npm run check` is the parts check and pure, which need no set-up and no build.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { projectFolder, readRecord } from './setup/cache.mjs'
import { setUpChromium } from './setup/chromium.mjs'
import { countPlaywright, countVitest, ending, sum } from './setup/counts.mjs'
import { hasDisplay, installCommand, installPackages, missingPackages, startXvfb } from './setup/display.mjs'
import { electronPath, sandboxSwitches } from './setup/electron.mjs'
import { testedNodes } from './setup/pins.mjs'
import { run } from './setup/process.mjs'
import { setUp } from './setup/setup.mjs'
import { engineRecord, engineState } from './setup/state.mjs'
import { setUpNode } from './setup/testedNodes.mjs'

const say = (sentence) => process.stderr.write(`${sentence}\n`)
const isCi = process.env.CI === 'true'
const reports = mkdtempSync(path.join(tmpdir(), 'batchlab-test-'))
const failures = []
const counts = []

const parts = ['check', 'pure', 'unit', 'window', 'chromium', 'node']
const named = process.argv.slice(2)
const unknown = named.find((name) => !parts.includes(name))
if (unknown !== undefined) {
  say(`The parts of the tests are ${parts.join(', ')}; found ${unknown}.`)
  process.exit(2)
}
const wants = (part) => (named.length === 0 ? part !== 'pure' : named.includes(part))
const wantsBuild = parts.some((part) => part !== 'check' && part !== 'pure' && wants(part))

// Of the unit tests, those of what another Node might do otherwise: the binding, worker threads, signals, locks, every
// bit of a training.
const onEachNode = ['tests/node/', 'tests/hosts/', 'tests/files/lock', 'tests/trainer/engine.test']

try {
  if (wantsBuild) await prepare()
  // Each of the two keeps one core busy.
  const [isBuilt] = await Promise.all([typeCheckAndBuild(), wants('check') && lint()])
  if (wants('pure')) await unitTests('Pure tests', ['--project', 'pure', '--project', 'mocked'])
  if (wants('unit')) await unitTests('Unit tests')
  if (wants('window')) await windowTests(isBuilt)
  if (wants('chromium')) await chromiumTests(isBuilt)
  if (wants('node')) for (const line of Object.keys(testedNodes)) await nodeTests(line, isBuilt)
} finally {
  rmSync(reports, { recursive: true, force: true })
}

const total = sum(counts)
process.stdout.write(`${ending(total, failures).join('\n')}\n`)
process.exitCode = total.failed > 0 ? 1 : 0

async function prepare() {
  await setUp({ parts: ['engine', 'electron'] })
  // A missing compiler hides a missing Python: two rounds find both.
  for (let round = 0; round < 2; round += 1) {
    const packages = readRecord(engineRecord)?.packages ?? []
    if (packages.length > 0 && (await installPackages(packages, say))) await setUp({ parts: ['engine'] })
  }
  // Some unit tests start Electron too. What cannot be installed is said where the window tests need it.
  const electron = electronPath()
  const missing = electron === null ? [] : await missingPackages(electron.path, { needsXvfb: !hasDisplay() })
  if (missing.length > 0) await installPackages(missing, say)
  const { ok, reason } = engineState()
  if (ok) return
  if (isCi) fail('TensorFlow', `${reason} With CI=true the tests that need it may not be skipped.`)
  else say(`The tests that need TensorFlow are skipped: ${reason}`)
}

/** Runs programs one after the other and counts them as one check. */
async function check(name, ...programs) {
  say(`\n— ${name}`)
  for (const [program, ...args] of programs) {
    const { ok } = await node(program, args)
    if (!ok) return fail(name, 'see above')
  }
  counts.push({ passed: 1, failed: 0, skipped: 0 })
  return true
}

async function typeCheckAndBuild() {
  if (wants('check'))
    await check(
      'Type-check',
      ['typescript/bin/tsc', '-p', 'tsconfig.node.json', '--noEmit'],
      ['typescript/bin/tsc', '-p', 'tsconfig.web.json', '--noEmit'],
    )
  return wantsBuild && check('Build', ['electron-vite/bin/electron-vite.js', 'build'])
}

function lint() {
  // What ESLint remembers of a file knows nothing of the types in others: good before a commit, not for a verdict.
  const cache = isCi ? [] : ['--cache', '--cache-strategy=content', '--cache-location=node_modules/.cache/eslint/']
  return check(
    'Lint',
    ['prettier/bin/prettier.cjs', '--check', '.'],
    ['eslint/bin/eslint.js', ...cache, '.'],
    ['knip/bin/knip.js', '--no-config-hints'],
    ['knip/bin/knip.js', '--no-config-hints', '--production'],
  )
}

async function unitTests(name, more = []) {
  say(`\n— ${name}`)
  const file = path.join(reports, 'vitest.json')
  const { ok, code } = await node('vitest/vitest.mjs', [
    'run',
    ...more,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ])
  report(name, countVitest(file), ok, code)
}

async function windowTests(isBuilt) {
  say('\n— Window tests')
  if (!isBuilt) return fail('Window tests', 'there is nothing to open because the build failed')
  const electron = electronPath()
  if (electron === null) return fail('Window tests', 'there is no Electron to open a window with')
  const needsXvfb = !hasDisplay()
  const packages = await missingPackages(electron.path, { needsXvfb })
  if (packages.length > 0 && !(await installPackages(packages, say)))
    return fail('Window tests', `system packages are missing: ${installCommand(packages)}`)

  const server = needsXvfb && (await startXvfb().catch((error) => fail('Window tests', error.message)))
  if (needsXvfb && !server) return
  const file = path.join(reports, 'playwright.json')
  const { ok, code } = await node('@playwright/test/cli.js', ['test', '--reporter=list,json', '--pass-with-no-tests'], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: file,
    BATCHLAB_ELECTRON: electron.path,
    BATCHLAB_ELECTRON_SWITCHES: sandboxSwitches(electron.path).join(' '),
    ...(server && { DISPLAY: server.display }),
  })
  if (server) server.stop()
  report('Window tests', countPlaywright(file), ok, code)
}

/** The window's page in the system's Chromium: as new as the one in the Electron that users get. */
async function chromiumTests(isBuilt) {
  say('\n— The window in a current Chromium')
  if (!isBuilt) return fail('Current Chromium', 'there is nothing to open because the build failed')
  const chromium = await setUpChromium(say)
  if (chromium.reason !== undefined) return skip(chromium.reason)
  say(chromium.version)
  const file = path.join(reports, 'chromium.json')
  const { ok, code } = await node(
    '@playwright/test/cli.js',
    ['test', '--config', 'tests/chromium/playwright.config.ts', '--reporter=list,json'],
    {
      PLAYWRIGHT_JSON_OUTPUT_NAME: file,
      BATCHLAB_CHROMIUM: chromium.path,
      BATCHLAB_CHROMIUM_SWITCHES: chromium.switches.join(' '),
    },
  )
  report('Current Chromium', countPlaywright(file), ok, code)
}

/** Everything but the window on a line of Node that the README names. */
async function nodeTests(line, isBuilt) {
  say(`\n— The trainer and the command line on Node ${line}`)
  if (!isBuilt) return fail(`Node ${line}`, 'there is nothing to run because the build failed')
  const other = await setUpNode(line)
  if (other.reason !== undefined) return skip(other.reason)
  if (other.path === process.execPath) return skip(`All tests ran on that Node already (${process.version}).`)
  const file = path.join(reports, `node-${line}.json`)
  const { ok, code } = await node(
    'vitest/vitest.mjs',
    ['run', ...onEachNode, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    { BATCHLAB_OTHER_NODE: process.execPath },
    other.path,
  )
  report(`Node ${line}`, countVitest(file), ok, code)
}

/** What cannot be had here is said and counted as one skipped test, never as a failure. */
function skip(reason) {
  say(`Skipped: ${reason}`)
  counts.push({ passed: 0, failed: 0, skipped: 1 })
}

/** Adds a runner's counts; a runner that failed without naming a failed test counts as one. */
function report(name, found, ok, code) {
  counts.push(found)
  if (found.failed > 0) failures.push(`${name}: ${found.failed} failed`)
  else if (!ok) fail(name, `the runner ended with code ${code}`)
}

function fail(name, why) {
  counts.push({ passed: 0, failed: 1, skipped: 0 })
  failures.push(`${name}: ${why}`)
  return false
}

// stdout and stderr are passed through as they come, so a long run can be watched.
function node(program, args, env = {}, binary = process.execPath) {
  const all = {
    TF_CPP_MIN_LOG_LEVEL: '2',
    TF_ENABLE_ONEDNN_OPTS: '1',
    ...(isCi && { BATCHLAB_REQUIRE_TENSORFLOW: '1' }),
    ...env,
  }
  return run(binary, [path.join(projectFolder, 'node_modules', program), ...args], {
    cwd: projectFolder,
    env: all,
    show: true,
  })
}
