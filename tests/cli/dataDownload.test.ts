import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { PublishedData } from '../../content/publishedData'
import { downloadData } from '../../main/cli/commands/dataDownload'
import { outcomeOf } from '../../main/cli/failure'
import { createTerminal } from '../../main/cli/terminal'
import { published, serve, someBytes } from '../data/fileServer'
import { batchlab, json, start, temporaryFolder } from './built'

/** Twenty images of 4×4 in two classes, as the four files of an IDX data set. */
const idx = (what: string, magic: number, sizes: readonly number[], body: Buffer) => {
  const head = Buffer.alloc(4 + 4 * sizes.length)
  for (const [index, value] of [magic, ...sizes].entries()) head.writeUInt32BE(value, 4 * index)
  const bytes = gzipSync(Buffer.concat([head, body]))
  return { bytes, file: published(bytes, `${what}-ubyte.gz`) }
}
const labels = Buffer.from(Array.from({ length: 20 }, (_, index) => index % 2))
const parts = [
  idx('train-images-idx3', 2051, [20, 4, 4], someBytes(320)),
  idx('train-labels-idx1', 2049, [20], labels),
  idx('t10k-images-idx3', 2051, [20, 4, 4], someBytes(320, 7)),
  idx('t10k-labels-idx1', 2049, [20], labels),
]
const bytesOf = new Map(parts.map(({ bytes, file }) => [`/mirror/${file.name}`, bytes]))

const small = (base: string): PublishedData => ({
  name: 'small',
  title: 'Small digits',
  holds: '20 images',
  source: 'idx',
  files: parts.map(({ file }) => file),
  addresses: [`${base}mirror/`],
  makers: 'Two people',
  terms: 'Public domain',
  cite: 'Two people, 1999',
  page: 'https://example.org/small',
})
const mirror = async (change: (path: string, bytes: Buffer) => Buffer = (_, bytes) => bytes) =>
  await serve((send, _number, { url = '' }) => {
    const bytes = bytesOf.get(url)
    if (bytes === undefined) send.status(404)
    else send.file(change(url, bytes))
  })

/** Runs the command here, with a table of its own: the published files are too large for a test. */
async function run(
  words: readonly string[],
  set: PublishedData,
  {
    from,
    asJson = false,
    library = temporaryFolder(),
  }: { readonly from?: string; readonly asJson?: boolean; readonly library?: string } = {},
) {
  let [stdout, stderr] = ['', '']
  const terminal = createTerminal(
    {
      write: (text: string | Uint8Array) => {
        stdout += text.toString()
        return true
      },
    },
    {
      isTTY: true,
      columns: 200,
      write: (text: string | Uint8Array) => {
        stderr += text.toString()
        return true
      },
    },
  )
  const outcome = await downloadData({ words, from, json: asJson, library }, terminal, [set]).then(
    (code) => ({ code, message: '' }),
    outcomeOf,
  )
  return { ...outcome, stdout, stderr, library }
}

describe('batchlab data download', () => {
  it('says whose the data is first, shows how far it is, and ends with what a training needs', async () => {
    const server = await mirror()
    const { code, message, stdout, stderr, library } = await run(['small'], small(server.base))
    const folder = join(library, 'datasets', 'small')
    expect([code, message]).toEqual([0, ''])
    expect(stderr.indexOf('Public domain')).toBeGreaterThan(-1)
    expect(stderr.indexOf('Public domain')).toBeLessThan(stderr.indexOf('━'))
    for (const text of ['Two people, 1999', server.base, folder, 'train-images-idx3-ubyte.gz ━'])
      expect(stderr).toContain(text)
    expect(stdout).toContain(
      `train-labels-idx1-ubyte.gz: ${parts[1]!.bytes.length} bytes, md5 ${parts[1]!.file.md5} as published\n`,
    )
    expect(stdout.trimEnd().split('\n').slice(-2)).toEqual([
      folder,
      `Train on it with: --set data.source.type=idx --set data.source.path=${folder}`,
    ])
    expect(readdirSync(folder).sort()).toEqual(parts.map(({ file }) => file.name).sort())
  })

  it('brings what the data reader takes, and fetches nothing the second time', async () => {
    const server = await mirror()
    const folder = join(temporaryFolder(), 'my images')
    const first = await run(['small', folder], small(server.base))
    expect(first.stdout).toContain(`data.source.path='${folder}'`)
    const { facts } = await json<{ facts: { counts: { test: number } } }>(
      'data',
      'import',
      'idx',
      folder,
      '--dir',
      temporaryFolder(),
    )
    expect(facts.counts.test).toBe(20)
    const asked = server.requests.length
    const again = await run(['small', folder], small(server.base), { asJson: true })
    expect(server.requests).toHaveLength(asked)
    expect(JSON.parse(again.stdout)).toMatchObject({
      name: 'small',
      path: folder,
      settings: { 'data.source.type': 'idx', 'data.source.path': folder },
      files: parts.map(({ file }) => ({ ...file, from: null })),
    })
  })

  it('takes --from instead of the published addresses', async () => {
    const server = await mirror()
    const { code, stdout } = await run(['small'], small('http://127.0.0.1:1/'), {
      from: `${server.base}mirror`,
      asJson: true,
    })
    expect([code, server.requests.length]).toEqual([0, 4])
    expect((JSON.parse(stdout) as { files: { from: string }[] }).files[3]!.from).toBe(
      `${server.base}mirror/t10k-labels-idx1-ubyte.gz`,
    )
  })

  it('fails with 1 where the files are not the published ones, and with 2 where it would have to replace a file', async () => {
    const server = await mirror((path, bytes) => (path.includes('t10k-images') ? Buffer.alloc(bytes.length) : bytes))
    const wrong = await run(['small'], small(server.base))
    expect(wrong.code).toBe(1)
    expect(wrong.message).toMatch(
      /t10k-images-idx3-ubyte\.gz could not be fetched\. http:.* does not serve the published file: expected md5 [0-9a-f]{32} .*found [0-9a-f]{32}/,
    )
    const folder = join(wrong.library, 'datasets', 'small')
    expect(readdirSync(folder).sort()).toEqual(['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz'])
    writeFileSync(join(folder, 'train-images-idx3-ubyte.gz'), 'mine')
    const kept = await run(['small'], small(server.base), { library: wrong.library })
    expect([kept.code, kept.stdout]).toEqual([2, ''])
    expect(kept.message).toMatch(/is not the published file.*Move it away/)
  })

  it('refuses unknown names and addresses of other kinds in one sentence', async () => {
    const library = temporaryFolder()
    const cases: [string[], RegExp][] = [
      [['data', 'download'], /^Which data set\? data download expects cifar10, cifar100, mnist, fashion-mnist$/],
      [['data', 'download', 'cifar-10'], /no data set “cifar-10” to download; did you mean “cifar10”\?/],
      [
        ['data', 'download', 'mnist', '--from', 'file:///srv/data/'],
        /“file:\/\/\/srv\/data\/”: expected an address that begins with https:\/\/ or http:\/\//,
      ],
      [['data', 'list', '--from', 'http://127.0.0.1:1/'], /^--from belongs to data download$/],
    ]
    for (const [args, sentence] of cases) {
      const { code, stdout, stderr } = await batchlab([...args, '--dir', library])
      expect([args, code, stdout]).toEqual([args, 2, ''])
      expect(stderr.trimEnd().split('\n').at(-1)).toMatch(sentence)
    }
    expect(existsSync(join(library, 'datasets'))).toBe(false)
  })

  it('ends with 130 on Ctrl-C, keeps the part, and goes on from it', async () => {
    const folder = temporaryFolder()
    // The real table: 170,052,171 bytes are announced, and 100,000 of them sent.
    const server = await serve((send, number) => {
      const from = 100_000 * number
      send.raw.writeHead(number === 0 ? 200 : 206, {
        'content-length': 170_052_171 - from,
        'content-range': `bytes ${from}-170052170/170052171`,
        etag: '"x"',
      })
      send.raw.write(someBytes(100_000, 3 + number), () => setTimeout(() => running?.child.kill('SIGINT'), 300))
    })
    let running: ReturnType<typeof start> | null = null
    for (const length of [100_000, 200_000]) {
      running = start(['data', 'download', 'cifar10', folder, '--from', server.base])
      const { code, stdout, stderr } = await running.done
      expect([code, stdout]).toEqual([130, ''])
      expect(stderr).toMatch(/stopped; what is here is kept/)
      expect(readFileSync(join(folder, 'cifar-10-binary.tar.gz.part'))).toHaveLength(length)
    }
    expect(server.requests).toEqual([
      { path: '/cifar-10-binary.tar.gz', range: undefined, ifRange: undefined },
      { path: '/cifar-10-binary.tar.gz', range: 'bytes=100000-', ifRange: '"x"' },
    ])
    expect(readdirSync(folder).sort()).toEqual(['cifar-10-binary.tar.gz.part', 'cifar-10-binary.tar.gz.part.json'])
  })

  it('is listed with what is here', async () => {
    const library = temporaryFolder()
    mkdirSync(join(library, 'datasets', 'cifar100'), { recursive: true })
    mkdirSync(join(library, 'datasets', 'cifar10'))
    for (const [name, bytes] of [
      ['cifar-10', 17],
      ['cifar-100', 168_513_733],
    ] as const) {
      const file = join(library, 'datasets', name.replace('-', ''), `${name}-binary.tar.gz`)
      writeFileSync(file, '')
      // A file of holes: its length is enough for a list.
      truncateSync(file, bytes)
    }
    const { downloads } = await json<{ downloads: { name: string; bytes: number; path: string | null }[] }>(
      'data',
      'list',
      '--dir',
      library,
    )
    expect(downloads.map(({ name, bytes, path }) => [name, bytes, path])).toEqual([
      ['cifar10', 170_052_171, null],
      ['cifar100', 168_513_733, join(library, 'datasets', 'cifar100', 'cifar-100-binary.tar.gz')],
      ['mnist', 11_594_722, null],
      ['fashion-mnist', 30_878_645, null],
    ])
    expect((await batchlab(['data', 'list', '--dir', library])).stdout).toMatch(/cifar100 +CIFAR-100 +161 MiB +here\n/)
  })
})
