import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { Handlers, Reply, RequestName } from '../../core/protocol'
import type { IpcSender } from '../../main/electron/ipc'
import { requestError } from '../../main/requests/requestError'
import { cpuMs } from '../support/cpuTime'

vi.mock('electron', () => ({ BrowserWindow: {}, ipcMain: {}, protocol: {} }))
const { answering } = await import('../../main/electron/ipc')

/** Asks as the preload script does. */
const answer = (
  handlers: Handlers,
  asking: IpcSender,
  name: unknown,
  input: unknown,
  onFault: (name: string, error: unknown) => void,
): Promise<Reply<RequestName>> => answering(handlers, onFault)(asking, name, JSON.stringify(input))

const frame = { url: 'app://bundle/index.html' }
const ours = { senderFrame: frame, sender: { mainFrame: frame } }

/** Handlers that note what they were asked; any name that is not overridden fails the test. */
function noting(overrides: Partial<Handlers>): { readonly handlers: Handlers; readonly asked: unknown[] } {
  const asked: unknown[] = []
  const handlers = new Proxy(overrides, {
    get: (target, name) => async (input: unknown) => {
      asked.push([name, input])
      const handle = Object.hasOwn(target, name)
        ? (target as Record<string, (input: unknown) => Promise<unknown>>)[name as string]
        : undefined
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
    [
      'another origin',
      (() => {
        const other = { url: 'https://example.com/' }
        return { senderFrame: other, sender: { mainFrame: other } }
      })(),
    ],
    [
      'an origin that looks like ours',
      (() => {
        const other = { url: 'app://bundle.example.com/' }
        return { senderFrame: other, sender: { mainFrame: other } }
      })(),
    ],
    [
      'an unreadable address',
      (() => {
        const other = { url: '' }
        return { senderFrame: other, sender: { mainFrame: other } }
      })(),
    ],
  ])('refuses %s', async (_who, asking) => {
    const { handlers, asked } = noting({ 'runs.list': () => Promise.resolve('[]') })
    expect(await answer(handlers, asking, 'runs.list', null, ignore)).toMatchObject({ ok: false })
    expect(asked).toEqual([])
  })

  it.each([
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '',
    'runs',
    'runs.nothing',
    null,
    1,
    {},
    ['runs.list'],
  ])('refuses the name %j', async (name) => {
    const { handlers, asked } = noting({})
    expect(await answer(handlers, ours, name, null, ignore)).toMatchObject({ ok: false, issues: [{ path: '' }] })
    expect(asked).toEqual([])
  })

  it('names the field that is wrong', async () => {
    const { handlers, asked } = noting({})
    expect(await answer(handlers, ours, 'runs.extend', { id: '12345678', epochs: 0, schedule: null }, ignore)).toEqual({
      ok: false,
      issues: [{ path: 'epochs', message: expect.stringContaining('at least 1') }],
    })
    expect(asked).toEqual([])
  })

  it("gives a refusal's own words and tells no stack", async () => {
    const { handlers } = noting({ 'runs.pause': () => Promise.reject(requestError('The run has ended')) })
    const heard: unknown[] = []
    const reply = await answer(handlers, ours, 'runs.pause', '12345678', (name) => heard.push(name))
    expect(reply).toEqual({ ok: false, issues: [{ path: '', message: 'The run has ended' }] })
    expect(heard).toEqual([])
  })

  it('reports a fault that is no refusal', async () => {
    const { handlers } = noting({
      'runs.list': () => {
        throw new TypeError('x is undefined')
      },
    })
    const heard: unknown[] = []
    expect(await answer(handlers, ours, 'runs.list', null, (name) => heard.push(name))).toMatchObject({ ok: false })
    expect(heard).toEqual(['runs.list'])
  })

  it('never throws, whatever the window sends', async () => {
    const { handlers } = noting({})
    const names = fc.oneof(
      fc.constantFrom(
        'runs.start',
        'runs.annotate',
        'settings.change',
        'data.preview',
        'runs.fork',
        'figures.save',
        '__proto__',
      ),
      fc.anything(),
    )
    const texts = fc.oneof(
      fc.json(),
      fc.anything({ withNullPrototype: true, withBigInt: true, withTypedArray: true, withSparseArray: true }),
    )
    const ask = answering(handlers, ignore)
    await fc.assert(
      fc.asyncProperty(
        names,
        texts,
        fc.oneof(fc.constant(undefined), fc.uint8Array(), fc.anything()),
        async (name, text, bytes) => {
          expect(await ask(ours, name, text, bytes)).toHaveProperty('ok')
        },
      ),
      { numRuns: 300 },
    )
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('takes the bytes of a file beside the rest', async () => {
    const { handlers, asked } = noting({ 'figures.save': () => Promise.resolve('here') })
    const ask = answering(handlers, ignore)
    expect(await ask(ours, 'figures.save', '{"name":"a","format":"svg"}', Uint8Array.of(1, 2))).toEqual({
      ok: true,
      value: 'here',
    })
    expect(asked).toEqual([['figures.save', { name: 'a', format: 'svg', bytes: Uint8Array.of(1, 2) }]])
    for (const bytes of ['text', new Uint16Array(2), null, new Uint8Array(2 ** 26 + 1)])
      expect(await ask(ours, 'figures.save', '{"name":"a","format":"svg"}', bytes)).toMatchObject({ ok: false })
    expect(await ask(ours, 'runs.pause', '"12345678"', Uint8Array.of(1))).toMatchObject({ ok: false })
    expect(asked).toHaveLength(1)
  })
})

const repeated = (count: number, one: string): string => `[${Array<string>(count).fill(one).join(',')}]`
const record = (count: number): string =>
  `{${Array.from({ length: count }, (_, index) => `"k${String(index)}":${String(index)}`).join(',')}}`
const names = [
  'runs.remove',
  'runs.start',
  'settings.change',
  'data.preview',
  'runs.annotate',
  'checkpoints.compare',
] as const
/** What costs most for its length, each within and beyond the limits. */
const hostile: readonly (readonly [string, string])[] = [
  ['50 MB of numbers', repeated(25_000_000, '1')],
  ['a text of 50 MB', JSON.stringify('x'.repeat(50_000_000))],
  ['a megabyte of escapes', JSON.stringify('\u0001'.repeat(170_000))],
  ['a megabyte of quotes', JSON.stringify('"'.repeat(500_000))],
  ['a megabyte of backslashes', JSON.stringify('\\'.repeat(500_000))],
  ['a text that does not end', `"${'\\"'.repeat(500_000)}`],
  ['brackets 500,000 deep', '['.repeat(500_000)],
  ['objects 100 deep', `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`],
  ['as many numbers as there may be', repeated(10_990, '1')],
  ['as many objects as there may be', repeated(5_490, '{}')],
  ['as many lists as there may be', repeated(5_490, '[]')],
  ['as many names as there may be', record(10_990)],
  ['as many panels as there may be', `{"panelSizes":${record(199)}}`],
  ['objects of as many names as there may be', `{"draft":${repeated(160, record(199))},"theme":1}`],
  ['panels and a look', `{"panelSizes":${record(90)},"runsLook":{"selected":${repeated(30_000, '1')}}}`],
  [
    'a config of wrong points',
    `{"config":{"learningRate":{"schedule":{"type":"points","points":${repeated(11_000, '{"at":"x","y":[]}')}}}},"weights":null}`,
  ],
  [
    'a config of joins in each other',
    `{"config":{"learningRate":{"schedule":${'{"type":"join","parts":[{"schedule":'.repeat(9)}1${'}]}'.repeat(9)}}},"weights":null}`,
  ],
  [
    'a wrong draft of texts',
    `{"draft":1,"theme":${JSON.stringify('x'.repeat(1_000_000))},"smoothing":${JSON.stringify('y'.repeat(40_000))}}`,
  ],
]

describe('hostile arguments', () => {
  // The best of five counts: a garbage collection is no fault of theirs.
  it.each(hostile)('cost less than 50 ms before they are refused: %s', async (_what, text) => {
    const { handlers } = noting({})
    const ask = answering(handlers, ignore)
    const tries = async (name: string): Promise<number> => {
      let best = Infinity
      for (let n = 0; n < 5 && best >= 50; n++) {
        const cost = await cpuMs(async () => expect((await ask(ours, name, text)).ok).toBe(false))
        best = Math.min(best, cost)
      }
      return best
    }
    for (const name of names) expect(await tries(name), name).toBeLessThan(50)
  })
})

describe('a flood of requests', () => {
  it('leaves a moment between what opens windows of other programs', async () => {
    vi.useFakeTimers()
    const { handlers, asked } = noting({ 'app.openDocs': () => Promise.resolve(null) })
    const ask = answering(handlers, ignore)
    const open = async (): Promise<number> => {
      for (let n = 0; n < 100; n++) await ask(ours, 'app.openDocs', '"readme"')
      return asked.length
    }
    expect(await open()).toBe(5)
    vi.advanceTimersByTime(2000)
    expect(await open()).toBe(10)
    vi.useRealTimers()
  })

  const flood = async (
    name: RequestName,
    text: string,
  ): Promise<{
    readonly begun: number
    readonly refused: number
    readonly message: string
    readonly again: boolean
  }> => {
    const waiting: (() => void)[] = []
    const { handlers, asked } = noting({
      [name]: () => new Promise((resolve) => waiting.push(() => resolve(null as never))),
    })
    const faults: unknown[] = []
    const ask = answering(handlers, (fault) => {
      faults.push(fault)
    })
    const replies = Array.from({ length: 10_000 }, () => ask(ours, name, text))
    await Promise.resolve()
    const begun = asked.length
    waiting.splice(0).forEach((finish) => {
      finish()
    })
    const refused = (await Promise.all(replies)).flatMap((reply) => (reply.ok ? [] : reply.issues))
    expect(faults).toEqual([])
    const last = ask(ours, name, text)
    await expect.poll(() => waiting.length).toBe(1)
    waiting[0]?.()
    return { begun, refused: refused.length, message: refused[0]?.message ?? '', again: (await last).ok }
  }

  it.each([
    ['data.inspect', '{"source":{"type":"digits"}}', 32],
    ['engines.probe', 'null', 4],
    ['runs.list', 'null', 4],
    ['runs.start', '{"config":{},"weights":null}', 32],
    [
      'checkpoints.compare',
      '{"a":{"run":"12345678","checkpoint":"best"},"b":{"run":"12345678","checkpoint":"last"},"split":"test","unseen":false}',
      32,
    ],
    ['runs.pause', '"12345678"', 500],
    ['data.choose', '"folder"', 1],
  ] as const)('of %s is refused beyond what may wait, and taken again afterwards', async (name, text, most) => {
    const found = await flood(name, text)
    expect(found).toMatchObject({ begun: most, refused: 10_000 - most, again: true })
    expect(found.message).toContain(name)
  })
})
