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

// Names of runs and files are shown to a terminal, which obeys control characters.
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** A text as it may be shown: whatever could move a cursor or turn text around becomes a visible mark. */
export const plain = (text: string): string => text.replace(controls, '\ufffd')

/** The text on one line, cut in its middle where it is longer than `width`. */
export function short(text: string, width: number): string {
  const line = [...plain(text).replace(/\s+/g, ' ')]
  if (line.length <= width) return line.join('')
  const kept = width - 1
  return [...line.slice(0, Math.ceil(kept / 2)), '…', ...line.slice(line.length - Math.floor(kept / 2))].join('')
}

type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>

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
    print: (line) => write(`${line}\n`),
    printJson: (value) => write(`${JSON.stringify(value)}\n`),
    say: (line) => {
      clear()
      stderr.write(`${line}\n`)
    },
    status: (line) => {
      if (!stderr.isTTY) return
      clear()
      if (line === '') return
      // The end of the line matters least; a line that wraps could not be replaced.
      stderr.write([...plain(line)].slice(0, Math.max(20, (stderr.columns || 80) - 1)).join(''))
      isDirty = true
    },
  }
}
