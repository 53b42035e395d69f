import type { AppState, Input } from '../core/protocol'

/** Something in the page that went wrong, as main's log and a person who reports it get it. */
export type Fault = Input<'app.fault'>

const longest = { where: 60, message: 1000, stack: 6000 }
/** A page that fails on and on tells main and the person no more than this. */
const mostTold = 20

// The folders of people and what lies in them; addresses of the page's own scripts (app://bundle/…) stay.
const homes = /(?:\/home\/|\/Users\/|[A-Za-z]:[\\/]Users[\\/])(?:[^\\/"'`,;:()\n]+(?=[\\/])|[^\\/\s"'`,;:()]+)/g
const paths = /(?<![\w:/.\\~…])(?:[A-Za-z]:[\\/]|\\\\|\/)(?:[^\s"'`<>|:;,()\\/]+[\\/])+(?=[^\s])/g

/** A text without what folders tell of their owner: of every path only the last name stays. */
export const withoutPaths = (text: string, own: readonly string[] = []): string =>
  own
    .filter((path) => path !== '')
    .reduce((rest, path) => rest.replaceAll(path, '…'), text)
    .replaceAll(homes, '/~')
    .replaceAll(paths, '…/')

/** What is known of an error, short enough to be told; `place` is what React says of where it arose. */
export function faultOf(where: string, error: unknown, place = '', own: readonly string[] = []): Fault {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  return {
    where: where.slice(0, longest.where),
    message: withoutPaths(message, own).slice(0, longest.message),
    stack: withoutPaths(
      `${stack.startsWith(message) ? stack.slice(message.length).trimStart() : stack}${place}`,
      own,
    ).slice(0, longest.stack),
  }
}

/** All that helps whoever mends it, to be put into a report. */
export function detailsOf(
  { where, message, stack }: Fault,
  app: Pick<AppState, 'version' | 'versions' | 'platform'> | null,
): string {
  const versions = Object.entries(app?.versions ?? {}).map(([name, version]) => `${name} ${version}`)
  return [
    [`Batchlab ${app?.version ?? '(version not known yet)'}`, ...versions, app?.platform ?? '']
      .filter((part) => part !== '')
      .join(', '),
    `Where: ${where}`,
    message,
    stack,
  ].join('\n')
}

/** Passes on each fault once, and none after too many. */
export function once(pass: (fault: Fault) => void): (fault: Fault) => boolean {
  const told = new Set<string>()
  return (fault) => {
    const key = `${fault.where}\n${fault.message}`
    if (told.has(key) || told.size >= mostTold) return false
    told.add(key)
    pass(fault)
    return true
  }
}

/**
 * Chromium says this where a size changed twice within a frame; it draws the second in the next one, and nothing has
 * failed.
 */
const isHarmless = (message: string): boolean => message.startsWith('ResizeObserver loop')

/** Hears of what nobody caught in this page: errors of handlers and timers, and promises that were refused. */
export function watchFaults(page: Pick<Window, 'addEventListener'>, hear: (error: unknown) => void): void {
  page.addEventListener('error', ({ error, message }) => {
    if (!isHarmless(message)) hear(error ?? message)
  })
  page.addEventListener('unhandledrejection', ({ reason }) => {
    hear(reason)
  })
}
