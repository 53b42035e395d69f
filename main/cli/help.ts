import type { Command, Option } from './command'
import type { Entry } from './commands'

/** Two columns; the first is as wide as its widest entry. */
const columns = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n')
}

/** What `batchlab --help` prints. */
export const overview = (
  entries: readonly Entry[],
): string => `Batchlab: what batch size and learning rate do to accuracy, speed and flatness.

Usage: batchlab COMMAND [options]

${columns(entries.map(({ name, usage, summary }) => [`${name} ${usage}`.trim(), summary]))}

  batchlab COMMAND --help says more about a command; batchlab --version prints the version.

CONFIG is a JSON file, or - for standard input; without one the defaults are used.
RUN is a run's id, the beginning of one, or a name that only one run has.
CHECKPOINT is RUN/NAME, such as 0mtb2h/last, or a .safetensors file.
Exit codes: 0 done, 1 it failed, 2 bad input (nothing was changed),
130 interrupted (a checkpoint was written, a part kept).`

const optionRow = ([name, { type, value, help }]: [string, Option]): readonly [string, string] => [
  `--${name}${type === 'string' ? ` ${value ?? 'VALUE'}` : ''}`,
  help,
]

/** What `batchlab COMMAND --help` prints. */
export function commandHelp({ name, usage, summary }: Entry, { options, notes }: Command): string {
  const rows = Object.entries(options).map(optionRow)
  return [
    `Usage: batchlab ${`${name} ${usage}`.trim()}${rows.length > 0 ? ' [options]' : ''}`,
    '',
    summary,
    '',
    ...(rows.length > 0 ? [columns(rows), ''] : []),
    ...notes,
  ]
    .join('\n')
    .trimEnd()
}
