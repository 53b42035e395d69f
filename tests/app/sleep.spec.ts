import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from './fixtures'
import { trainersOf } from './processes'
import { endless, passes, command, reaches, runOf, startRun, traceOf } from './training'

test(
  'a machine that sleeps has a recovery checkpoint before, calls nobody stalled after, and its sleep is no ' +
    'training time',
  async ({ opened: { app, page, process: main } }) => {
    test.skip(process.platform !== 'linux', 'finds the process in /proc')
    // An epoch that does not end here: nothing else writes a checkpoint.
    const data = { source: { type: 'synthetic', images: 40_000, testImages: 100, size: 8, channels: 1 } }
    const id = await startRun(page, {
      ...endless,
      checkpoints: { saveEverySeconds: 86_400 },
      data,
      network: { type: 'mlp', hidden: [8] },
      batchSize: 4,
    })
    await passes(page, id, 20)
    expect((await runOf(page, id)).checkpoints).toEqual([])
    await app.evaluate(({ powerMonitor }) => {
      powerMonitor.emit('suspend')
    })
    await expect
      .poll(async () => (await runOf(page, id)).checkpoints.map(({ name }) => name), { timeout: 30_000 })
      .toEqual(['last'])

    // The clock of a stopped process goes on, as that of a machine's may while it sleeps.
    const [trainer = 0] = trainersOf(main.pid ?? 0)
    process.kill(trainer, 'SIGSTOP')
    const stoppedAt = performance.now()
    const { update } = (await runOf(page, id)).moment
    try {
      await wait(6500)
    } finally {
      process.kill(trainer, 'SIGCONT')
    }
    const stoppedFor = (performance.now() - stoppedAt) / 1000
    await app.evaluate(({ powerMonitor }) => {
      powerMonitor.emit('resume')
    })
    await passes(page, id, update + 200)
    await expect(page.getByText('The trainer has stopped answering')).toBeHidden()
    await command(page, 'runs.stop', id)
    await reaches(page, id, 'stopped')
    const { seconds } = await traceOf(page, id)
    expect(Math.max(...seconds.slice(1).map((second, i) => second - (seconds[i] ?? 0)))).toBeLessThan(stoppedFor - 2)
  },
)
