import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { Run } from '../../core/run'
import { batchlab, cliFile, json, start, temporaryFolder } from './built'

vi.setConfig({ testTimeout: 90_000 })

const long = [
  '--set',
  'network.type=mlp',
  '--set',
  'network.hidden=[16]',
  '--set',
  'engine.backend=cpu',
  '--set',
  'batchSize=4',
  '--set',
  'epochs=2000',
]
const hasCheckpoint = (library: string, { id, checkpoints }: Run): boolean =>
  checkpoints.some(({ name }) => name === 'last') &&
  existsSync(join(library, 'runs', id, 'checkpoints', 'last.safetensors'))
const onlyRun = async (library: string): Promise<Run> => {
  const [run] = await json<Run[]>('list', '--dir', library)
  if (run === undefined) throw new Error('There is no run')
  return run
}
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** A shell's pipe whose reader takes one line and goes away. */
function piped(command: string): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const child = spawn('bash', ['-c', `set -o pipefail; ${command}`], {
    env: { ...process.env, CLI: cliFile, NODE: process.execPath, TF_CPP_MIN_LOG_LEVEL: '2' },
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr }))
  })
}

describe.skipIf(process.platform === 'win32')('a signal', () => {
  it.each(['SIGTERM', 'SIGHUP'] as const)('%s pauses with a checkpoint, however often it comes', async (signal) => {
    const library = temporaryFolder()
    const training = start(['train', ...long, '--json', '--dir', library])
    await training.event('epochEnded')
    for (let i = 0; i < 3; i++) training.child.kill(signal)
    expect((await training.done).code).toBe(130)
    const run = await onlyRun(library)
    expect(run).toMatchObject({ status: 'paused', message: '' })
    expect(hasCheckpoint(library, run)).toBe(true)
  })

  it('that ends an extension leaves the same command to go on with it, and no other one', async () => {
    const library = temporaryFolder()
    const training = start(['train', ...long, '--json', '--dir', library])
    await training.event('epochEnded')
    training.child.kill('SIGTERM')
    await training.done
    const { id } = await onlyRun(library)
    const extension = ['resume', id, '--epochs', '2001', '--schedule', 'replan', '--json', '--dir', library]
    const extended = start(extension)
    await extended.event('epochEnded')
    extended.child.kill('SIGKILL')
    await extended.done
    const again = start(extension)
    await again.event('epochEnded')
    again.child.kill('SIGTERM')
    expect((await again.done).code).toBe(130)
    expect(await onlyRun(library)).toMatchObject({
      status: 'paused',
      config: { epochs: 2001 },
      extensions: [{ epochs: 2001 }],
    })
    const other = await batchlab(['resume', id, '--epochs', '2001', '--schedule', 'hold', '--dir', library])
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringContaining('must be more than the 2001 planned so far'),
    ])
  })

  it('to a whole process group pauses a sweep and its child once: both end with 130, and the run with a checkpoint', async () => {
    const library = temporaryFolder()
    const child = spawn(process.execPath, [cliFile, 'sweep', ...long, '--seeds', '2', '--json', '--dir', library], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    const ended = new Promise<number | null>((resolve) => {
      child.once('close', resolve)
    })
    await new Promise<void>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text
        if (stdout.includes('"type":"epochEnded"')) resolve()
      })
    })
    process.kill(-(child.pid ?? 0), 'SIGTERM')
    // Whoever ends a group may well say it twice.
    await wait(300)
    try {
      process.kill(-(child.pid ?? 0), 'SIGTERM')
    } catch {
      /* it was faster */
    }
    expect(await ended).toBe(130)
    const run = await onlyRun(library)
    expect(run).toMatchObject({ status: 'paused', message: '' })
    expect(hasCheckpoint(library, run)).toBe(true)
  })

  it('to a sweep alone reaches its child', async () => {
    const library = temporaryFolder()
    const sweep = start(['sweep', ...long, '--seeds', '2', '--json', '--dir', library])
    await sweep.event('epochEnded')
    sweep.child.kill('SIGHUP')
    expect((await sweep.done).code).toBe(130)
    expect(await onlyRun(library)).toMatchObject({ status: 'paused', message: '' })
  })
})

describe.skipIf(process.platform === 'win32')('a reader that goes away', () => {
  it.each([
    ['stdout', '--json --dir "$DIR" | head -n 1'],
    ['stderr', '--dir "$DIR" 2>&1 >/dev/null | head -n 1'],
  ])('from %s pauses a training with a checkpoint and 130', async (_, pipe) => {
    const library = temporaryFolder()
    const { code } = await piped(
      `DIR=${library}; "$NODE" "$CLI" train ${long.map((one) => `'${one}'`).join(' ')} ${pipe}`,
    )
    expect(code).toBe(130)
    const run = await onlyRun(library)
    expect(run).toMatchObject({ status: 'paused', message: '' })
    expect(hasCheckpoint(library, run)).toBe(true)
  })

  it('from a sweep pauses its run and ends it', async () => {
    const library = temporaryFolder()
    const { code } = await piped(
      `"$NODE" "$CLI" sweep ${long.map((one) => `'${one}'`).join(' ')} --seeds 2 --json --dir ${library} ` +
        '2>/dev/null | head -n 1',
    )
    expect(code).toBe(130)
    expect(await onlyRun(library)).toMatchObject({ status: 'paused', message: '' })
  })

  it.skipIf(!existsSync('/dev/full'))(
    'that is a full disk is an error, which is said; messages that cannot be written stop nothing',
    async () => {
      for (const command of ['schema', 'presets demo', 'plan --json', '--help']) {
        expect(await piped(`"$NODE" "$CLI" ${command} >/dev/full`)).toEqual({
          code: 1,
          stdout: '',
          stderr: 'Cannot write to stdout: the disk is full (/dev/stdout)\n',
        })
      }
      const library = temporaryFolder()
      const { code, stdout } = await piped(
        '"$NODE" "$CLI" train --set network.type=mlp --set epochs=1 --set engine.backend=cpu --json --dir ' +
          `${library} 2>/dev/full`,
      )
      expect([code, stdout.includes('"type":"record"')]).toEqual([0, true])
      expect(await piped(`"$NODE" "$CLI" show nothing --dir ${library} 2>/dev/full`)).toMatchObject({ code: 2 })
    },
  )

  it('from any other command ends it quietly', async () => {
    expect(await piped('"$NODE" "$CLI" schema | head -c 1')).toEqual({ code: 0, stdout: '{', stderr: '' })
    const { code, stderr } = await piped('"$NODE" "$CLI" show nothing 2>&1 >/dev/null | true')
    expect([code === 0 || code === 2, stderr]).toEqual([true, ''])
  })
})

describe('the help', () => {
  it('says what a signal does', async () => {
    expect((await batchlab(['train', '--help'])).stdout).toMatch(/Ctrl-C, SIGTERM, SIGHUP/)
  })
})
