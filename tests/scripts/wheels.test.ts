import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { downloadWheel, type Pin } from '../../scripts/setup/wheels.mjs'
import { type BareMachine, bareMachine, pythonThat } from './bareMachine'

const content = 'a whole wheel\n'
const pin: Pin = {
  name: 'small',
  version: '1.0',
  platform: 'any',
  file: 'small-1.0-py3-none-any.whl',
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
}
const progress = { say: () => undefined, step: () => ({ end: () => undefined }) }
const deliver = (text: string) =>
  pythonThat(`while [ "$1" != --dest ]; do shift; done; /bin/mkdir -p "$2"; echo "${text}" > "$2/${pin.file}"`)

describe.skipIf(process.platform === 'win32')('downloading a wheel', () => {
  let machine: BareMachine
  let python: string
  beforeEach(() => {
    machine = bareMachine()
    python = path.join(machine.folder, 'bin', 'python3')
    process.env.BATCHLAB_CACHE = machine.cache
  })
  afterEach(() => {
    delete process.env.BATCHLAB_CACHE
    machine.remove()
  })

  it('keeps nothing of a download that broke off, and fetches the whole of it the next time', async () => {
    machine.program('python3', pythonThat('echo "a whole" > "$TMPDIR/part"; exit 1'))
    await expect(downloadWheel(pin, python, progress)).rejects.toThrow('small 1.0 could not be downloaded')
    expect(existsSync(path.join(machine.cache, 'downloads'))).toBe(false)
    expect(readdirSync(path.join(machine.cache, 'tmp'))).toEqual([])

    machine.program('python3', deliver('a whole wheel'))
    expect(readFileSync(await downloadWheel(pin, python, progress), 'utf8')).toBe(content)
  })

  it('refuses another content of the same length', async () => {
    machine.program('python3', deliver('a WHOLE wheel'))
    await expect(downloadWheel(pin, python, progress)).rejects.toThrow('does not match its pinned checksum')
    expect(existsSync(path.join(machine.cache, 'downloads'))).toBe(false)
  })

  it('does not fetch what is already there', async () => {
    machine.program('python3', deliver('a whole wheel'))
    await downloadWheel(pin, python, progress)
    await downloadWheel(pin, python, progress)
    expect(machine.calls('python3', 'pip download')).toBe(1)
  })

  it('asks pip for one version and platform, whatever Python is here', async () => {
    machine.program('python3', deliver('a whole wheel'))
    await downloadWheel(pin, python, progress)
    expect(
      machine.calls(
        'python3',
        '--no-deps --only-binary=:all: --python-version 3.11 --implementation cp --platform any',
      ),
    ).toBe(1)
    expect(machine.calls('python3', 'small==1.0')).toBe(1)
  })
})
