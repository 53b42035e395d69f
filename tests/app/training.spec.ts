import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { end, expect, test } from './fixtures'
import { isAlive, trainersOf } from './processes'
import {
  answerQuit,
  brief,
  command,
  endless,
  passes,
  questions,
  reaches,
  runOf,
  runs,
  startRun,
  traceOf,
} from './training'

const isLinux = process.platform === 'linux'

test('trains beside the window, not in it', async ({ opened: { app, page, process: main }, folders }) => {
  const id = await startRun(page, endless)
  await passes(page, id, 100)
  // How late a timer of main's comes while the trainer is busy.
  const delays = await app.evaluate(
    () =>
      new Promise<number[]>((resolve) => {
        const late: number[] = []
        let expected = performance.now() + 10
        const timer = setInterval(() => {
          const now = performance.now()
          late.push(Math.max(0, now - expected))
          expected = now + 10
          if (late.length < 400) return
          clearInterval(timer)
          resolve(late)
        }, 10)
      }),
  )
  const sorted = delays.sort((a, b) => a - b)
  const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? Infinity
  console.log(
    'event-loop delay of main while training: median ' +
      `${(sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
  )

  if (isLinux) {
    const [trainer = 0] = trainersOf(main.pid ?? 0)
    // So that the next start can wait for a trainer that outlives the app by a moment.
    expect(readFileSync(join(folders.library, 'runs', id, 'trainer.pid'), 'utf8')).toBe(String(trainer))
    // Where TensorFlow is not set up, the trainer runs on wasm.
    const { engine } = await runOf(page, id)
    if (process.env['BATCHLAB_REQUIRE_TENSORFLOW'] === '1') expect(engine?.name).toBe('tensorflow')
    const loads = readFileSync(`/proc/${String(trainer)}/maps`, 'utf8').includes('tensorflow')
    expect(loads).toBe(engine?.name === 'tensorflow')
    expect(readFileSync(`/proc/${String(main.pid)}/maps`, 'utf8')).not.toContain('tensorflow')
    expect(readFileSync(`/proc/${String(trainer)}/oom_score_adj`, 'utf8').trim()).toBe('800')
  }
})

test('keeps the machine awake, shows progress, and tells of the end only to who is not looking', async ({
  opened: { app, page },
}) => {
  await app.evaluate(({ BrowserWindow, Notification, powerSaveBlocker }) => {
    const seen = { active: 0, progress: [] as number[], told: [] as string[] }
    Reflect.set(globalThis, 'seen', seen)
    const { start, stop } = powerSaveBlocker
    powerSaveBlocker.start = (type) => {
      seen.active++
      return start.call(powerSaveBlocker, type)
    }
    powerSaveBlocker.stop = (id) => {
      seen.active--
      return stop.call(powerSaveBlocker, id)
    }
    const [window] = BrowserWindow.getAllWindows()
    if (window !== undefined) {
      window.setProgressBar = (fraction) => {
        seen.progress.push(fraction)
      }
      window.isFocused = () => Boolean(Reflect.get(globalThis, 'isLooking'))
    }
    Notification.isSupported = () => true
    Notification.prototype.show = function () {
      seen.told.push(this.title)
    }
  })
  const seen = (): Promise<{ active: number; progress: number[]; told: string[] }> =>
    app.evaluate(() => Reflect.get(globalThis, 'seen') as never)

  const first = await startRun(page, endless)
  await passes(page, first, 10)
  expect((await seen()).active).toBe(1)
  await command(page, 'runs.pause', first)
  await reaches(page, first, 'paused')
  await expect.poll(async () => (await seen()).active).toBe(0)
  expect((await seen()).progress.some((fraction) => fraction > 0 && fraction < 1)).toBe(true)
  expect((await seen()).progress.at(-1)).toBe(-1)
  expect((await seen()).told).toEqual([])

  const second = await startRun(page, brief)
  await reaches(page, second, 'finished')
  await expect.poll(async () => (await seen()).told).toEqual(['“Brief” finished'])

  await app.evaluate(() => {
    Reflect.set(globalThis, 'isLooking', true)
  })
  const third = await startRun(page, { ...brief, name: 'Watched' })
  await reaches(page, third, 'finished')
  await expect.poll(async () => (await seen()).active).toBe(0)
  expect((await seen()).told).toHaveLength(1)
})

test('enables what the runs allow in the menu', async ({ opened: { app, page } }) => {
  const enabled = (): Promise<Record<string, boolean | undefined>> =>
    app.evaluate(({ Menu }) =>
      Object.fromEntries(
        ['pauseRun', 'resumeRun', 'stopRun'].map((id) => [id, Menu.getApplicationMenu()?.getMenuItemById(id)?.enabled]),
      ),
    )
  const id = await startRun(page, endless)
  await passes(page, id, 10)
  await expect.poll(enabled).toEqual({ pauseRun: true, resumeRun: false, stopRun: true })
  await command(page, 'runs.pause', id)
  await reaches(page, id, 'paused')
  await expect.poll(enabled).toEqual({ pauseRun: false, resumeRun: true, stopRun: true })
  await command(page, 'runs.stop', id)
  await reaches(page, id, 'stopped')
  await expect.poll(async () => (await enabled())['pauseRun']).toBe(false)
})

for (const signal of ['SIGSEGV', 'SIGKILL'] as const) {
  test(`survives a trainer that ends by ${signal}, and the run goes on from its checkpoint`, async ({
    opened: { page, process: main },
  }) => {
    test.skip(!isLinux, 'finds the process in /proc')
    const id = await startRun(page, endless)
    await passes(page, id, 100)
    await command(page, 'runs.save', id)
    await expect.poll(async () => (await runOf(page, id)).checkpoints.length).toBeGreaterThan(0)
    const saved = Math.max(...(await runOf(page, id)).checkpoints.map(({ moment }) => moment.update))
    await passes(page, id, saved + 20)

    const [trainer = 0] = trainersOf(main.pid ?? 0)
    process.kill(trainer, signal)
    await reaches(page, id, 'interrupted')
    expect((await runOf(page, id)).message).toMatch(
      signal === 'SIGSEGV'
        ? /crashed \(SIGSEGV\).*go on from update/
        : /killed \(SIGKILL\).*memory.*batch\.microBatch.*go on from update/,
    )
    expect(isAlive(trainer)).toBe(false)

    await command(page, 'runs.resume', id)
    await passes(page, id, saved + 100)
    await command(page, 'runs.stop', id)
    await reaches(page, id, 'stopped')
    const { update } = await traceOf(page, id)
    expect(update).toEqual(update.map((_, i) => i + 1))

    const next = await startRun(page, brief)
    await reaches(page, next, 'finished')
  })
}

test('a killed app leaves no trainer, and finds its runs again', async ({ open }) => {
  test.skip(!isLinux, 'finds the process in /proc')
  const first = await open()
  const id = await startRun(first.page, endless)
  await passes(first.page, id, 100)
  const trainers = trainersOf(first.process.pid ?? 0)
  expect(trainers.length).toBeGreaterThan(0)
  await end(first.process)
  await expect.poll(() => trainers.filter(isAlive), { timeout: 3000 }).toEqual([])

  const { page } = await open()
  const run = await runOf(page, id)
  expect(run.status).toBe('interrupted')
  expect(run.message).not.toBe('')
  await command(page, 'runs.resume', id)
  await reaches(page, id, 'running')
  await passes(page, id, 50)
  const { update } = await traceOf(page, id)
  expect(update).toEqual(update.map((_, i) => i + 1))
})

test('training goes on when the page is loaded again, and no point is lost or doubled', async ({
  opened: { page },
}) => {
  const id = await startRun(page, endless)
  await passes(page, id, 50)
  await page.reload()
  const { update } = (await runOf(page, id)).moment
  await passes(page, id, update + 50)
  await command(page, 'runs.stop', id)
  await reaches(page, id, 'stopped')
  const trace = await traceOf(page, id)
  expect(trace.update).toEqual(trace.update.map((_, i) => i + 1))
})

test.describe('quitting while a run trains', () => {
  test('asks, and stays when told to', async ({ opened: { app, page, process: main } }) => {
    const id = await startRun(page, endless)
    await passes(page, id, 10)
    await answerQuit(app, 2)
    await app.evaluate(({ app: electron }) => electron.quit())
    await expect.poll(() => questions(app)).toBe(1)
    // Closing the window asks the same question.
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await expect.poll(() => questions(app)).toBe(process.platform === 'darwin' ? 1 : 2)
    const { update } = (await runOf(page, id)).moment
    await passes(page, id, update + 10)
    expect(main.exitCode).toBeNull()
  })

  for (const [button, status] of [
    [0, 'paused'],
    [1, 'stopped'],
  ] as const) {
    test(`leaves the run ${status} when told to`, async ({ open }) => {
      const first = await open()
      const id = await startRun(first.page, endless)
      await passes(first.page, id, 50)
      await answerQuit(first.app, button)
      const before = performance.now()
      const gone = once(first.process, 'exit')
      void first.app.evaluate(({ app }) => app.quit()).catch(() => undefined)
      await gone
      expect(performance.now() - before).toBeLessThan(12_000)
      expect(first.process.exitCode).toBe(0)

      const { page } = await open()
      const run = await runOf(page, id)
      expect(run.status).toBe(status)
      expect(run.checkpoints.length).toBeGreaterThan(0)
      await command(page, 'runs.resume', id)
      await passes(page, id, run.moment.update + 10)
      const { update } = await traceOf(page, id)
      expect(update).toEqual(update.map((_, i) => i + 1))
    })
  }

  test('asks nobody when the system ends the app, by SIGHUP or SIGTERM, and pauses', async ({ open, folders }) => {
    const ended = async (app: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
      const gone = once(app, 'exit')
      app.kill(signal)
      await gone
    }
    const first = await open()
    const id = await startRun(first.page, endless)
    await passes(first.page, id, 50)
    await ended(first.process, 'SIGHUP')
    const { page, process: second } = await open()
    const { status, moment } = await runOf(page, id)
    expect(status).toBe('paused')
    expect(await runs(page)).toHaveLength(1)
    await command(page, 'runs.resume', id)
    await passes(page, id, moment.update + 10)
    await ended(second, 'SIGTERM')
    expect(readFileSync(join(folders.library, 'runs', id, 'run.json'), 'utf8')).toMatch(/"status": ?"paused"/)
  })
})
