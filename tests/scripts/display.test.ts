import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { descendants, isAlive } from '../app/processes'

const display = resolve(import.meta.dirname, '../../scripts/setup/display.mjs')

describe.skipIf(!existsSync('/usr/bin/Xvfb'))('an X server of our own', () => {
  it.each(['SIGKILL', 'SIGUSR2'] as const)(
    'ends when the process that started it is killed, or asks it to: %s',
    async (signal) => {
      const script = `
      import { startXvfb } from ${JSON.stringify(display)}
      const server = await startXvfb()
      process.on('SIGUSR2', server.stop)
      console.log(server.display)
      setInterval(() => {}, 1000)
    `
      const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      try {
        await once(starter.stdout, 'data')
        const servers = descendants(starter.pid ?? 0).filter(({ command }) => command.startsWith('Xvfb'))
        expect(servers).toHaveLength(1)
        starter.kill(signal)
        await vi.waitFor(
          () => {
            expect(servers.filter(({ pid }) => isAlive(pid))).toEqual([])
          },
          { timeout: 20_000, interval: 50 },
        )
      } finally {
        starter.kill('SIGKILL')
      }
    },
  )
})
