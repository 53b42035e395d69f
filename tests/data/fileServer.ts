import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PublishedFile } from '../../content/publishedData'
import { atEndOfFile } from '../support/cleanup'

interface Request {
  readonly path: string
  readonly range: string | undefined
  readonly ifRange: string | undefined
}
export interface FileServer {
  /** Base address, with the slash. */
  readonly base: string
  readonly requests: Request[]
  /** Bytes of bodies that were handed to the network. */
  readonly served: () => number
}

/**
 * A server on this machine that answers as it is told, and closes after the tests of the file. `number` counts its requests from 0.
 */
export async function serve(
  answer: (response: Sending, number: number, request: IncomingMessage) => void,
): Promise<FileServer> {
  const requests: Request[] = []
  let served = 0
  const server = createServer((request, response) => {
    const { range, 'if-range': ifRange } = request.headers
    requests.push({ path: request.url ?? '', range, ifRange: Array.isArray(ifRange) ? ifRange[0] : ifRange })
    response.on('error', () => undefined)
    answer(
      sending(request, response, (bytes) => {
        served += bytes
      }),
      requests.length - 1,
      request,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEndOfFile(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests, served: () => served }
}

type Headers = Readonly<Record<string, string>>
export interface Sending {
  /**
   * The file, or the rest that was asked for. `cutAfter`: so many bytes of it, then the connection is torn;
   * `stallAfter`: then silence.
   */
  readonly file: (
    bytes: Buffer,
    options?: {
      readonly headers?: Headers
      readonly ranges?: boolean
      readonly cutAfter?: number
      readonly stallAfter?: number
    },
  ) => void
  readonly status: (status: number, headers?: Headers) => void
  readonly raw: ServerResponse
}

function sending(request: IncomingMessage, response: ServerResponse, count: (bytes: number) => void): Sending {
  return {
    raw: response,
    status: (status, headers = {}) => {
      response.writeHead(status, headers).end()
    },
    file: (bytes, { headers = {}, ranges = true, cutAfter, stallAfter } = {}) => {
      const asked = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
      const isSame =
        request.headers['if-range'] === undefined ||
        request.headers['if-range'] === (headers['etag'] ?? headers['last-modified'])
      const from = ranges && isSame ? asked : 0
      if (from > 0 && from >= bytes.length) {
        response.writeHead(416).end()
        return
      }
      const body = bytes.subarray(from, from + (cutAfter ?? stallAfter ?? bytes.length))
      response.writeHead(from > 0 ? 206 : 200, {
        'content-length': bytes.length - from,
        ...(from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
        ...headers,
      })
      response.write(body, () => {
        count(body.length)
        if (cutAfter !== undefined) response.destroy()
        else if (stallAfter === undefined) response.end()
      })
    },
  }
}

/** Bytes that look like nothing else, the same every time. */
export function someBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length)
  for (let i = 0, state = seed; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    bytes[i] = state >>> 16
  }
  return bytes
}

/** The table's row for a file of these bytes. */
export const published = (bytes: Buffer, name = 'images.gz'): PublishedFile => ({
  name,
  bytes: bytes.length,
  md5: createHash('md5').update(bytes).digest('hex'),
  sha256: createHash('sha256').update(bytes).digest('hex'),
})
