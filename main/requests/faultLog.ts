import type { Input } from '../../core/protocol'

/** So many in so long, and the rest is only counted: a page that fails on and on would push all else out of the log. */
const most = 20
const withinMs = 10 * 60_000

export type NoteFault = (fault: Input<'app.fault'>) => void

/** Writes what the page says has failed in it. The page is not trusted to stop by itself. */
export function createFaultLog(
  write: (message: string) => void,
  now: () => number = () => performance.now(),
): NoteFault {
  let begun = -Infinity
  let count = 0
  return ({ where, message, stack }) => {
    if (now() - begun > withinMs) {
      if (count > most) write(`the page: ${String(count - most)} more failures were left out of this log`)
      begun = now()
      count = 0
    }
    count += 1
    if (count <= most) write(`the page: ${where}: ${message}${stack === '' ? '' : `\n${stack}`}`)
    if (count === most) write('the page: further failures are only counted for the next minutes')
  }
}
