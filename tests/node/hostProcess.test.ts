import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import { RunConfig } from '../../core/config/config'
import type { HostMessage, Job } from '../../core/job'
import type { ToHost } from '../../main/hosts/utilityProcess'
import { testedEngines } from '../trainer/tensorflow'
import { cliFile, temporaryFolder } from '../cli/built'

// The app's own trainer process, as Electron's utility process starts it, on plain Node.
const out = dirname(cliFile)
const resources = resolve(import.meta.dirname, '..', '..', 'resources')

let child: ChildProcess | undefined
afterEach(() => {
  child?.kill('SIGKILL')
})

function startHost(config: RunConfigInput): {
  readonly heard: HostMessage[]
  readonly say: (message: ToHost) => void
  readonly until: (holds: (message: HostMessage) => boolean) => Promise<HostMessage>
  readonly gone: Promise<unknown>
  readonly runFolder: string
} {
  const folder = temporaryFolder()
  const runFolder = join(folder, 'run')
  mkdirSync(join(runFolder, 'checkpoints'), { recursive: true })
  const host = fork(join(out, 'utilityProcess.js'), [], {
    execArgv: ['--require', join(import.meta.dirname, 'parentPort.cjs')],
    serialization: 'advanced',
    env: { ...process.env, NODE_OPTIONS: '', TF_CPP_MIN_LOG_LEVEL: '2', TF_ENABLE_ONEDNN_OPTS: '1' },
  })
  child = host
  const heard: HostMessage[] = []
  const waiting = new Set<() => void>()
  host.on('message', (message: HostMessage) => {
    heard.push(message)
    for (const look of waiting) look()
  })
  const gone = once(host, 'exit')
  const say = (message: ToHost): void => {
    host.send(message)
  }
  const job: Job = {
    type: 'train',
    config: RunConfig.parse(config),
    runFolder,
    beginning: { type: 'new' },
    folders: { cache: join(folder, 'cache'), resources },
  }
  say({ type: 'job', job, thread: join(out, 'trainerThread.js'), mainPid: process.pid })
  const until = (holds: (message: HostMessage) => boolean): Promise<HostMessage> =>
    new Promise((found, reject) => {
      const look = (): void => {
        const message = heard.find(holds)
        if (message === undefined) return
        waiting.delete(look)
        found(message)
      }
      waiting.add(look)
      look()
      void gone.then((code) => {
        reject(
          new Error(`The host ended with ${String(code)}; it said ${JSON.stringify(heard.slice(-2)).slice(0, 500)}`),
        )
      })
    })
  return { heard, say, until, gone, runFolder }
}

const isEvent =
  (type: string) =>
  (message: HostMessage): boolean =>
    message.type === 'event' && message.event.type === type

describe.each(testedEngines.filter((engine) => engine !== 'cpu'))('the trainer process with %s', (engine) => {
  const config: RunConfigInput = { engine: { backend: engine }, network: { type: 'mlp', hidden: [16] }, batchSize: 64 }

  it('trains in its worker thread, has a heart, and leaves when told to', async () => {
    const host = startHost({ ...config, epochs: 3 })
    const end = await host.until(({ type }) => type === 'done' || type === 'failed')
    expect(end.type, JSON.stringify(end)).toBe('done')
    expect(host.heard.some(isEvent('ended'))).toBe(true)
    expect(host.heard.find(({ type }) => type === 'heartbeat')).toMatchObject({
      rssBytes: expect.any(Number) as number,
    })
    host.say({ type: 'leave' })
    expect(await host.gone).toEqual([0, null])
  }, 120_000)

  it('pauses with a checkpoint', async () => {
    const host = startHost({ ...config, epochs: 20_000 })
    await host.until(isEvent('advanced'))
    host.say({ type: 'command', command: { type: 'pause' } })
    await host.until(({ type }) => type === 'done' || type === 'failed')
    expect(host.heard.some(isEvent('paused'))).toBe(true)
    expect(readdirSync(join(host.runFolder, 'checkpoints')).some((name) => name.endsWith('.safetensors'))).toBe(true)
  }, 120_000)
})
