import { basename } from 'node:path'
import { maxLineBytes, readLine, type Line } from './eventLine'
import { FileError, fileError } from './fileError'
import { diskFs, readFully, type FileSystem, type OpenFile } from './fs'

export interface LogReading {
  readonly values: number
  /** Whole lines that are not what was written; they were skipped. */
  readonly damaged: number
  /** Bytes of an unfinished last line: a crash tore it, or its writer is still at it. */
  readonly tornBytes: number
  /** Where to go on reading when the log has grown. */
  readonly end: number
}

export interface ReadLogOptions {
  readonly fs?: FileSystem
  /** Where to begin: 0, or the `end` of an earlier reading. */
  readonly from?: number
  /** Hears of every line in turn, damaged ones included: with its bytes, but for those that are too long. */
  readonly onLine?: (line: Line | undefined, bytes: Buffer | undefined) => void
}

const chunkBytes = 2 ** 18
const newline = 0x0a
// Damage may join lines; what has none for so long, such as an endless file of zeros, is not read to its end.
const noLogBytes = 16 * maxLineBytes

/** Cuts a stream of bytes into lines; a line longer than any of ours is passed on as empty-handed `undefined`. */
const lineCutter = (
  path: string,
  onLine: (line: Buffer | undefined) => void,
): { push(chunk: Buffer): void; rest(): Buffer | undefined; restBytes(): number } => {
  let pieces: Buffer[] = []
  let held = 0
  let skipped = 0
  const hold = (piece: Buffer): void => {
    held += piece.byteLength
    if (held > noLogBytes)
      throw new FileError(
        path,
        'ETOOLARGE',
        `Cannot read ${basename(path)}: it has a line of more than ${String(noLogBytes / 2 ** 20)} MiB, so it ` +
          `is no log of this program (${path})`,
      )
    if (held > maxLineBytes) {
      skipped = held
      pieces = []
    } else {
      // The chunk's buffer is used again.
      pieces.push(Buffer.from(piece))
    }
  }
  const joined = (): Buffer | undefined =>
    skipped > 0 ? undefined : pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)
  return {
    push: (chunk) => {
      let start = 0
      for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, start)) {
        const piece = chunk.subarray(start, at)
        start = at + 1
        if (held === 0) {
          onLine(piece)
          continue
        }
        hold(piece)
        onLine(joined())
        pieces = []
        held = skipped = 0
      }
      if (start < chunk.byteLength) hold(chunk.subarray(start))
    },
    rest: joined,
    restBytes: () => held,
  }
}

const readChunks = async (file: OpenFile, from: number, onChunk: (chunk: Buffer) => void): Promise<number> => {
  const target = Buffer.alloc(chunkBytes)
  let position = from
  for (;;) {
    const count = await readFully(file, target, position)
    onChunk(target.subarray(0, count))
    position += count
    if (count < chunkBytes) return position
  }
}

/**
 * Streams the events of a log, a quarter of a MiB at a time. Damaged lines are skipped and counted; the file is never
 * changed, so a log can be read while it is written. Windows line ends are fine.
 */
export const readLog = async (
  path: string,
  onValue: (event: object) => void,
  options: ReadLogOptions = {},
): Promise<LogReading> => {
  const { fs = diskFs, from = 0, onLine } = options
  let values = 0
  let damaged = 0
  const take = (line: Buffer | undefined): boolean => {
    const read = line === undefined ? undefined : readLine(line)
    if (read === undefined) return false
    onLine?.(read, line)
    values++
    onValue(read.event)
    return true
  }
  const isBlank = (line: Buffer): boolean => line.byteLength === 0 || (line.byteLength === 1 && line[0] === 0x0d)
  const lines = lineCutter(path, (line) => {
    if (line !== undefined && isBlank(line)) return
    if (take(line)) return
    damaged++
    onLine?.(undefined, line)
  })
  let file: OpenFile
  try {
    file = await fs.open(path, 'r')
  } catch (error) {
    throw fileError('read', path, error)
  }
  try {
    const end = await readChunks(file, from, lines.push)
    // Only its line end may be missing.
    const tornBytes = lines.restBytes() === 0 || take(lines.rest()) ? 0 : lines.restBytes()
    return { values, damaged, tornBytes, end: end - tornBytes }
  } catch (error) {
    throw fileError('read', path, error)
  } finally {
    await file.close()
  }
}
