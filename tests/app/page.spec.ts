import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PackedPoints } from '../../core/packing'
import { unpackPoints } from '../../core/packing'
import type { Run } from '../../core/run'
import { end, expect, test } from './fixtures'
import { launchDriven } from './launch'
import type { DrivenApp } from './launch'
import { endless } from './training'

const reply = async <T>({ ask }: DrivenApp, name: string, input: unknown): Promise<T> => {
  const { ok, value } = await ask<{ readonly ok: boolean; readonly value: T }>(
    'inPage',
    `window.batchlab.call(${JSON.stringify(name)}, ${JSON.stringify(input)})`,
  )
  if (!ok) throw new Error(`${name} was refused`)
  return value
}
const updateOf = async (app: DrivenApp): Promise<number> =>
  (JSON.parse(await reply<string>(app, 'runs.list', null)) as Run[])[0]?.moment.update ?? 0
/** The page is there and asks main as it should. */
const isBack = (app: DrivenApp): Promise<void> =>
  expect
    .poll(
      () =>
        Promise.race([
          updateOf(app).catch(() => 0),
          new Promise((resolve) =>
            setTimeout(() => {
              resolve(0)
            }, 2000),
          ),
        ]),
      { timeout: 30_000 },
    )
    .toBeGreaterThan(0)
const trainsOn = async (app: DrivenApp): Promise<void> => {
  const before = await updateOf(app)
  await expect.poll(() => updateOf(app)).toBeGreaterThan(before)
}
const question = (app: DrivenApp, count: number): Promise<void> =>
  expect.poll(async () => (await app.ask<unknown[]>('asked')).length).toBe(count)

test(
  'a page that hangs, crashes on and on, or loses the GPU process holds up no training, and nothing of it is ' +
    'lost or told twice',
  async ({ folders }) => {
    test.skip(process.platform === 'win32', 'ends processes by signals')
    const app = await launchDriven(folders)
    try {
      await expect.poll(() => app.ask('inPage', 'typeof window.batchlab').catch(() => '')).toBe('object')
      await reply(app, 'runs.start', { config: endless, weights: null })
      await isBack(app)

      // A page in an endless loop: a person may have it loaded anew.
      await app.ask('hang')
      await app.ask('emit', 'unresponsive')
      await app.ask('emit', 'unresponsive')
      await question(app, 1)
      await app.ask('answer', 1)
      await isBack(app)
      await trainsOn(app)

      // One that crashes again and again: asked about, once, with main at work all the while.
      let last = 0
      for (let crash = 0; crash < 4; crash++) {
        // 0 while there is none, which would be this whole group of processes.
        const next = async (): Promise<boolean> => {
          const pid = await app.ask<number>('pid')
          if (pid <= 0 || pid === last) return false
          last = pid
          return true
        }
        await expect.poll(next).toBe(true)
        process.kill(last, 'SIGSEGV')
      }
      await question(app, 2)
      const size = (): number => readFileSync(join(folders.library, 'runs', run, 'events.ndjson')).byteLength
      const [{ id: run = '' } = {}] = (
        JSON.parse(readFileSync(join(folders.library, 'library.json'), 'utf8')) as {
          readonly data: { readonly runs: readonly { readonly id: string }[] }
        }
      ).data.runs
      const before = size()
      await expect.poll(size).toBeGreaterThan(before)
      expect((await app.ask<readonly unknown[]>('asked'))[1]).toEqual({
        message: 'The window keeps crashing.',
        buttons: ['Reload', 'Quit'],
      })
      await app.ask('answer', 0)
      await isBack(app)

      // Without its GPU process it draws on.
      const lost = await app.ask<number[]>('gpu')
      for (const pid of lost) process.kill(pid, 'SIGKILL')
      test.info().annotations.push({ type: 'GPU processes ended', description: String(lost.length) })
      await trainsOn(app)
      await reply(app, 'runs.pause', run)
      await expect
        .poll(async () => (JSON.parse(await reply<string>(app, 'runs.list', null)) as Run[])[0]?.status)
        .toBe('paused')
      await app.ask('inPage', `document.querySelector('[data-run]:not([aria-selected=true]) [data-dot]')?.click()`)
      await expect
        .poll(() =>
          app.ask(
            'inPage',
            `document.querySelectorAll('section.chart[aria-label="Loss"] path.js-line[d*="L"]').length > 0`,
          ),
        )
        .toBe(true)

      const trace = unpackPoints(await reply<PackedPoints>(app, 'runs.trace', run))
      expect([...trace.update]).toEqual(Array.from(trace.update, (_, index) => index + 1))
      expect(trace.update.length).toBe(await updateOf(app))

      // And one that hangs for good keeps nobody from quitting.
      await app.ask('hang')
      const begun = performance.now()
      const gone = once(app.process, 'exit')
      await app.ask('quit').catch(() => undefined)
      await gone
      expect(performance.now() - begun).toBeLessThan(15_000)
    } finally {
      await end(app.process)
    }
  },
)
