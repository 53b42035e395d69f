import { readFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { contentSecurityPolicy } from '../app/policy'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
}

/** Serves the built page as the app does, with its policy, on an address of this machine only. */
export async function servePage(folder: string): Promise<{ readonly address: string; readonly close: () => void }> {
  const server: Server = createServer((request, response) => {
    const name = normalize(new URL(request.url ?? '/', 'http://localhost').pathname)
    readFile(join(folder, name)).then(
      (bytes) =>
        response
          .writeHead(200, {
            'content-security-policy': contentSecurityPolicy,
            'x-content-type-options': 'nosniff',
            'content-type': types[extname(name)] ?? '',
          })
          .end(bytes),
      () => response.writeHead(name === '/favicon.ico' ? 204 : 404).end(),
    )
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    address: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () => {
      server.close()
    },
  }
}
