import { join } from 'node:path'
import { existsSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import type { Run } from '../../core/run'
import { descendants, isAlive } from '../app/processes'
import { batchlab, json, start, temporaryFolder } from './built'

vi.setConfig({ testTimeout: 90_000 })

const long = [
  '--set',
  'network.type=mlp',
  '--set',
  'network.hidden=[6]',
  '--set',
  'engine.backend=cpu',
  '--set',
  'batchSize=4',
  '--set',
  'epochs=20000',
]
const runs = async (library: string): Promise<readonly Run[]> => await json<Run[]>('list', '--dir', library)

describe.skipIf(process.platform !== 'linux')('a sweep', () => {
  it('that is killed leaves nobody training: its child, which prints nothing meanwhile, pauses with a checkpoint', async () => {
    const library = temporaryFolder()
    const sweep = start(['sweep', ...long, '--seeds', '2', '--dir', library])
    await vi.waitFor(
      async () => {
        expect((await runs(library))[0]?.epochs.length).toBeGreaterThan(0)
      },
      { timeout: 60_000, interval: 200 },
    )
    const children = descendants(sweep.child.pid ?? 0).map(({ pid }) => pid)
    expect(children).toHaveLength(1)
    sweep.child.kill('SIGKILL')
    await vi.waitFor(
      () => {
        expect(children.filter(isAlive)).toEqual([])
      },
      { timeout: 30_000, interval: 100 },
    )
    const [run, ...others] = await runs(library)
    expect(others).toEqual([])
    expect(run).toMatchObject({ status: 'paused', message: '' })
    expect(existsSync(join(library, 'runs', run?.id ?? '', 'checkpoints', 'last.safetensors'))).toBe(true)
  })

  it('trains no config that another program is training', async () => {
    const library = temporaryFolder()
    const other = start(['sweep', ...long, '--seeds', '1', '--json', '--dir', library])
    await other.event('epochEnded')
    const { code, stderr } = await batchlab(['sweep', ...long, '--seeds', '1', '--dir', library])
    expect([code, stderr]).toEqual([1, expect.stringMatching(/Run [0-9a-z]+ is being trained by another program/)])
    other.child.kill('SIGTERM')
    await other.done
    expect(await runs(library)).toHaveLength(1)
  })

  it('goes on with the next run where the process of one was killed, and says so', async () => {
    const library = temporaryFolder()
    const sweep = start(['sweep', ...long, '--seeds', '2', '--json', '--dir', library])
    await sweep.event('epochEnded')
    const [child] = descendants(sweep.child.pid ?? 0)
    process.kill(child?.pid ?? 0, 'SIGKILL')
    await vi.waitFor(
      async () => {
        expect((await runs(library)).map(({ status }) => status)).toEqual(['interrupted', 'running'])
      },
      { timeout: 60_000, interval: 200 },
    )
    sweep.child.kill('SIGTERM')
    const { code, stderr } = await sweep.done
    expect(code).toBe(130)
    expect(stderr).toMatch(
      /The process of this run was ended by SIGKILL; the same command goes on with it\. The system does that when memory runs out\. Set the micro-batch \(batch\.microBatch\) to 2, now 4/,
    )
    expect((await runs(library)).map(({ status }) => status)).toEqual(['interrupted', 'paused'])
  })
})
