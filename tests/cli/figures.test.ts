import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { noElectron } from '../hosts/electronHost'
import { batchlab, madeLibrary, temporaryFolder } from './built'

// A cli.js that was built elsewhere has no window beside it.
const why =
  noElectron !== ''
    ? noElectron
    : process.env['BATCHLAB_CLI'] !== undefined
      ? 'BATCHLAB_CLI names a build without the window'
      : ''

describe.skipIf(why !== '')(`batchlab export of figures${why === '' ? '' : ` (${why})`}`, () => {
  it('draws SVG and PNG as the window does, without a window', async () => {
    const folder = temporaryFolder()
    const [one, two] = await madeLibrary(join(folder, 'library'), [
      { name: '<b>first</b>' },
      { name: 'second', batchSize: 20 },
    ])
    const draw = async (...args: readonly string[]): Promise<readonly string[]> => {
      const { code, stdout, stderr } = await batchlab(['export', ...args, '--json', '--dir', join(folder, 'library')])
      if (code !== 0) throw new Error(stderr)
      return JSON.parse(stdout) as string[]
    }
    const [loss, accuracy] = await draw(
      one!.id,
      '--format',
      'svg',
      '--out',
      folder,
      '--width',
      '640',
      '--height',
      '360',
    )
    const svg = readFileSync(loss!, 'utf8')
    expect(svg).toMatch(/^<svg[^>]* width="640" height="360"/)
    // Not toContain: a failure would print the whole drawing.
    expect(['>epochs<', '&#60;b&#62;first', '<b>', '<script'].map((text) => svg.includes(text))).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect(readFileSync(accuracy!, 'utf8').includes('accuracy (%)')).toBe(true)

    const [png] = await draw(
      one!.id,
      two!.id,
      '--chart',
      'learningRate',
      '--out',
      join(folder, 'rate.png'),
      '--width',
      '640',
      '--height',
      '360',
    )
    const bytes = readFileSync(png!)
    expect(bytes.subarray(1, 4).toString()).toBe('PNG')
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([1280, 720])
    expect(statSync(png!).size).toBeGreaterThan(5000)
  }, 120_000)
})
