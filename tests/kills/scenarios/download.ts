import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import type { PublishedData } from '../../../content/publishedData'
import { published, someBytes } from '../../data/fileServer'
import { temporaryFolder } from '../../support/fakeTraining'
import { bundleFile } from '../../soak/bundleFile'
import type { Round, Scenario } from '../rounds'
import { killAt, launch, measure, momentIn, momentText, type Extent } from '../victim'

const files = new Map([
  ['train.gz', someBytes(1_500_000)],
  ['test.gz', someBytes(700_000, 7)],
])
const pieceBytes = 32 * 1024

const servers: Server[] = []
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

/** Serves the files piece by piece, as a network does, and goes on where it is asked to. */
async function serve(): Promise<string> {
  const server = createServer((request, response) => {
    const body = files.get((request.url ?? '').slice(1)) ?? Buffer.alloc(0)
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    response.on('error', () => undefined)
    if (from > 0 && from >= body.length) return response.writeHead(416).end()
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': body.length - from,
      etag: '"same"',
      ...(from > 0 && { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` }),
    })
    const send = async (): Promise<void> => {
      for (let at = from; at < body.length && !response.destroyed; at += pieceBytes) {
        response.write(body.subarray(at, at + pieceBytes))
        await wait(2)
      }
      response.end()
    }
    return void send()
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** What lies under a file's own name is that file, whole. */
function areWhole(folder: string): void {
  for (const [name, bytes] of files)
    if (existsSync(join(folder, name))) expect(readFileSync(join(folder, name)).equals(bytes), name).toBe(true)
}

async function play(
  { random, folder, isCompound, killed, note }: Round,
  begin: (library: string) => ReturnType<typeof launch>,
  extent: Extent,
): Promise<void> {
  const into = join(folder, 'datasets', 'small')
  mkdirSync(into, { recursive: true })
  for (let kills = isCompound ? 2 : 1; kills > 0; kills--) {
    const moment = momentIn(extent, random)
    note(momentText(moment))
    if (await killAt(begin(folder), moment, into, 'process', random)) killed('process')
    areWhole(into)
  }
  const { code, stderr, stdout } = await begin(folder).done
  expect(code, stderr).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ name: 'small', path: into })
  areWhole(into)
  expect(readdirSync(into).sort()).toEqual([...files.keys()].sort())
}

export const downloading: Scenario = {
  name: 'download',
  share: 10,
  isSampled: true,
  prepare: async () => {
    const script = await bundleFile(join(__dirname, '..', 'downloadProcess.ts'))
    const base = await serve()
    const set: PublishedData = {
      name: 'small',
      title: 'Small',
      holds: 'nothing',
      source: 'idx',
      files: [...files].map(([name, bytes]) => published(bytes, name)),
      addresses: [base],
      makers: 'Two people',
      terms: 'Public domain',
      cite: 'Two people, 1999',
      page: 'https://example.org/small',
    }
    const begin = (library: string): ReturnType<typeof launch> =>
      launch(process.execPath, [script, JSON.stringify(set), library])
    const folder = temporaryFolder()
    const {
      value: { code, stderr },
      extent,
    } = await measure(folder, async () => await begin(folder).done)
    expect(code, stderr).toBe(0)
    return async (round) => {
      await play(round, begin, extent)
    }
  },
}
