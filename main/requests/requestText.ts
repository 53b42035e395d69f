import type { RequestName } from '../../core/protocol'
import { jsonSize } from '../files/jsonText'
import { requestError } from './requestError'

/**
 * More than any request of the window needs: ten thousand ids, notes of 100,000 characters, a config as long as its
 * file may be.
 */
const limits = { characters: 2 ** 20, values: 11_000, names: 200, depth: 32, bytes: 2 ** 26 } as const
/** A table of points has up to ten thousand of them. */
const valuesWithConfig = 35_000
const withConfig: ReadonlySet<RequestName> = new Set(['settings.change', 'runs.start', 'runs.fork', 'configs.save'])

/**
 * What a request of the page says, which arrives as JSON, with the bytes of a file beside it. It is refused by its
 * length, then by how much is in it, before anything is built from it, so that no page holds up main with what main
 * will refuse.
 */
export function readRequest(name: RequestName, text: unknown, bytes: unknown): unknown {
  if (typeof text !== 'string') throw requestError('The input of a request is sent as JSON')
  if (text.length > limits.characters)
    throw requestError(
      `A request is at most ${String(limits.characters)} characters long, found ${String(text.length)}`,
    )
  const { depth, values, names } = jsonSize(text)
  if (depth > limits.depth) throw requestError(`A request has at most ${String(limits.depth)} levels inside each other`)
  if (names > limits.names) throw requestError(`A request has at most ${String(limits.names)} names beside each other`)
  const most = withConfig.has(name) ? valuesWithConfig : limits.values
  if (values > most) throw requestError(`The request ${name} has at most ${String(most)} values`)
  const input = parsed(text)
  if (bytes === undefined) return input
  if (!(bytes instanceof Uint8Array) || bytes.byteLength > limits.bytes)
    throw requestError(`The bytes of a request are at most ${String(limits.bytes)}`)
  if (typeof input !== 'object' || input === null || Array.isArray(input) || 'bytes' in input)
    throw requestError('Only a request with fields has bytes beside it')
  return { ...input, bytes }
}

function parsed(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw requestError('The input of a request is sent as JSON')
  }
  check(value)
  return value
}

/** Refuses what a file of ours could not hold: a number too large for one, and names that reach prototypes. */
function check(value: unknown): void {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw requestError('A request holds a number that is too large')
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) return value.forEach(check)
  for (const key of Object.keys(value)) {
    if (key === '__proto__' || key === 'prototype')
      throw requestError(`A request has a name that is not allowed, “${key}”`)
    check((value as Record<string, unknown>)[key])
  }
}
