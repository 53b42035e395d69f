import { crc32 } from './crc32'
import { checkJsonText } from './jsonText'
import { nonFiniteWords, restoreNonFinite } from './nonFinite'

/**
 * One line of an `events.ndjson`: the event as compact JSON with `crc` in front, so that any NDJSON reader can read it:
 * `{"crc":"1c291ca3","type":"advanced","step":7}`. `crc` is the CRC-32 (zlib's), as 8 hexadecimal digits, of the bytes
 * after the comma that follows it up to the line's end: in Python `zlib.crc32(line[18:])`. For NaN and Infinity see
 * nonFinite.ts.
 */
export const maxLineBytes = 4 * 2 ** 20

const prefixBytes = '{"crc":"00000000",'.length
const prefix = /^\{"crc":"([0-9a-f]{8})",$/
const suspect = /__proto__|"constructor"|\\u/

const encoder = new TextEncoder()

/** An event as the bytes of a line, its end included. */
export const encodeLine = (event: object): Uint8Array => {
  if ('crc' in event || 'nonFinite' in event) throw new Error('An event cannot have a field called crc or nonFinite')
  const nonFinite = nonFiniteWords(event)
  const text = JSON.stringify(nonFinite === undefined ? event : { ...event, nonFinite })
  if (!text.startsWith('{"')) throw new Error('An event must be an object with at least one field')
  const body = encoder.encode(`${text.slice(1)}\n`)
  if (body.byteLength + prefixBytes > maxLineBytes) throw new Error(`An event of ${String(body.byteLength)} bytes is too long for a line: expected at most ${String(maxLineBytes)}`)
  const crc = crc32(body.subarray(0, -1)).toString(16).padStart(8, '0')
  const line = new Uint8Array(prefixBytes + body.byteLength)
  encoder.encodeInto(`{"crc":"${crc}",`, line)
  line.set(body, prefixBytes)
  return line
}

const latin = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')

/** The event in a line (given without its end), or undefined when the line is damaged. */
export const decodeLine = (line: Uint8Array): object | undefined => {
  const body = line.subarray(prefixBytes, line.at(-1) === 0x0d ? -1 : undefined)
  const match = prefix.exec(latin(line.subarray(0, prefixBytes)))
  if (match === null || match[1] === undefined || parseInt(match[1], 16) !== crc32(body)) return undefined
  const text = `{${utf8(body)}`
  try {
    // The checksum shows that the line is as written, not that we wrote it.
    if (suspect.test(text)) checkJsonText(text, 32)
    const { nonFinite, ...event } = JSON.parse(text) as Record<string, unknown>
    return restoreNonFinite(event, nonFinite) ? event : undefined
  } catch {
    return undefined
  }
}
