import { expect } from '@playwright/test'
import type { ElectronApplication, Page } from '@playwright/test'
import type { Points } from '../../core/events'
import type { PackedPoints } from '../../core/packing'
import { unpackPoints } from '../../core/packing'
import type { Run, RunId, RunStatus } from '../../core/run'

/** A small run on the embedded digits that takes far longer than any test: the tests end it. */
export const endless = {
  name: 'Endless',
  data: { source: { type: 'digits' } },
  batchSize: 32,
  learningRate: { base: 0.01 },
  epochs: 20_000,
}

/** One that is over in a second or two. */
export const brief = { ...endless, name: 'Brief', epochs: 2 }

async function ask<T>(page: Page, name: string, input: unknown): Promise<T> {
  const reply = await page.evaluate(([n, i]) => window.batchlab.call(n as never, i as never), [name, input])
  if (!reply.ok) throw new Error(reply.issues.map(({ path, message }) => `${path} ${message}`).join('; '))
  return reply.value as T
}

export const startRun = (page: Page, config: object): Promise<RunId> =>
  ask(page, 'runs.start', { config, weights: null })
export const command = (
  page: Page,
  name: 'runs.pause' | 'runs.resume' | 'runs.stop' | 'runs.save',
  id: RunId,
): Promise<null> => ask(page, name, id)
export const runs = async (page: Page): Promise<readonly Run[]> =>
  JSON.parse(await ask<string>(page, 'runs.list', null)) as readonly Run[]
export const traceOf = async (page: Page, id: RunId): Promise<Points> =>
  unpackPoints(await ask<PackedPoints>(page, 'runs.trace', id))

export async function runOf(page: Page, id: RunId): Promise<Run> {
  const run = (await runs(page)).find((each) => each.id === id)
  if (run === undefined) throw new Error(`The library has no run ${id}`)
  return run
}

export const reaches = (page: Page, id: RunId, status: RunStatus): Promise<void> =>
  expect.poll(async () => (await runOf(page, id)).status, { timeout: 30_000 }).toBe(status)

/** Waits until a run has trained past an update. */
export const passes = (page: Page, id: RunId, update: number): Promise<void> =>
  expect.poll(async () => (await runOf(page, id)).moment.update, { timeout: 30_000 }).toBeGreaterThan(update)

/** Lets the question whether to quit be answered by its n-th button; the answers so far are counted in the app. */
export const answerQuit = (app: ElectronApplication, button: 0 | 1 | 2): Promise<void> =>
  app.evaluate(({ dialog }, response) => {
    Reflect.set(globalThis, 'questions', 0)
    dialog.showMessageBox = () => {
      Reflect.set(globalThis, 'questions', Number(Reflect.get(globalThis, 'questions')) + 1)
      return Promise.resolve({ response, checkboxChecked: false })
    }
  }, button)

export const questions = (app: ElectronApplication): Promise<number> =>
  app.evaluate(() => Number(Reflect.get(globalThis, 'questions')))
