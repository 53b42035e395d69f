import { crc32 } from './crc32'
import { checkJsonText } from './jsonText'
import { nonFiniteWords, restoreNonFinite } from './nonFinite'

/**
 * One line of an `events.ndjson`: the event as compact JSON with `crc` in front, so that any NDJSON reader can read it:
 * `{"crc":"1c291ca3","after":"c7f5a2b0","type":"advanced","step":7}`. `crc` is the CRC-32 (zlib's), as 8 hexadecimal
 * digits, of the bytes after the comma that follows it up to the line's end: in Python `zlib.crc32(line[18:])`. `after`
 * is the `crc` of the line before, and in a log's first line the CRC-32 of the name of its folder, which is the run's
 * id: so a line that is lost, doubled, moved or another log's shows. Lines of older programs have no `after`. For NaN
 * and Infinity see nonFinite.ts.
 */
export const maxLineBytes = 4 * 2 ** 20

/** What every line begins with. */
export const lineStart = Buffer.from('{"crc":"')
const middle = Buffer.from('",')
const digits = 8
const linkBytes = '"after":"",'.length + digits
const prefixBytes = lineStart.length + digits + middle.length
const suspect = /__proto__|"constructor"|\\u/

const checksum = (bytes: Uint8Array): string => crc32(bytes).toString(16).padStart(digits, '0')

/** What the first line of the log in a folder of this name follows. */
export const beforeFirstLine = (folderName: string): string => checksum(Buffer.from(folderName))

/** The checksum that a line says it has. */
export const checksumIn = (line: Uint8Array): string =>
  Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString(
    'latin1',
    lineStart.length,
    lineStart.length + digits,
  )

/** An event as the bytes of a line, its end included; `after` is the checksum of the line before. */
export const encodeLine = (event: object, after?: string): Uint8Array => {
  if ('crc' in event || 'after' in event || 'nonFinite' in event)
    throw new Error('An event cannot have a field called crc, after or nonFinite')
  const nonFinite = nonFiniteWords(event)
  const text = JSON.stringify(nonFinite === undefined ? event : { ...event, nonFinite })
  if (!text.startsWith('{"')) throw new Error('An event must be an object with at least one field')
  const line = Buffer.from(`{"crc":"00000000",${after === undefined ? '' : `"after":"${after}",`}${text.slice(1)}\n`)
  if (line.length > maxLineBytes)
    throw new Error(
      `An event of ${String(line.length)} bytes is too long for a line: expected at most ${String(maxLineBytes)}`,
    )
  line.write(checksum(line.subarray(prefixBytes, -1)), lineStart.length, 'latin1')
  return line
}

/** A line as it was written. */
export interface Line {
  readonly event: object
  readonly crc: string
  /** The checksum of the line before; undefined in lines of older programs. */
  readonly after: string | undefined
}

const link = /^"after":"([0-9a-f]{8})",/

/** A line (given without its end) with its place in the log, or undefined when it is damaged. */
export const readLine = (line: Buffer): Line | undefined => {
  if (line.length <= prefixBytes) return undefined
  if (
    lineStart.compare(line, 0, lineStart.length) !== 0 ||
    middle.compare(line, lineStart.length + digits, prefixBytes) !== 0
  )
    return undefined
  const end = line[line.length - 1] === 0x0d ? line.length - 1 : line.length
  const crc = checksumIn(line)
  if (crc !== checksum(line.subarray(prefixBytes, end))) return undefined
  const [found, after] = link.exec(line.toString('latin1', prefixBytes, prefixBytes + linkBytes)) ?? []
  const text = `{${line.toString('utf8', prefixBytes + (found === undefined ? 0 : linkBytes), end)}`
  try {
    // The checksum shows that the line is as written, not that we wrote it.
    if (suspect.test(text)) checkJsonText(text, 32)
    const event = JSON.parse(text) as Record<string, unknown>
    if (!('nonFinite' in event)) return { event, crc, after }
    const { nonFinite, ...rest } = event
    return restoreNonFinite(rest, nonFinite) ? { event: rest, crc, after } : undefined
  } catch {
    return undefined
  }
}
