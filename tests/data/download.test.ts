import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type Downloaded, downloadFile, type DownloadOptions } from '../../main/data/download'
import { redirectTarget } from '../../main/data/webRequest'
import { diskFs, type FileSystem } from '../../main/files/fs'
import { published, serve, someBytes } from './fileServer'
import { newFolder } from './making'

const bytes = someBytes(200_000)
const file = published(bytes)
const waitsMs = [5, 5, 5]

const get = async (folder: string, bases: readonly string[], options: DownloadOptions = {}): Promise<Downloaded> =>
  await downloadFile(file, folder, bases, { waitsMs, stallMs: 2000, ...options })
const refusal = async (work: Promise<unknown>): Promise<string> =>
  await work.then(
    () => 'nothing was refused',
    (error: unknown) =>
      `${error instanceof Error && 'kind' in error ? String(error.kind) : ''}: ${(error as Error).message}`,
  )

describe('downloadFile', () => {
  it('fetches a file, gives it its name, and leaves nothing else behind', async () => {
    const folder = join(newFolder(), 'not', 'there', 'yet')
    const server = await serve((send) => {
      send.file(bytes)
    })
    const seen: number[] = []
    expect(
      await get(folder, [`${server.base}mirror/`], {
        onProgress: (done) => {
          seen.push(done)
        },
      }),
    ).toEqual({ path: join(folder, file.name), from: `${server.base}mirror/images.gz` })
    expect(readFileSync(join(folder, file.name)).equals(bytes)).toBe(true)
    expect(readdirSync(folder)).toEqual([file.name])
    expect(server.requests).toEqual([{ path: '/mirror/images.gz', range: undefined, ifRange: undefined }])
    expect([seen[0], seen.at(-1)]).toEqual([0, bytes.length])
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
  })

  it('clears away what belonged to the download of a file that is here, where its process was killed right after', async () => {
    const folder = newFolder()
    const server = await serve((send) => {
      send.file(bytes)
    })
    const belongings = ['images.gz.part', 'images.gz.part.json', '.images.gz.part.json.4194304-0123abcd-0.unfinished']
    for (const name of belongings) writeFileSync(join(folder, name), '{}')
    writeFileSync(join(folder, 'images.gz'), bytes)
    // A lock as a process left it that is gone.
    writeFileSync(
      join(folder, 'images.gz.part.lock'),
      JSON.stringify({
        pid: 4194304,
        host: hostname(),
        bootId: '',
        processStart: '',
        uptime: 0,
        since: '',
        token: 'gone',
      }),
    )
    expect(await get(folder, [server.base])).toEqual({ path: join(folder, 'images.gz'), from: null })
    expect([readdirSync(folder), server.requests]).toEqual([['images.gz'], []])
  })

  it('goes on where the connection broke, as often as each try brings more, without fetching a byte twice', async () => {
    const folder = newFolder()
    // Seven cuts: more than there are waits, so only what came forward can have kept it going.
    const server = await serve((send, number) => {
      send.file(bytes, number < 7 ? { cutAfter: 20_000, headers: { etag: '"v1"' } } : { headers: { etag: '"v1"' } })
    })
    const notes: string[] = []
    await get(folder, [server.base], {
      onNote: (note) => {
        notes.push(note)
      },
    })
    expect(readFileSync(join(folder, file.name)).equals(bytes)).toBe(true)
    expect(server.requests[0]!.range).toBeUndefined()
    for (const { range, ifRange } of server.requests.slice(1))
      expect([/^bytes=[1-9]\d*-$/.test(range ?? ''), ifRange]).toEqual([true, '"v1"'])
    expect(server.requests).toHaveLength(8)
    expect(server.served()).toBe(bytes.length)
    expect(notes).toHaveLength(7)
    expect(notes[0]).toMatch(/the connection broke after \d+ of 200000 bytes; trying again in 0\.005 s/)
  })

  it('stops when asked to, keeps the part, and goes on from it in a later call', async () => {
    const folder = newFolder()
    const stop = new AbortController()
    const server = await serve((send, number) => {
      send.file(
        bytes,
        number === 0
          ? { stallAfter: 50_000, headers: { 'last-modified': 'Thu, 01 Jan 2009 00:00:00 GMT' } }
          : { headers: { 'last-modified': 'Thu, 01 Jan 2009 00:00:00 GMT' } },
      )
    })
    const stopped = get(folder, [server.base], {
      signal: stop.signal,
      onProgress: (done) => {
        if (done === 50_000) stop.abort()
      },
    })
    expect(await refusal(stopped)).toMatch(/^stopped: .*kept/)
    expect(readFileSync(join(folder, 'images.gz.part')).equals(bytes.subarray(0, 50_000))).toBe(true)
    expect(existsSync(join(folder, file.name))).toBe(false)
    await get(folder, [server.base])
    expect(server.requests[1]).toEqual({
      path: '/images.gz',
      range: 'bytes=50000-',
      ifRange: 'Thu, 01 Jan 2009 00:00:00 GMT',
    })
    expect(server.served()).toBe(bytes.length)
    expect(readdirSync(folder)).toEqual([file.name])
  })

  it('begins anew where the server has another file by now, or knows no ranges', async () => {
    for (const [first, second] of [
      [{ headers: { etag: '"old"' } }, { headers: { etag: '"new"' } }],
      [{}, { ranges: false }],
    ] as const) {
      const folder = newFolder()
      // The first answer holds bytes of an older file, so that what came of it must not stay.
      const server = await serve((send, number) => {
        if (number === 0) send.file(someBytes(bytes.length, 9), { cutAfter: 30_000, ...first })
        else send.file(bytes, second)
      })
      await get(folder, [server.base])
      expect(readFileSync(join(folder, file.name)).equals(bytes)).toBe(true)
      expect(server.requests.map(({ range }) => range)).toEqual([undefined, 'bytes=30000-'])
    }
  })

  it('begins anew where a server cannot go on from where the part ends', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'images.gz.part'), bytes.subarray(0, 1000))
    const server = await serve((send, _number, { headers }) => {
      if (headers.range === undefined) send.file(bytes)
      else send.status(416)
    })
    await get(folder, [server.base])
    expect(readFileSync(join(folder, file.name)).equals(bytes)).toBe(true)
    expect(server.requests.map(({ range }) => range)).toEqual(['bytes=1000-', undefined])
    const wrongRange = await serve((send, _number, { headers }) => {
      if (headers.range === undefined) send.file(bytes)
      else send.raw.writeHead(206, { 'content-range': `bytes 0-199999/200000` }).end(bytes)
    })
    writeFileSync(join(newFolderWith(folder), 'images.gz.part'), bytes.subarray(0, 1000))
    await get(join(folder, 'second'), [wrongRange.base])
    expect(wrongRange.requests).toHaveLength(2)
  })

  it('goes on at another address with what came from the first', async () => {
    const folder = newFolder()
    const first = await serve((send, number) => {
      if (number === 0) send.file(bytes, { cutAfter: 120_000, headers: { etag: '"a"' } })
      else send.status(404)
    })
    const second = await serve((send) => {
      send.file(bytes, { headers: { etag: '"b"' } })
    })
    const { from } = await get(folder, [first.base, second.base])
    expect(from).toBe(`${second.base}images.gz`)
    // Its own tag says nothing about the other server's file.
    expect(second.requests).toEqual([{ path: '/images.gz', range: 'bytes=120000-', ifRange: undefined }])
    expect(first.served() + second.served()).toBe(bytes.length)
  })

  it('tries the next address after a 404, and names every address when none has it', async () => {
    const missing = await serve((send) => {
      send.status(404)
    })
    const good = await serve((send) => {
      send.file(bytes)
    })
    const notes: string[] = []
    expect(
      (
        await get(newFolder(), [missing.base, good.base], {
          onNote: (note) => {
            notes.push(note)
          },
        })
      ).from,
    ).toBe(`${good.base}images.gz`)
    expect(notes).toEqual([`${missing.base}images.gz answers with status 404; trying the next address`])
    const folder = newFolder()
    const said = await refusal(get(folder, [missing.base, `${missing.base}other/`]))
    expect(said).toBe(
      `failed: images.gz could not be fetched. ${missing.base}images.gz answers with status 404. ` +
        `${missing.base}other/images.gz answers with status 404`,
    )
    expect(readdirSync(folder)).toEqual([])
  })

  it('does not wait for a host that is not there, but waits for one that is busy', async () => {
    const closed = await serve(() => undefined)
    const port = new URL(closed.base).port
    const busy = await serve((send, number) => {
      if (number < 2) send.status(503)
      else send.file(bytes)
    })
    const notes: string[] = []
    await get(newFolder(), ['http://127.0.0.1:1/', busy.base], {
      onNote: (note) => {
        notes.push(note)
      },
    })
    expect(port).not.toBe('1')
    expect(notes.map((note) => note.replaceAll(/http:\S+/g, 'ADDRESS'))).toEqual([
      'ADDRESS the connection is refused; trying the next address',
      'ADDRESS answers with status 503 after 0 of 200000 bytes; trying again in 0.005 s',
      'ADDRESS answers with status 503 after 0 of 200000 bytes; trying again in 0.005 s',
    ])
    expect(busy.requests).toHaveLength(3)
  })

  it('deletes what has the wrong checksum, and says what was expected, found, and where', async () => {
    const other = someBytes(bytes.length, 2)
    const folder = newFolder()
    const server = await serve((send) => {
      send.file(other)
    })
    const said = await refusal(get(folder, [server.base]))
    expect(said).toContain(
      `${server.base}images.gz does not serve the published file: expected md5 ${file.md5} (200000 bytes), ` +
        `found ${published(other).md5} (200000 bytes)`,
    )
    expect(readdirSync(folder)).toEqual([])
    expect(server.requests).toHaveLength(1)
  })

  it('compares the SHA-256 as well: an MD5 can be forged', async () => {
    const server = await serve((send) => {
      send.file(bytes)
    })
    const folder = newFolder()
    const said = await refusal(downloadFile({ ...file, sha256: 'f'.repeat(64) }, folder, [server.base]))
    expect(said).toContain(`expected sha256 ${'f'.repeat(64)}, found ${file.sha256}`)
    expect(readdirSync(folder)).toEqual([])
  })

  it('fetches all of it once more where a part from elsewhere was wrong', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'images.gz.part'), someBytes(40_000, 3))
    const server = await serve((send) => {
      send.file(bytes)
    })
    await get(folder, [server.base])
    expect(readFileSync(join(folder, file.name)).equals(bytes)).toBe(true)
    expect(server.requests.map(({ range }) => range)).toEqual(['bytes=40000-', undefined])
  })

  it('asks nobody where the part is whole already', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'images.gz.part'), bytes)
    const server = await serve((send) => {
      send.status(500)
    })
    await get(folder, [server.base])
    expect([server.requests.length, readdirSync(folder)]).toEqual([0, [file.name]])
  })

  it('gives up on silence, after the tries that it has', async () => {
    const folder = newFolder()
    const server = await serve((send, number) => {
      if (number === 0) send.file(bytes, { stallAfter: 10_000 })
    })
    const began = performance.now()
    expect(await refusal(get(folder, [server.base], { stallMs: 80, waitsMs: [5, 5] }))).toMatch(
      /nothing came for 0\.08 s after 10000 of 200000 bytes$/,
    )
    expect(server.requests).toHaveLength(3)
    expect(performance.now() - began).toBeGreaterThan(3 * 80)
    expect(existsSync(join(folder, 'images.gz.part'))).toBe(true)
  })

  it('refuses a page of another length before it reads it, and more bytes than were published', async () => {
    const portal = await serve((send) => {
      send.file(Buffer.from('<html>Please sign in</html>'))
    })
    expect(await refusal(get(newFolder(), [portal.base]))).toMatch(/expected a file of 200000 bytes, found one of 27$/)
    let sent = 0
    const endless = await serve(({ raw }) => {
      raw.writeHead(200)
      const more = (): void => {
        sent += 65_536
        if (!raw.destroyed) raw.write(Buffer.alloc(65_536), more)
      }
      more()
    })
    const folder = newFolder()
    expect(await refusal(get(folder, [endless.base]))).toMatch(/expected a file of 200000 bytes, found more$/)
    expect(readdirSync(folder)).toEqual([])
    expect(sent).toBeLessThan(50_000_000)
  })

  it('tries again where a body without a length ends early, and says so in the end', async () => {
    const server = await serve(({ raw }) => {
      raw.writeHead(200).end(bytes.subarray(0, 500))
    })
    expect(await refusal(get(newFolder(), [server.base]))).toMatch(/ended after 500 of 200000 bytes$/)
    expect(server.requests.length).toBeGreaterThan(1)
  })

  it('takes the bytes as they are sent, whatever the server calls their encoding', async () => {
    const packed = gzipSync(bytes)
    const folder = newFolder()
    const server = await serve((send) => {
      send.file(packed, { headers: { 'content-encoding': 'x-gzip' } })
    })
    await downloadFile(published(packed, 'x.tar.gz'), folder, [server.base])
    expect(readFileSync(join(folder, 'x.tar.gz')).equals(packed)).toBe(true)
  })

  it('follows a few redirects with its range, but not for ever, and not to other kinds of address', async () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'images.gz.part'), bytes.subarray(0, 5000))
    const moved = await serve((send, number) => {
      if (number < 5) send.status(302, { location: `/step${number}/images.gz` })
      else send.file(bytes)
    })
    await get(folder, [moved.base])
    expect(moved.requests.map(({ path, range }) => `${path} ${range ?? ''}`).at(-1)).toBe(
      '/step4/images.gz bytes=5000-',
    )
    const loop = await serve((send) => {
      send.status(301, { location: '/images.gz' })
    })
    expect(await refusal(get(newFolder(), [loop.base]))).toMatch(/redirects more than 5 times$/)
    expect(loop.requests).toHaveLength(6)
    const local = await serve((send) => {
      send.status(302, { location: 'file:///etc/passwd' })
    })
    expect(await refusal(get(newFolder(), [local.base]))).toMatch(
      /expected an address that begins with https:\/\/ or http:\/\/, found file:\/\//,
    )
  })

  it('is not led out of encryption', () => {
    const from = new URL('https://example.org/a/images.gz')
    expect(redirectTarget(from, '../b/images.gz').href).toBe('https://example.org/b/images.gz')
    expect(() => redirectTarget(from, 'http://example.org/images.gz')).toThrow(
      'https://example.org/a/images.gz redirects to an address without encryption, http://example.org/images.gz',
    )
    expect(redirectTarget(new URL('http://example.org/images.gz'), 'https://example.net/images.gz').href).toBe(
      'https://example.net/images.gz',
    )
    expect(() => redirectTarget(from, 'https://')).toThrow('which is no address')
  })

  it('uses only http and https, and no address with a password in it', async () => {
    expect(await refusal(get(newFolder(), ['file:///data/']))).toMatch(
      /^refused: “file:\/\/\/data\/”: expected an address that begins with/,
    )
    expect(await refusal(get(newFolder(), ['mirror']))).toMatch(/^refused: “mirror” is no address/)
    expect(await refusal(get(newFolder(), ['https://me:secret@example.org/']))).toBe(
      'refused: The address at example.org holds a name or password: expected one without',
    )
  })

  it('fetches nothing where the file is here, and does not touch another file of its name', async () => {
    const folder = newFolder()
    const server = await serve((send) => {
      send.file(bytes)
    })
    writeFileSync(join(folder, file.name), bytes)
    expect(await get(folder, [server.base])).toEqual({ path: join(folder, file.name), from: null })
    writeFileSync(join(folder, file.name), 'mine')
    expect(await refusal(get(folder, [server.base]))).toMatch(
      /^refused: .*images\.gz is not the published file: expected md5 .* Move it away, or name another folder$/,
    )
    expect(readFileSync(join(folder, file.name), 'utf8')).toBe('mine')
    expect(server.requests).toHaveLength(0)
  })

  it('says in one sentence that the disk is full or cannot be written, and keeps what came', async () => {
    const folder = newFolder()
    const server = await serve((send) => {
      send.file(bytes)
    })
    const full: FileSystem = {
      ...diskFs,
      open: async (path, flags) => {
        const open = await diskFs.open(path, flags)
        return path.endsWith('.part')
          ? {
              ...open,
              write: async (piece, position) => {
                if (position > 50_000) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
                return await open.write(piece, position)
              },
            }
          : open
      },
    }
    expect(await refusal(get(folder, [server.base], { fs: full }))).toBe(
      `: Cannot save images.gz.part: the disk is full (${join(folder, 'images.gz.part')})`,
    )
    expect(existsSync(join(folder, 'images.gz.part'))).toBe(true)
    const sealed: FileSystem = {
      ...diskFs,
      makeFolder: async () => {
        throw Object.assign(new Error('read-only'), { code: 'EROFS' })
      },
    }
    expect(await refusal(get(join(folder, 'sub'), [server.base], { fs: sealed }))).toBe(
      `: Cannot make the folder sub: the disk is read-only (${join(folder, 'sub')})`,
    )
  })

  it('lets one program at a time write a file', async () => {
    const folder = newFolder()
    const server = await serve((send) => {
      send.file(bytes, { stallAfter: 1000 })
    })
    const stop = new AbortController()
    const first = get(folder, [server.base], {
      signal: stop.signal,
      onProgress: (done) => {
        if (done > 0) begun()
      },
    })
    let begun: () => void = () => undefined
    await new Promise<void>((resolve) => {
      begun = resolve
    })
    expect(await refusal(get(folder, [server.base]))).toMatch(/^refused: images\.gz: Another program/)
    stop.abort()
    expect(await refusal(first)).toMatch(/^stopped/)
  })
})

function newFolderWith(folder: string): string {
  const second = join(folder, 'second')
  mkdirSync(second)
  return second
}
