import { request as plainRequest, type IncomingMessage } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { errorCode } from '../files/fs'

/*
 * node:http and not fetch: servers of .gz files may label them `Content-Encoding: gzip`, and fetch would then hand out
 * what is in them, of which neither length nor checksum are the published ones. Here the bytes come as they were sent,
 * and redirects are ours to judge.
 */

/** This address does not serve the file; another one may. */
export class AddressFailed extends Error {
  override readonly name = 'AddressFailed'
}

/**
 * The connection or the server gave way: the same address may go on in a moment. `offline`: it was not reached at all.
 */
export class ConnectionBroke extends Error {
  override readonly name = 'ConnectionBroke'

  constructor(
    message: string,
    readonly offline = false,
  ) {
    super(message)
  }
}

const mostRedirects = 5
const redirects = new Set([301, 302, 303, 307, 308])
const busy = new Set([408, 425, 429, 500, 502, 503, 504])
const unreachable: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its host is not known here',
  EAI_AGAIN: 'its host could not be looked up',
  ECONNREFUSED: 'the connection is refused',
  EHOSTUNREACH: 'it cannot be reached',
  ENETUNREACH: 'it cannot be reached',
  ENETDOWN: 'the network is down',
}
const broken: Readonly<Record<string, string>> = {
  ECONNRESET: 'the connection broke',
  EPIPE: 'the connection broke',
  ETIMEDOUT: 'the connection timed out',
}

/** An address as a person typed it, or why it is not fetched from. */
export function webAddress(text: string): URL {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw new AddressFailed(`“${text.slice(0, 100)}” is no address: expected one like https://example.org/mirror/`)
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new AddressFailed(
      `“${text.slice(0, 100)}”: expected an address that begins with https:// or http://, found ${url.protocol}//`,
    )
  // They would end up in messages and in the file beside the part.
  if (url.username !== '' || url.password !== '')
    throw new AddressFailed(`The address at ${url.host} holds a name or password: expected one without`)
  return url
}

/** Where a file is below a base address; an address that ends in the file's name is the file's own. */
export function addressOf(base: string, name: string): string {
  const url = webAddress(base)
  if (!url.pathname.endsWith(`/${name}`))
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${encodeURIComponent(name)}`
  return url.href
}

export interface WebRequest {
  /** Bytes that are here already. */
  readonly from: number
  /**
   * An entity tag or date of the answer that they came from; the server begins anew where its file has changed since.
   */
  readonly validator: string | null
  readonly stallMs: number
  readonly signal: AbortSignal | undefined
}

/** A caught error of the network as one of ours. */
export function networkError(address: string, error: unknown): AddressFailed | ConnectionBroke {
  if (error instanceof AddressFailed || error instanceof ConnectionBroke) return error
  const code = errorCode(error)
  const [gone, cut] = [unreachable[code], broken[code]]
  if (gone !== undefined) return new ConnectionBroke(`${address}: ${gone}`, true)
  if (cut !== undefined) return new ConnectionBroke(`${address}: ${cut}`)
  return new AddressFailed(
    `${address}: ${error instanceof Error && error.message !== '' ? error.message : code || String(error)}`,
  )
}

const send = async (url: URL, { from, validator, stallMs, signal }: WebRequest): Promise<IncomingMessage> =>
  await new Promise((answer, reject) => {
    let response: IncomingMessage | null = null
    const request = (url.protocol === 'https:' ? tlsRequest : plainRequest)(url, {
      agent: false,
      timeout: stallMs,
      ...(signal === undefined ? {} : { signal }),
      headers: {
        accept: '*/*',
        'accept-encoding': 'identity',
        'user-agent': 'Batchlab',
        ...(from > 0 ? { range: `bytes=${from}-`, ...(validator === null ? {} : { 'if-range': validator }) } : {}),
      },
    })
    request.on('timeout', () => {
      ;(response ?? request).destroy(new ConnectionBroke(`${url.href}: nothing came for ${stallMs / 1000} s`))
    })
    request.on('error', reject)
    request.once('response', (message) => {
      response = message
      answer(message)
    })
    request.end()
  })

/**
 * Asks for a file, or for the rest of it; the answer has status 200, 206 or 416, and its bytes are those that were
 * sent.
 */
export async function askFor(address: string, asking: WebRequest): Promise<IncomingMessage> {
  let url = webAddress(address)
  for (let redirected = 0; redirected <= mostRedirects; redirected++) {
    const response = await send(url, asking)
    const {
      statusCode: status = 0,
      headers: { location },
    } = response
    if (status === 200 || status === 206 || status === 416) return response
    response.destroy()
    if (busy.has(status)) throw new ConnectionBroke(`${address} answers with status ${status}`)
    if (!redirects.has(status) || location === undefined)
      throw new AddressFailed(`${address} answers with status ${status}`)
    url = redirectTarget(url, location)
  }
  throw new AddressFailed(`${address} redirects more than ${mostRedirects} times`)
}

/** Where a redirect leads; never to anything but the web, and never out of encryption. */
export function redirectTarget(from: URL, location: string): URL {
  let next: URL
  try {
    next = new URL(location, from)
  } catch {
    throw new AddressFailed(`${from.href} redirects to “${location.slice(0, 100)}”, which is no address`)
  }
  if (from.protocol === 'https:' && next.protocol === 'http:')
    throw new AddressFailed(`${from.href} redirects to an address without encryption, ${next.href}`)
  return webAddress(next.href)
}

/**
 * What a server says that makes a later request safe to continue from: a strong entity tag, else the date of its file.
 */
export function validatorOf({ headers: { etag, 'last-modified': modified } }: IncomingMessage): string | null {
  return etag !== undefined && etag !== '' && !etag.startsWith('W/') ? etag : (modified ?? null)
}

const mostWaiting = 256

/**
 * The bytes of an answer from now on, all that came before it broke included: a stream that is destroyed forgets what
 * it holds, and a connection that breaks again and again would then bring nothing forward. Throws what broke it after
 * the last of them.
 */
export function bodyBytes(response: IncomingMessage): AsyncIterable<Buffer> {
  const waiting: Buffer[] = []
  const state: { over: { readonly error: unknown } | null } = { over: null }
  let wake = (): void => undefined
  const end = (error: unknown): void => {
    state.over ??= { error }
    wake()
  }
  response.on('data', (chunk: Buffer) => {
    waiting.push(chunk)
    if (waiting.length >= mostWaiting) response.pause()
    wake()
  })
  response.once('end', () => {
    end(null)
  })
  response.on('error', end)
  response.once('close', () => {
    end(new ConnectionBroke('The connection was closed'))
  })
  return (async function* () {
    for (;;) {
      const [next, { over }] = [waiting.shift(), state]
      if (next !== undefined) {
        if (waiting.length < mostWaiting / 2) response.resume()
        yield next
      } else if (over === null) {
        await new Promise<void>((woken) => {
          wake = woken
        })
      } else if (over.error !== null) {
        throw over.error
      } else {
        return
      }
    }
  })()
}
