import { describe, expect, it } from 'vitest'
import { inputs } from '../../core/protocol'
import { detailsOf, faultOf, once, watchFaults, withoutPaths } from '../../renderer/faults'

describe('a fault', () => {
  it.each([
    ['cannot read /home/kim/.config/Batchlab/library/runs/ab12/run.json', 'cannot read …/run.json'],
    ['C:\\Users\\Kim Lee\\data\\x.png is no image', 'x.png is no image'],
    ['at Runs (app://bundle/assets/index-Ab3.js:10:2345)', 'at Runs (app://bundle/assets/index-Ab3.js:10:2345)'],
    ['at load (file:///home/kim/batchlab/out/index.js:1:2)', 'index.js:1:2'],
    ['540 images/s, 3/4 of the epochs', '540 images/s, 3/4 of the epochs'],
  ])('of "%s" tells no folder of its owner', (text, kept) => {
    const told = withoutPaths(text)
    expect(told).toContain(kept)
    expect(told).not.toMatch(/kim|lee/i)
  })

  it('leaves out a library wherever it lies, blanks in its name or not', () => {
    expect(withoutPaths('found nothing at /srv/my own runs/b/checkpoints', ['/srv/my own runs'])).not.toContain(
      'own runs',
    )
  })

  it('is what main takes, however long the error was and whatever was thrown', () => {
    const long = new Error('m'.repeat(50_000))
    long.stack = 's'.repeat(50_000)
    for (const error of [long, 'text', undefined, null, { toString: () => 'x'.repeat(5000) }, new TypeError('a')]) {
      expect(inputs['app.fault'].safeParse(faultOf('w'.repeat(100), error, 'p'.repeat(10_000))).error).toBeUndefined()
    }
    expect(faultOf('Runs', new TypeError('x is not a function'))).toMatchObject({
      where: 'Runs',
      message: 'TypeError: x is not a function',
    })
  })

  it('can be copied with the versions, the view, the message and the stack', () => {
    const text = detailsOf(
      { where: 'Papers', message: 'TypeError: destroy is not a function', stack: 'at f (app://bundle/a.js:1:1)' },
      { version: '0.1.0', versions: { electron: '45.4.1', chrome: '156' }, platform: 'linux' },
    )
    expect(text).toBe(
      'Batchlab 0.1.0, electron 45.4.1, chrome 156, linux\nWhere: Papers\nTypeError: destroy is not a ' +
        'function\nat f (app://bundle/a.js:1:1)',
    )
    expect(detailsOf({ where: 'Papers', message: 'x', stack: '' }, null)).toContain('not known yet')
  })

  it('is told once, and a page that fails on and on tells twenty', () => {
    const told: string[] = []
    const tell = once(({ message }) => {
      told.push(message)
    })
    for (let round = 0; round < 3; round++)
      for (let n = 0; n < 50; n++) tell({ where: 'x', message: String(n), stack: '' })
    expect(told).toHaveLength(20)
  })

  it('that nobody caught is heard, a size that changed twice in a frame is none', () => {
    const heard: unknown[] = []
    const page = new EventTarget()
    watchFaults(page as unknown as Window, (error) => {
      heard.push(error)
    })
    const failed = new Error('a')
    page.dispatchEvent(Object.assign(new Event('error'), { error: failed, message: 'a' }))
    page.dispatchEvent(Object.assign(new Event('error'), { error: null, message: 'Script error.' }))
    page.dispatchEvent(
      Object.assign(new Event('error'), {
        error: null,
        message: 'ResizeObserver loop completed with undelivered notifications.',
      }),
    )
    page.dispatchEvent(Object.assign(new Event('unhandledrejection'), { reason: 'refused' }))
    expect(heard).toEqual([failed, 'Script error.', 'refused'])
  })
})
