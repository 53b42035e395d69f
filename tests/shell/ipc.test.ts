import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { Handlers } from '../../core/protocol'
import { refusal } from '../../main/refusal'

vi.mock('electron', () => ({ BrowserWindow: {}, ipcMain: {}, protocol: {} }))
const { answer } = await import('../../main/ipc')

const frame = { url: 'app://bundle/index.html' }
const ours = { senderFrame: frame, sender: { mainFrame: frame } }

/** Handlers that note what they were asked; any name that is not overridden fails the test. */
function noting(overrides: Partial<Handlers>): { readonly handlers: Handlers; readonly asked: unknown[] } {
  const asked: unknown[] = []
  const handlers = new Proxy(overrides, {
    get: (target, name) => async (input: unknown) => {
      asked.push([name, input])
      const handle = Object.hasOwn(target, name) ? (target as Record<string, (input: unknown) => Promise<unknown>>)[name as string] : undefined
      if (handle === undefined) throw new Error(`unexpected ${String(name)}`)
      return handle(input)
    },
  }) as Handlers
  return { handlers, asked }
}
const ignore = (): void => undefined

describe('answer', () => {
  it('parses the input and returns the value', async () => {
    const { handlers, asked } = noting({ 'runs.pause': () => Promise.resolve(null) })
    expect(await answer(handlers, ours, 'runs.pause', '12345678', ignore)).toEqual({ ok: true, value: null })
    expect(asked).toEqual([['runs.pause', '12345678']])
  })

  it.each([
    ['a frame in the page', { senderFrame: { url: 'app://bundle/index.html' }, sender: { mainFrame: frame } }],
    ['a frame that is gone', { senderFrame: null, sender: { mainFrame: frame } }],
    ['a page that is gone', { senderFrame: null, sender: { mainFrame: null } }],
    ['another origin', (() => { const other = { url: 'https://example.com/' }; return { senderFrame: other, sender: { mainFrame: other } } })()],
    ['an origin that looks like ours', (() => { const other = { url: 'app://bundle.example.com/' }; return { senderFrame: other, sender: { mainFrame: other } } })()],
    ['an unreadable address', (() => { const other = { url: '' }; return { senderFrame: other, sender: { mainFrame: other } } })()],
  ])('refuses %s', async (_who, asking) => {
    const { handlers, asked } = noting({ 'runs.list': () => Promise.resolve('[]') })
    expect(await answer(handlers, asking, 'runs.list', null, ignore)).toMatchObject({ ok: false })
    expect(asked).toEqual([])
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'runs', 'runs.nothing', null, 1, {}, ['runs.list']])('refuses the name %j', async (name) => {
    const { handlers, asked } = noting({})
    expect(await answer(handlers, ours, name, null, ignore)).toMatchObject({ ok: false, issues: [{ path: '' }] })
    expect(asked).toEqual([])
  })

  it('names the field that is wrong', async () => {
    const { handlers, asked } = noting({})
    expect(await answer(handlers, ours, 'runs.extend', { id: '12345678', epochs: 0, schedule: null }, ignore)).toEqual({ ok: false, issues: [{ path: 'epochs', message: expect.stringContaining('at least 1') }] })
    expect(asked).toEqual([])
  })

  it('gives a refusal\'s own words and tells no stack', async () => {
    const { handlers } = noting({ 'runs.pause': () => Promise.reject(refusal('The run has ended')) })
    const heard: unknown[] = []
    const reply = await answer(handlers, ours, 'runs.pause', '12345678', (name) => heard.push(name))
    expect(reply).toEqual({ ok: false, issues: [{ path: '', message: 'The run has ended' }] })
    expect(heard).toEqual([])
  })

  it('reports a fault that is no refusal', async () => {
    const { handlers } = noting({ 'runs.list': () => { throw new TypeError('x is undefined') } })
    const heard: unknown[] = []
    expect(await answer(handlers, ours, 'runs.list', null, (name) => heard.push(name))).toMatchObject({ ok: false })
    expect(heard).toEqual(['runs.list'])
  })

  it('never throws, whatever the window sends', async () => {
    const { handlers } = noting({})
    await fc.assert(fc.asyncProperty(fc.oneof(fc.constantFrom('runs.start', 'runs.annotate', 'settings.change', 'data.preview', 'runs.fork', '__proto__'), fc.anything()), fc.anything({ withNullPrototype: true }), async (name, input) => {
      expect(await answer(handlers, ours, name, input, ignore)).toHaveProperty('ok')
    }), { numRuns: 300 })
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})
