import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import type { Socket } from 'node:net'

/*
 * A page's answer to one expression, over the DevTools protocol. Playwright's drivers ask Electron for what it does not
 * have, or stay attached, and hold a page that comes back after a crash; and Node 20 has no WebSocket of its own.
 */

/** One text as a client's frame: masked, in one piece. */
function frame(text: string): Buffer {
  const body = Buffer.from(text)
  const mask = randomBytes(4)
  const head = Buffer.alloc(8)
  head.writeUInt8(0x81, 0)
  head.writeUInt8(0x80 | 126, 1)
  head.writeUInt16BE(body.length, 2)
  mask.copy(head, 4)
  return Buffer.concat([head, body.map((byte, index) => byte ^ (mask[index % 4] ?? 0))])
}

/** The first whole message in what has come, or null. */
function messageIn(bytes: Buffer): string | null {
  const parts: Buffer[] = []
  for (let at = 0; bytes.length >= at + 2;) {
    const length = (bytes[at + 1] ?? 0) & 0x7f
    const [from, size] =
      length === 126
        ? [at + 4, bytes.length < at + 4 ? Infinity : bytes.readUInt16BE(at + 2)]
        : length === 127
          ? [at + 10, bytes.length < at + 10 ? Infinity : Number(bytes.readBigUInt64BE(at + 2))]
          : [at + 2, length]
    if (bytes.length < from + size) return null
    parts.push(bytes.subarray(from, from + size))
    if (((bytes[at] ?? 0) & 0x80) !== 0) return Buffer.concat(parts).toString('utf8')
    at = from + size
  }
  return null
}

const opened = (address: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const asking = request(address.replace(/^ws:/, 'http:'), {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
      },
    })
    asking
      .on('upgrade', (_, socket) => {
        resolve(socket)
      })
      .on('response', ({ statusCode }) => {
        reject(new Error(`no upgrade: ${String(statusCode)}`))
      })
      .on('error', reject)
      .end()
  })

interface Evaluated {
  readonly result?: {
    readonly result: { readonly value?: unknown; readonly description?: string }
    readonly exceptionDetails?: unknown
  }
}

/**
 * What an expression becomes in the page of this app, once its promise has settled. The connection is gone afterwards.
 */
export async function evaluate(port: string, expression: string): Promise<unknown> {
  const pages = (await (
    await fetch(`http://127.0.0.1:${port}/json`, { signal: AbortSignal.timeout(5000) })
  ).json()) as readonly { readonly type: string; readonly url: string; readonly webSocketDebuggerUrl: string }[]
  const page = pages.find(({ type, url }) => type === 'page' && url.startsWith('app://bundle/index.html'))
  if (page === undefined) throw new Error('There is no page')
  const socket = await opened(page.webSocketDebuggerUrl)
  try {
    const answer = new Promise<string>((resolve, reject) => {
      let bytes = Buffer.alloc(0)
      socket.on('data', (more: Buffer) => {
        bytes = Buffer.concat([bytes, more])
        const message = messageIn(bytes)
        if (message !== null) resolve(message)
      })
      socket
        .on('close', () => {
          reject(new Error('The connection was closed'))
        })
        .on('error', reject)
      socket.setTimeout(20_000, () => {
        reject(new Error('There was no answer'))
      })
    })
    socket.write(
      frame(
        JSON.stringify({
          id: 1,
          method: 'Runtime.evaluate',
          params: { expression, awaitPromise: true, returnByValue: true },
        }),
      ),
    )
    const { result } = JSON.parse(await answer) as Evaluated
    if (result === undefined || result.exceptionDetails !== undefined)
      throw new Error(result?.result.description ?? 'It could not be evaluated')
    return result.result.value
  } finally {
    socket.destroy()
  }
}
