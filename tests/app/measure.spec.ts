import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import type { Page } from '@playwright/test'
import { test } from './fixtures'
import type { OpenApp } from './launch'
import { makeLibrary } from './measureLibrary'
import type { Cost } from './measureProbe'
import { paintedAfter, presentedAfter, probe, watchPresented } from './measureProbe'
import { command, endless, runs, startRun } from './training'

// How the window behaves with a long history, on demand: figures for docs/performance.md, never a verdict.
test.skip(process.env['BATCHLAB_MEASURE'] !== '1', 'measures only with BATCHLAB_MEASURE=1')
test.describe.configure({ timeout: 600_000 })

const scale = Number(process.env['BATCHLAB_MEASURE_SCALE'] ?? 1)
const results: Record<string, unknown> = { cpu: cpus()[0]?.model, cores: cpus().length }

test.afterAll(() => {
  const text = JSON.stringify(results, null, 2)
  const file = process.env['BATCHLAB_MEASURE_FILE']
  if (file !== undefined) writeFileSync(file, `${text}\n`)
  console.log(text)
})

/** The median of a few measurements of the same work, by wall time, and the load of the machine at that time. */
async function several(times: number, measure: () => Promise<Cost>): Promise<Cost & { readonly load: number }> {
  const costs: Cost[] = []
  for (let n = 0; n < times; n++) costs.push(await measure())
  const middle = (pick: (cost: Cost) => number): number =>
    costs.map(pick).sort((a, b) => a - b)[Math.floor(times / 2)] ?? NaN
  return {
    wallMs: middle(({ wallMs }) => wallMs),
    scriptCpuMs: middle(({ scriptCpuMs }) => scriptCpuMs),
    layoutCpuMs: middle(({ layoutCpuMs }) => layoutCpuMs),
    longestTaskCpuMs: middle(({ longestTaskCpuMs }) => longestTaskCpuMs),
    longestTaskMs: middle(({ longestTaskMs }) => longestTaskMs),
    load: Number((loadavg()[0] ?? NaN).toFixed(1)),
  }
}

// Looked for in every frame: Playwright's own waiting looks at longer and longer intervals, up to half a second.
async function untilUsable(page: Page): Promise<number> {
  await page.waitForFunction(() => document.querySelector('[role=grid] .runs-row') !== null, undefined, {
    polling: 'raf',
  })
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        requestAnimationFrame(() => {
          setTimeout(() => {
            resolve(performance.now())
          })
        })
      }),
  )
}

interface Opening {
  readonly launchToPageMs: number
  readonly launchToUsableMs: number
  readonly pageToUsableMs: number
  readonly listAgainMs: number
  readonly load: number | undefined
}

/** How long it takes from the launch, and from when its page began, until the window shows its rows. */
async function opening({ page, startMs }: OpenApp, beganAt: number): Promise<Opening> {
  const usableMs = await untilUsable(page)
  const launchToUsableMs = (await page.evaluate(() => performance.timeOrigin)) + usableMs - beganAt
  const listMs = await page.evaluate(async () => {
    const began = performance.now()
    await window.batchlab.call('runs.list', null)
    return performance.now() - began
  })
  return {
    launchToPageMs: Math.round(startMs),
    launchToUsableMs: Math.round(launchToUsableMs),
    pageToUsableMs: Math.round(usableMs),
    listAgainMs: Math.round(listMs),
    load: loadavg()[0],
  }
}

const sortBy = (page: Page, column: string): Promise<number> => {
  const name = JSON.stringify(column)
  return paintedAfterText(
    page,
    `[...document.querySelectorAll('.runs-head button')].find((button) => button.textContent === ${name}).click()`,
    "document.querySelector('.runs-head [aria-sort=ascending], .runs-head " +
      `[aria-sort=descending]')?.textContent === ${name}`,
  )
}
const filterBy = (page: Page, words: string): Promise<number> => {
  const text = JSON.stringify(words)
  return paintedAfterText(
    page,
    `const box = document.querySelector('input[aria-label="Filter runs"]'); window.measuredRows = ` +
      "document.querySelector('[role=grid]').ariaRowCount; " +
      `Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(box, ${text}); ` +
      "box.dispatchEvent(new Event('input', { bubbles: true }))",
    `document.querySelector('[role=grid]').ariaRowCount !== window.measuredRows`,
  )
}
const paintedAfterText = (page: Page, act: string, isDone: string): Promise<number> =>
  paintedAfter(page, `() => { ${act} }`, `() => ${isDone}`)

const quit = async ({ app, process }: OpenApp): Promise<void> => {
  const gone = once(process, 'exit')
  void app.evaluate(({ app: electron }) => electron.quit()).catch(() => undefined)
  await gone
}

const middle = (openings: readonly Opening[]): Opening | undefined =>
  [...openings].sort((a, b) => a.launchToUsableMs - b.launchToUsableMs)[Math.floor(openings.length / 2)]

test('a history of 2,000 runs of 300 epochs', async ({ open, folders }) => {
  // What an app with nothing in it takes is what Electron and the page take.
  const start = async (): Promise<OpenApp & { readonly opening: Opening }> => {
    const beganAt = Date.now()
    const opened = await open()
    return { ...opened, opening: await opening(opened, beganAt) }
  }
  makeLibrary(folders.library, { runs: 1, epochs: 1, updatesPerEpoch: 4, traced: 0 })
  const ofOne: Opening[] = []
  for (let time = 0; time < 5; time++) {
    const opened = await start()
    ofOne.push(opened.opening)
    await quit(opened)
  }
  rmSync(folders.library, { recursive: true })
  makeLibrary(folders.library, { runs: Math.round(2000 * scale), epochs: 300, updatesPerEpoch: 4, traced: 20 })
  const first = await start()
  // By then it is remembered that this list was checked.
  await first.page.waitForTimeout(3000)
  await quit(first)
  const later: Opening[] = []
  for (let time = 0; time < 4; time++) {
    const opened = await start()
    later.push(opened.opening)
    await quit(opened)
  }
  const opened = await start()
  const { app, page } = opened
  const history: Record<string, unknown> = {
    openingOfOneRun: middle(ofOne),
    firstOpening: first.opening,
    opening: middle([...later, opened.opening]),
  }
  results['history'] = history
  const { cost, mainDelay } = await probe(app, page)
  let n = 0
  history['filter'] = await several(5, () =>
    cost(() => filterBy(page, ['batch>=512', 'lenet', 'thesis mlp', 'rate<0.01', ''][n++ % 5] ?? '')),
  )
  const columns = ['Best val.', 'Name', 'Batch', 'Status', 'Test']
  history['sort'] = await several(5, () => cost(() => sortBy(page, columns[n++ % 5] ?? '')))
  history['scroll'] = await several(3, () =>
    cost(() =>
      paintedAfterText(
        page,
        `const grid = document.querySelector('[role=grid]'); window.measuredTop = grid.scrollTop += 4000`,
        `document.querySelector('.runs-row') !== null`,
      ),
    ),
  )

  const training: Record<string, unknown> = {}
  history['training'] = training
  let id = ''
  training['mainDelayAtStart'] = await mainDelay(async () => {
    id = await startRun(page, { ...endless, diagnostics: { every: null } })
    // Not by asking main, which is what is measured.
    await page.locator('.now .what', { hasText: 'images/s' }).waitFor({ timeout: 60_000 })
  })
  await page.waitForTimeout(2000)
  training['mainDelay'] = await mainDelay(() => page.waitForTimeout(8000))
  training['window'] = await cost(async () => {
    await page.waitForTimeout(8000)
    return 8000
  })
  const other = (await runs(page))[5]?.id ?? ''
  // To send 2,000 runs to whoever asks, as only this test does here, is no part of an edit.
  await page.waitForTimeout(1000)
  training['mainDelayAtEdit'] = await mainDelay(async () => {
    for (let edit = 0; edit < 5; edit++) {
      await page.evaluate(([run, starred]) => window.batchlab.call('runs.annotate', { id: run, starred }), [
        other,
        edit % 2 === 0,
      ] as const)
      await page.waitForTimeout(300)
    }
  })
  training['mainDelayAtStop'] = await mainDelay(async () => {
    await command(page, 'runs.stop', id)
    await page.waitForTimeout(3000)
  })
  training['load'] = loadavg()[0]
})

test('20 runs of 50,000 updates', async ({ open, folders }) => {
  const points = Math.round(50_000 * scale)
  makeLibrary(folders.library, { runs: 20, epochs: 50, updatesPerEpoch: points / 50, traced: 20 })
  const beganAt = Date.now()
  const opened = await open()
  const { app, page } = opened
  const overlay: Record<string, unknown> = { opening: await opening(opened, beganAt) }
  results['overlay'] = overlay
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(1360, 850))
  const { cost, mainDelay } = await probe(app, page)
  const values = (20 * points).toLocaleString('en-US')
  const isDrawn =
    `['Accuracy', 'Loss'].every((name) => document.querySelector('section[aria-label="' + name + '"] ` +
    `[role=img]')?.ariaLabel === name + ', ${values} values')`
  const nothing = `document.querySelector('section[aria-label=Loss]') === null`
  const rows = `document.querySelectorAll('.runs-row')`

  // The first chart ever waits for plotly itself: one run is drawn before anything is measured.
  await page.getByRole('grid', { name: 'Runs' }).getByRole('row').nth(1).click()
  await page.waitForFunction(
    (text) => document.querySelector('section[aria-label=Loss] [role=img]')?.ariaLabel === `Loss, ${text} values`,
    points.toLocaleString('en-US'),
  )
  await page.waitForTimeout(500)
  let cold: Cost | undefined
  overlay['mainDelayWhileReading'] = await mainDelay(async () => {
    cold = await cost(() =>
      paintedAfterText(
        page,
        `const all = ${rows}; all[all.length - 1].dispatchEvent(new MouseEvent('click', { bubbles: true, ` +
          'shiftKey: true }))',
        isDrawn,
      ),
    )
  })
  overlay['withReading'] = { ...cold, load: loadavg()[0] }
  const goTo = (view: string): string =>
    "[...document.querySelectorAll('nav[aria-label=Views] button')].find((button) => button.textContent === " +
    `'${view}' || button.ariaLabel === '${view}').click()`
  overlay['again'] = await several(5, async () => {
    await paintedAfterText(page, goTo('Settings'), nothing)
    return cost(() => paintedAfterText(page, goTo('Runs'), isDrawn))
  })
  await page.waitForTimeout(500)
  let at = 0
  const dragged = async <T>(release: () => Promise<T>): Promise<T> => {
    const plot = await page.locator('section[aria-label=Loss] .nsewdrag').boundingBox()
    if (plot === null) throw new Error('The loss chart has no plotting area')
    const x = plot.x + plot.width * (0.1 + 0.05 * (at++ % 5))
    await page.mouse.move(x, plot.y + plot.height / 2)
    await page.mouse.down()
    await page.mouse.move(x + plot.width * 0.4, plot.y + plot.height / 2, { steps: 4 })
    const measured = await release()
    await page.getByRole('region', { name: 'Loss' }).getByRole('button', { name: 'Reset the zoom' }).click()
    await page.waitForTimeout(400)
    return measured
  }
  overlay['zoom'] = await several(5, () =>
    dragged(() =>
      cost(async () => {
        const began = performance.now()
        await page.evaluate(() => {
          Object.assign(window, {
            measuredTitle: document.querySelector('section[aria-label=Loss] h2')?.getAttribute('title'),
          })
        })
        await page.mouse.up()
        await page.waitForFunction(
          () =>
            document.querySelector('section[aria-label=Loss] h2')?.getAttribute('title') !==
            Reflect.get(window, 'measuredTitle'),
        )
        await page.evaluate(
          () =>
            new Promise((resolve) => {
              requestAnimationFrame(() => {
                setTimeout(resolve)
              })
            }),
        )
        return performance.now() - began
      }),
    ),
  )
  // Without the driver's questions and Chromium's trace, which take time of their own: from the button's release to the
  // picture.
  const presented: number[] = []
  await watchPresented(page)
  for (let time = 0; time < 9; time++) {
    await dragged(async () => {
      await page.mouse.up()
      presented.push(await presentedAfter(page, 'mouseup'))
    })
  }
  overlay['zoomPresentedMs'] = presented.sort((a, b) => a - b)
})
