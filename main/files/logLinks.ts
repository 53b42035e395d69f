import { basename, dirname } from 'node:path'
import { beforeFirstLine, checksumIn } from './eventLine'
import { diskFs, type FileSystem } from './fs'
import { readLog, type LogReading } from './readLog'

interface Place {
  readonly crc: string | undefined
  readonly after: string | undefined
  readonly isDamaged: boolean
}

export interface CheckedLog extends LogReading {
  /**
   * What shows that lines are lost, doubled, moved or of another log, in sentences that name the lines, counted from 1.
   */
  readonly faults: readonly string[]
}

/**
 * Reads a log and holds each line against the one that it says it follows. What older programs wrote says nothing of
 * that.
 */
export async function checkLog(
  path: string,
  onValue: (event: object) => void,
  fs: FileSystem = diskFs,
): Promise<CheckedLog> {
  const lines: Place[] = []
  const reading = await readLog(path, onValue, {
    fs,
    // Of a damaged line the checksum may be what is left of it.
    onLine: (line, bytes) =>
      lines.push(
        line === undefined
          ? { crc: bytes === undefined ? undefined : checksumIn(bytes), after: undefined, isDamaged: true }
          : { crc: line.crc, after: line.after, isDamaged: false },
      ),
  })
  return { ...reading, faults: faultsIn(lines, beforeFirstLine(basename(dirname(path)))) }
}

function faultsIn(lines: readonly Place[], beginning: string): readonly string[] {
  const places = new Map<string, number>()
  lines.forEach(({ crc }, index) => {
    if (crc !== undefined && !places.has(crc)) places.set(crc, index)
  })
  const faults: string[] = []
  let isLinked = false
  lines.forEach(({ crc, after, isDamaged }, index) => {
    if (isDamaged) return
    const before = index === 0 ? beginning : lines[index - 1]?.crc
    const line = `line ${index + 1}`
    if (after === undefined) {
      if (isLinked)
        faults.push(
          `${line} does not say which one it follows, as all lines before it do: it is another log's or was ` +
            'written by an older program',
        )
      return
    }
    isLinked = true
    // A damaged line whose checksum is damaged too may well be the one that this one follows.
    if (after === before || (index > 0 && lines[index - 1]?.isDamaged === true)) return
    const first = places.get(crc ?? '')
    const place = places.get(after)
    if (first !== undefined && first < index) faults.push(`${line} is line ${first + 1} once more`)
    else if (index === 0)
      faults.push(
        `${line} is not the first one of this run's log: what was before it is lost, or the log is another run's`,
      )
    else if (place !== undefined)
      faults.push(`${line} follows line ${place + 1}: lines are in another order, or some were put in between`)
    else faults.push(`${line} follows a line that is not there: lines before it are lost or another log's`)
  })
  return faults
}
