import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { answered } from '../../main/files/guard'
import { readLog } from '../../main/files/readLog'
import { readHeader } from '../../main/files/safetensors'
import { readWeights } from '../../main/files/weightsFile'
import { cifarBatch, idxImages, idxLabels, load, redAndBlue, refusal, tar, write } from '../data/making'
import { bundle } from '../support/bundle'
import { batchlab, pipe, temporaryFolder } from './making'

const isUnix = process.platform !== 'win32'

const within = async <T>(work: Promise<T>): Promise<T> => await answered('the test', work, undefined, 10_000)

/** A file of this size that takes no room on the disk. */
function sparse(path: string, bytes: number, start: Uint8Array = new Uint8Array()): string {
  const handle = openSync(path, 'w')
  writeSync(handle, start)
  ftruncateSync(handle, bytes)
  closeSync(handle)
  return path
}

const idx = { type: 'idx', set: '' } as const
const idxFiles = (): Record<string, Buffer> =>
  Object.fromEntries(
    ['train', 't10k'].flatMap((role) => [
      [
        `${role}-images-idx3-ubyte`,
        idxImages(
          8,
          2,
          2,
          Uint8Array.from({ length: 32 }, (_, i) => i),
        ),
      ],
      [`${role}-labels-idx1-ubyte`, idxLabels([0, 1, 0, 1, 0, 1, 0, 1])],
    ]),
  )

describe.skipIf(!isUnix)('a pipe in the place of data', () => {
  it.each(['folder', 'idx', 'cifar10', 'cifar100'] as const)('is refused as a %s', async (type) => {
    const path = join(temporaryFolder(), 'images')
    pipe(path)
    expect(await within(refusal({ source: { type, path } }))).toBe(
      `${path}: expected a file or a folder, found a pipe, a socket or a device`,
    )
  })

  it('is refused where a device or a link to one is named', async () => {
    const path = join(temporaryFolder(), 'zero')
    symlinkSync('/dev/zero', path)
    for (const named of [path, '/dev/zero'])
      expect(await within(refusal({ source: { type: 'folder', path: named } }))).toContain(
        'expected a file or a folder, found a pipe, a socket or a device',
      )
  })

  it.each(Object.keys(idxFiles()))('is no IDX file %s', async (name) => {
    const folder = write(temporaryFolder(), idxFiles())
    rmSync(join(folder, name))
    pipe(join(folder, name))
    pipe(join(folder, `${name}.gz`))
    expect(await within(refusal({ source: { ...idx, path: folder } }))).toMatch(/found none for /)
  })

  it('is no file of CIFAR', async () => {
    const folder = write(
      temporaryFolder(),
      Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`data_batch_${n}.bin`, cifarBatch([[1]], () => 0)])),
    )
    pipe(join(folder, 'test_batch.bin'))
    expect(await within(refusal({ source: { type: 'cifar10', path: folder } }))).toMatch(/found no test_batch\.bin/)
  })

  it('is left out where images lie beside it, and named', async () => {
    const folder = write(temporaryFolder(), redAndBlue(6))
    pipe(join(folder, 'red', 'pipe.png'))
    symlinkSync('/dev/zero', join(folder, 'red', 'zero.png'))
    const { skipped } = await within(load({ source: { type: 'folder', path: folder, skipBroken: true } }))
    expect(skipped).toEqual([
      { file: 'red/pipe.png', reason: 'is not a regular file' },
      { file: 'red/zero.png', reason: 'is a link that leads out of the folder' },
    ])
  })

  it('is no config, no checkpoint, no file of weights, and holds no command up', async () => {
    const path = join(temporaryFolder(), 'file')
    pipe(path)
    for (const args of [
      ['plan', path],
      ['evaluate', path, '--dir', temporaryFolder()],
      ['train', '--weights', path, '--dir', temporaryFolder()],
      ['verify', path],
      ['list', '--dir', path],
      ['data', 'import', 'folder', path, '--dir', temporaryFolder()],
    ]) {
      const { code, text } = await batchlab(...args)
      expect([args[0], code === 1 || code === 2, text !== '']).toEqual([args[0], true, true])
    }
    await expect(within(readWeights(path, []))).rejects.toThrow('Cannot read file: it is not a file')
    await expect(within(readHeader('/dev/zero'))).rejects.toThrow('Cannot read zero: it is not a file')
  })
})

describe.skipIf(!isUnix)('a file of a size that nobody has', () => {
  it('is refused as a config before it is read', async () => {
    const { code, text } = await batchlab('plan', sparse(join(temporaryFolder(), 'config.json'), 200e9))
    expect([code, text]).toEqual([
      2,
      expect.stringContaining('config.json is larger than allowed: expected at most 1 MiB'),
    ])
  })

  it('is refused as a log after the first of its bytes', async () => {
    const path = sparse(join(temporaryFolder(), 'events.ndjson'), 200e9)
    await expect(within(readLog(path, () => undefined))).rejects.toThrow(
      'it has a line of more than 64 MiB, so it is no log of this program',
    )
  })

  it("is refused as tensors, by its header's length or by its own", async () => {
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(100_000_000_000n)
    const path = join(temporaryFolder(), 'last.safetensors')
    await expect(within(readHeader(sparse(path, 200e9, length)))).rejects.toThrow(/last\.safetensors/)
    await expect(within(readHeader(sparse(path, 200e9)))).rejects.toThrow(/last\.safetensors/)
  })

  it('is refused as IDX files and as an image', async () => {
    const folder = write(temporaryFolder(), idxFiles())
    truncateSync(join(folder, 'train-images-idx3-ubyte'), 200e9)
    expect(await within(refusal({ source: { ...idx, path: folder } }))).toMatch(
      /its header announces 48 bytes, found 200000000000/,
    )
    const images = write(temporaryFolder(), redAndBlue(6))
    sparse(join(images, 'red', 'huge.png'), 200e9, Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))
    expect(await within(refusal({ source: { type: 'folder', path: images } }))).toContain(
      'red/huge.png has 200000000000 bytes, expected at most 67108864',
    )
  })
})

describe('names in folders and archives', () => {
  const hostile = ['a\u001b[31mred', 'b\u202egnp', 'c\nforged: line', '=1+1', '__proto__', 'constructor']

  it.skipIf(!isUnix)('are text, whatever they hold, and are shown as such', async () => {
    const folder = temporaryFolder()
    for (const name of hostile) {
      mkdirSync(join(folder, name))
      for (const [path, bytes] of Object.entries(redAndBlue(4)))
        if (path.startsWith('red/')) writeFileSync(join(folder, name, path.slice(4)), bytes)
    }
    const { info } = await load({ source: { type: 'folder', path: folder } })
    expect([...info.classes].sort()).toEqual([...hostile].sort())
    const { text } = await batchlab('data', 'import', 'folder', folder, '--dir', temporaryFolder())
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
    expect(text).not.toMatch(/^forged/m)
  })

  it('are no longer in an archive than on a disk', async () => {
    const long = `${'x'.repeat(10_000)}/red.png`
    const file = await tar(
      join(temporaryFolder(), 'images.tar'),
      [
        ...Object.entries(redAndBlue(6)).map(([name, bytes]) => ({ header: { name }, bytes })),
        { header: { name: long, pax: { path: long } }, bytes: redAndBlue(1)['red/0.png'] ?? new Uint8Array() },
      ],
      false,
    )
    const { info, skipped } = await load({ source: { type: 'folder', path: file, skipBroken: true } })
    expect(info.classes).toEqual(['blue', 'red'])
    expect(skipped.map(({ file: name, reason }) => [name.length < 300, reason])).toEqual([
      [true, 'has a name of 10000 characters, expected at most 255'],
    ])
  })
})

describe('a disk that does not answer', () => {
  it('is given up after its time, and what comes late is let go of', async () => {
    let answer = (_late: string): void => undefined
    const dropped: string[] = []
    const asked = answered(
      '/net/x',
      new Promise<string>((resolve) => {
        answer = resolve
      }),
      (late) => dropped.push(late),
      20,
    )
    await expect(asked).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      message: '/net/x cannot be used: its disk does not answer',
    })
    answer('late')
    await new Promise((resolve) => setImmediate(resolve))
    expect(dropped).toEqual(['late'])
  })

  it.skipIf(!isUnix)('does not keep a process from its end', async () => {
    const path = join(temporaryFolder(), 'pipe')
    pipe(path)
    const child = spawn(process.execPath, [await bundle('hostile/silentDisk.ts'), path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.on('data', (text: Buffer) => {
      said += text.toString()
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
    const began = performance.now()
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    clearTimeout(timer)
    expect(performance.now() - began).toBeLessThan(20_000)
    expect(said).toContain('its disk does not answer')
    // By force: an orderly end would wait for the thread that waits.
    expect([code, signal]).toEqual([null, 'SIGKILL'])
  })
})
