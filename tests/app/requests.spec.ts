import type { ElectronApplication, Page } from '@playwright/test'
import { expect, test } from './fixtures'
import { endless, passes, runOf, startRun } from './training'

/** Notes from now on how long main was held up each time, as seen by a timer of its own. */
const watchMain = (app: ElectronApplication): Promise<void> =>
  app.evaluate(() => {
    const gaps: number[] = []
    let last = performance.now()
    setInterval(() => {
      const now = performance.now()
      gaps.push(now - last)
      last = now
    }, 5)
    Object.assign(globalThis, { gaps })
  })
/** The longest that main was held up since it was asked last, and what 99 of 100 times were shorter than. */
const heldUp = (app: ElectronApplication): Promise<{ readonly longest: number; readonly p99: number }> =>
  app.evaluate(() => {
    const gaps = (globalThis as unknown as { gaps: number[] }).gaps.splice(0).sort((a, b) => a - b)
    return { longest: Math.round(gaps.at(-1) ?? 0), p99: Math.round(gaps[Math.floor(gaps.length * 0.99)] ?? 0) }
  })

/** What a page may hand over that is no input: each an expression of the page's. */
const hostile: Readonly<Record<string, string>> = {
  'a list of 50 MB': 'Array(6_250_000).fill(1.5)',
  'a text of 50 MB': "'x'.repeat(50_000_000)",
  'a large whole number': '10n ** 40n',
  'a list that holds itself': '(() => { const a = [1]; a.push(a); return a })()',
  'an object that holds itself': '(() => { const a = {}; a.a = { b: a }; return a })()',
  'objects 100 deep': "JSON.parse('{\"a\":'.repeat(100) + '1' + '}'.repeat(100))",
  'lists 5,000 deep': "JSON.parse('['.repeat(5000) + ']'.repeat(5000))",
  'a sparse list': '(() => { const a = []; a[1_000_000] = 1; return a })()',
  bytes: 'new Uint8Array(50_000_000)',
  'too many bytes of a file': "({ name: 'a', format: 'svg', bytes: new Uint8Array(100_000_000) })",
  'numbers of a file': "({ name: 'a', format: 'svg', bytes: new Float64Array(8) })",
  'a getter that throws': "({ get a() { throw new Error('no') } })",
  'a proxy': "new Proxy({}, { ownKeys: () => { throw new Error('no') } })",
  'a function': '() => 1',
  'a promise': 'Promise.resolve(1)',
  'a symbol': "Symbol('a')",
  'an element': 'document.body',
  'the window': 'window',
  'a map': 'new Map([[1, new Set([2])]])',
  'an object whose JSON throws': "({ toJSON() { throw new Error('no') } })",
  nothing: 'undefined',
}

const flooding: Readonly<Record<string, string>> = {
  'runs.list': 'null',
  'data.inspect': '{ source: { type: "digits" } }',
  'engines.probe': 'null',
  'runs.pause': '"aaaaaaaaaaaa"',
  'checkpoints.compare':
    '{ a: { run: "aaaaaaaaaaaa", checkpoint: "best" }, b: { run: "aaaaaaaaaaaa", checkpoint: "best" }, split: ' +
    '"test", unseen: false }',
  'runs.start':
    '{ config: { network: { type: "mlp", hidden: [4] }, batchSize: 50, epochs: 1, data: { source: { type: ' +
    '"folder", path: "/nowhere" } } }, weights: null }',
}

const asked = (page: Page, name: string, value: string): Promise<string> =>
  page.evaluate(`(async () => {
    const input = ${value}
    try { const reply = await window.batchlab.call('${name}', input); return reply.ok ? 'taken' : 'refused: ' + reply.issues[0].message } catch (error) { return 'thrown: ' + error }
  })()`)

/**
 * Far more than it takes where nothing is wrong, and far less than a page could hold main up before: this machine does
 * other things too.
 */
const mostMs = 1500

test('a page that asks anything, and as often as it can, is answered, and holds up neither main nor a training', async ({
  opened: { app, page },
}) => {
  const id = await startRun(page, endless)
  await passes(page, id, 0)
  await watchMain(app)
  await heldUp(app)
  const held: Record<string, unknown> = {}
  for (const [what, value] of Object.entries(hostile)) {
    const outcome = await asked(page, /file/.test(what) ? 'figures.save' : 'runs.remove', value)
    // The bridge itself refuses some, in the page and before they reach anything of ours.
    expect(outcome, what).toMatch(/^refused: |^thrown: .*(recursion depth exceeded|could not be cloned)/)
    held[what] = await heldUp(app)
  }
  const before = (await runOf(page, id)).moment.update
  const replies = (await page.evaluate(`(async () => {
    const kinds = [${Object.entries(flooding)
      .map(([name, input]) => `['${name}', ${input}]`)
      .join(', ')}]
    const counts = { taken: 0, refused: 0, messages: [] }
    for (const reply of await Promise.all(Array.from({ length: 10_000 }, (_, n) => window.batchlab.call(...kinds[n % kinds.length])))) {
      counts[reply.ok ? 'taken' : 'refused']++
      if (!reply.ok && !counts.messages.includes(reply.issues[0].message)) counts.messages.push(reply.issues[0].message)
    }
    return counts
  })()`)) as { readonly taken: number; readonly refused: number; readonly messages: readonly string[] }
  expect(replies.taken + replies.refused).toBe(10_000)
  expect(replies.messages).toContain('1000 requests wait for an answer; this one can be made when there are fewer')
  expect(replies.messages).toContain('4 requests engines.probe are under way; ask again when there are fewer')
  held['10,000 requests'] = await heldUp(app)
  for (const [what, times] of Object.entries(held))
    expect((times as { longest: number }).longest, what).toBeLessThan(mostMs)
  test.info().annotations.push({ type: 'held up (ms)', description: JSON.stringify(held) })
  await passes(page, id, before)
  // Nothing is left behind that a request would wait for.
  await expect
    .poll(() =>
      page.evaluate(
        async () => (await window.batchlab.call('data.inspect', { source: { type: 'digits' } } as never)).ok,
      ),
    )
    .toBe(true)
})
