import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Exit, TrainerHandle } from '../../core/host'
import type { HostMessage, Job } from '../../core/job'
import { noElectron, startElectronHost } from './electronHost'
import type { ElectronHost } from './electronHost'

/** A job for fakeThread.ts, which acts by the name in one of its fields. */
const acting = (script: string): Job => ({ type: 'probe', folders: { cache: '', resources: script } })

interface Started {
  readonly handle: TrainerHandle
  readonly said: HostMessage[]
  readonly hears: (type: HostMessage['type']) => Promise<HostMessage>
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe.skipIf(noElectron !== '')(
  `the utility host in a real Electron${noElectron === '' ? '' : ` (${noElectron})`}`,
  () => {
    let electron: ElectronHost
    beforeAll(async () => {
      electron = await startElectronHost(join(import.meta.dirname, 'fakeThread.ts'))
    })
    afterAll(() => electron.close())

    function start(script: string): Started {
      const said: HostMessage[] = []
      const waiting: { readonly type: HostMessage['type']; readonly done: (message: HostMessage) => void }[] = []
      const handle = electron.host.start(acting(script), (message) => {
        said.push(message)
        for (const { type, done } of waiting) if (type === message.type) done(message)
      })
      const hears = (type: HostMessage['type']): Promise<HostMessage> => {
        const known = said.find((message) => message.type === type)
        return known === undefined ? new Promise((done) => waiting.push({ type, done })) : Promise.resolve(known)
      }
      return { handle, said, hears }
    }
    const endOf = async (
      script: string,
    ): Promise<{
      readonly exit: Exit
      readonly last: HostMessage | undefined
      readonly said: readonly HostMessage[]
    }> => {
      const { handle, said } = start(script)
      const exit = await handle.closed
      return { exit, last: said.filter(({ type }) => type !== 'heartbeat').at(-1), said }
    }

    it('passes the answer on and lets the process go', async () => {
      const { exit, last } = await endOf('answer')
      expect(last).toEqual({ type: 'done', result: [] })
      expect(exit).toMatchObject({ code: 0, signal: null })
    })

    it('loses no message and keeps their order', async () => {
      const { said } = await endOf('flood')
      const numbers = said.flatMap((message) => (message.type === 'progress' ? [Number(message.message)] : []))
      expect(numbers).toEqual(Array.from({ length: 5000 }, (_, i) => i))
      expect(said.at(-1)).toEqual({ type: 'done', result: null })
    })

    it('passes commands on', async () => {
      const { handle, said, hears } = start('listen')
      handle.post({ type: 'pause' })
      handle.post({ type: 'save' })
      handle.post({ type: 'stop' })
      await hears('done')
      await handle.closed
      expect(said.flatMap((message) => (message.type === 'progress' ? [message.message] : []))).toEqual([
        'pause',
        'save',
      ])
    })

    it.each([
      ['throw', 'the first convolution needs 3 channels, found 1'],
      ['reject', 'nobody waited for this'],
      ['return', 'the training thread ended with code 0 before it was done'],
      ['exit', 'the training thread ended with code 3 before it was done'],
    ])('turns a thread that ends by %s into a failure with its reason', async (script, message) => {
      expect((await endOf(script)).last).toEqual({ type: 'failed', message })
    })

    it('says that memory ran out, and suggests what needs less', async () => {
      const { exit, last } = await endOf('heap')
      const said = last?.type === 'failed' ? last.message : exit.description
      expect(said).toMatch(/out of memory; fewer images/)
    })

    it.skipIf(process.platform !== 'linux')(
      'holds little of what a trainer prints without end, and hears its last word',
      async () => {
        const most = (): number =>
          Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${String(electron.process.pid)}/status`, 'utf8'))?.[1]) /
          1024
        const before = most()
        expect((await endOf('print')).last).toEqual({ type: 'done', result: null })
        // Of 256 MiB.
        expect(most() - before).toBeLessThan(64)
      },
    )

    it('goes on beating while the thread is deep in a call, and ends it by force', async () => {
      const { handle, said, hears } = start('block')
      await hears('progress')
      const before = said.length
      await new Promise((resolve) => setTimeout(resolve, 2500))
      const beats = said.slice(before).filter(({ type }) => type === 'heartbeat')
      expect(beats.length).toBeGreaterThanOrEqual(2)
      expect(beats.at(-1)).toMatchObject({ rssBytes: expect.any(Number), cpuFraction: expect.any(Number) })
      const { pid } = handle
      handle.kill()
      expect(await handle.closed).toEqual({
        code: null,
        signal: 'SIGKILL',
        description: 'the trainer process was ended by force',
      })
      expect(isAlive(pid ?? 0)).toBe(false)
    })

    it.each([
      ['SIGSEGV', /crashed \(SIGSEGV\)/],
      ['SIGABRT', /crashed \(SIGABRT\)/],
      ['SIGKILL', /killed \(SIGKILL\).*memory/],
    ] as const)('tells what a %s did, and starts the next trainer', async (signal, sentence) => {
      const { handle, said, hears } = start('listen')
      await hears('heartbeat')
      process.kill(handle.pid ?? 0, signal)
      expect(await handle.closed).toMatchObject({ code: null, signal, description: expect.stringMatching(sentence) })
      expect(said.some(({ type }) => type === 'done' || type === 'failed')).toBe(false)
      expect((await endOf('answer')).last).toEqual({ type: 'done', result: [] })
    })

    it('leaves no trainer behind when main is killed', async () => {
      const other = await startElectronHost(join(import.meta.dirname, 'fakeThread.ts'))
      const pids = await Promise.all(
        ['block', 'listen'].map(
          (script) =>
            new Promise<number>((done) => {
              const handle = other.host.start(acting(script), () => {
                if (handle.pid !== undefined) done(handle.pid)
              })
            }),
        ),
      )
      other.process.kill('SIGKILL')
      const until = Date.now() + 3000
      while (pids.some(isAlive) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50))
      expect(pids.filter(isAlive)).toEqual([])
      await other.close()
    })
  },
)
