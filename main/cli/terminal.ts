import { plain, plainJson, plainLine } from '../../core/plain'

/** Where a command speaks: results on stdout and nothing else there, everything for people on stderr. */
export interface Terminal {
  /** One line of the result. */
  readonly print: (line: string) => void
  /** One JSON value on a line of its own. */
  readonly printJson: (value: unknown) => void
  /** Bytes of the result, as they are. */
  readonly write: (bytes: string | Uint8Array) => void
  /** One line for people, which is not part of the result. */
  readonly say: (line: string) => void
  /** Replaces the line that people are looking at; on anything but a terminal it says nothing. */
  readonly status: (line: string) => void
  readonly isInteractive: boolean
}

/** The text on one line, cut in its middle where it is longer than `width`. */
export function cutToWidth(text: string, width: number): string {
  const line = [...plainLine(text)]
  if (line.length <= width) return line.join('')
  const kept = width - 1
  return [...line.slice(0, Math.ceil(kept / 2)), '…', ...line.slice(line.length - Math.floor(kept / 2))].join('')
}

type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>

/**
 * Names of runs, files and computers are shown to a terminal, which obeys control characters: no line of text reaches
 * it as it is.
 */
export function createTerminal(stdout: Pick<NodeJS.WriteStream, 'write'>, stderr: Output): Terminal {
  let isDirty = false
  const clear = (): void => {
    if (isDirty) stderr.write('\r\u001b[K')
    isDirty = false
  }
  const write = (bytes: string | Uint8Array): void => {
    clear()
    stdout.write(bytes)
  }
  return {
    isInteractive: stderr.isTTY,
    write,
    print: (line) => write(`${plain(line)}\n`),
    printJson: (value) => write(`${plainJson(value)}\n`),
    say: (line) => {
      clear()
      stderr.write(`${plain(line)}\n`)
    },
    status: (line) => {
      if (!stderr.isTTY) return
      clear()
      if (line === '') return
      // The end of the line matters least; a line that wraps could not be replaced.
      stderr.write([...plainLine(line)].slice(0, Math.max(20, (stderr.columns || 80) - 1)).join(''))
      isDirty = true
    },
  }
}
