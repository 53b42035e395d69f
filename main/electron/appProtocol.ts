import { protocol } from 'electron'
import { readFile, realpath } from 'node:fs/promises'
import { extname, join, relative, isAbsolute } from 'node:path'

/** The only origin that this app ever shows. */
export const appOrigin = 'app://bundle'

/** Whether an address is a page of the app; asked of a parser, because a prefix can be imitated. */
export function isPage(address: string): boolean {
  try {
    // Not `origin`: Node's URL gives none to a scheme that it does not know.
    const { protocol, host, username } = new URL(address)
    return `${protocol}//${host}` === appOrigin && username === ''
  } catch {
    return false
  }
}

const mimeTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

/** No eval, nothing from elsewhere; inline styles because the charts and the components set them. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const headers = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-cache',
}

/** Must be called before the app is ready: makes app: a secure standard scheme with an origin of its own. */
export const registerAppScheme = (): void =>
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])

const isInside = (root: string, path: string): boolean => {
  const way = relative(root, path)
  return way !== '' && !way.startsWith('..') && !isAbsolute(way)
}

/**
 * The file that a URL of the page names, or null: it must lie inside the root, links resolved, and have a type we know.
 */
export async function fileOf(root: string, address: string): Promise<string | null> {
  try {
    const { host, pathname } = new URL(address)
    const name = decodeURIComponent(pathname)
    if (
      host !== 'bundle' ||
      /[\0\\]/.test(name) ||
      name.split('/').includes('..') ||
      !Object.hasOwn(mimeTypes, extname(name))
    )
      return null
    const path = await realpath(join(root, name))
    return isInside(await realpath(root), path) ? path : null
  } catch {
    return null
  }
}

/** Answers a request for a file of the page. */
export async function respond(
  root: string,
  request: { readonly method: string; readonly url: string },
): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return new Response('', { status: 405, headers })
  const path = await fileOf(root, request.url)
  if (path === null)
    return new Response('There is no such file in the app.', {
      status: 404,
      headers: { ...headers, 'content-type': 'text/plain' },
    })
  const bytes = await readFile(path)
  return new Response(request.method === 'HEAD' ? null : bytes, {
    headers: { ...headers, 'content-type': mimeTypes[extname(path)] ?? '' },
  })
}

/** Serves the page's files as app://bundle/…; the root folder is the only thing it can reach. */
export const serveApp = (root: string): void => protocol.handle('app', (request) => respond(root, request))
