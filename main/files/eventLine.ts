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

/** What every line begins with. */
export const lineStart = Buffer.from('{"crc":"')
const middle = Buffer.from('",')
const digits = 8
const prefixBytes = lineStart.length + digits + middle.length
const suspect = /__proto__|"constructor"|\\u/

/** An event as the bytes of a line, its end included. */
export const encodeLine = (event: object): Uint8Array => {
  if ('crc' in event || 'nonFinite' in event) throw new Error('An event cannot have a field called crc or nonFinite')
  const nonFinite = nonFiniteWords(event)
  const text = JSON.stringify(nonFinite === undefined ? event : { ...event, nonFinite })
  if (!text.startsWith('{"')) throw new Error('An event must be an object with at least one field')
  const line = Buffer.from(`{"crc":"00000000",${text.slice(1)}\n`)
  if (line.length > maxLineBytes) throw new Error(`An event of ${String(line.length)} bytes is too long for a line: expected at most ${String(maxLineBytes)}`)
  line.write(crc32(line.subarray(prefixBytes, -1)).toString(16).padStart(digits, '0'), lineStart.length, 'latin1')
  return line
}

/** The event in a line (given without its end), or undefined when the line is damaged. */
export const decodeLine = (line: Buffer): object | undefined => {
  if (line.length <= prefixBytes) return undefined
  if (lineStart.compare(line, 0, lineStart.length) !== 0 || middle.compare(line, lineStart.length + digits, prefixBytes) !== 0) return undefined
  const end = line[line.length - 1] === 0x0d ? line.length - 1 : line.length
  const crc = line.toString('latin1', lineStart.length, lineStart.length + digits)
  if (crc !== crc32(line.subarray(prefixBytes, end)).toString(16).padStart(digits, '0')) return undefined
  const text = `{${line.toString('utf8', prefixBytes, end)}`
  try {
    // The checksum shows that the line is as written, not that we wrote it.
    if (suspect.test(text)) checkJsonText(text, 32)
    const event = JSON.parse(text) as Record<string, unknown>
    if (!('nonFinite' in event)) return event
    const { nonFinite, ...rest } = event
    return restoreNonFinite(rest, nonFinite) ? rest : undefined
  } catch {
    return undefined
  }
}
