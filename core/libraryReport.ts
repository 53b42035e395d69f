import { formatCounted } from './numbers'
import { plainLine } from './plain'
import type { RunId } from './run'

/** Something about one file of a library; the message goes on from the file's name. */
export interface Finding {
  readonly file: string
  readonly message: string
  /** The run that the file belongs to. */
  readonly run?: RunId
}

/** What a look at every file of a library found. */
export interface LibraryReport {
  readonly library: string
  readonly runs: number
  readonly lines: number
  readonly checkpoints: number
  /** What is lost or wrong. */
  readonly problems: readonly Finding[]
  /** What is odd and costs nothing. */
  readonly notes: readonly Finding[]
}

/** A report with as many findings as a person reads, and how many more there are. */
export interface ShortReport extends LibraryReport {
  readonly more: { readonly problems: number; readonly notes: number }
}

/** How many problems there are: "no problem", "2 problems". */
export const problemCount = (problems: number): string =>
  problems === 0 ? 'no problem' : formatCounted(problems, 'problem')

/** What was read: "2 runs, 1,200 lines of logs and 5 checkpoints". */
export const readCount = ({
  runs,
  lines,
  checkpoints,
}: Pick<LibraryReport, 'runs' | 'lines' | 'checkpoints'>): string =>
  `${formatCounted(runs, 'run')}, ${formatCounted(lines, 'line')} of logs and ` +
  formatCounted(checkpoints, 'checkpoint')

const mostFindings = 200
const longestMessage = 1000

const short = (findings: readonly Finding[]): readonly Finding[] =>
  findings.slice(0, mostFindings).map((finding) => ({ ...finding, message: finding.message.slice(0, longestMessage) }))

export const shortReport = (report: LibraryReport): ShortReport => ({
  ...report,
  problems: short(report.problems),
  notes: short(report.notes),
  more: {
    problems: Math.max(0, report.problems.length - mostFindings),
    notes: Math.max(0, report.notes.length - mostFindings),
  },
})

/** A report as text, a finding a line, whatever the files are called; its last line counts. */
export function reportLines({
  problems,
  notes,
  library,
  more,
  ...counts
}: LibraryReport & Partial<ShortReport>): readonly string[] {
  const left = (number = 0, what: string): readonly string[] =>
    number > 0 ? [`and ${formatCounted(number, what)} more`] : []
  return [
    ...problems.map(({ file, message }) => plainLine(`${file}: ${message}`)),
    ...left(more?.problems, 'problem'),
    ...notes.map(({ file, message }) => plainLine(`${file}: ${message} (no harm)`)),
    ...left(more?.notes, 'note'),
    plainLine(`${readCount(counts)} in ${library}: ${problemCount(problems.length + (more?.problems ?? 0))}`),
  ]
}
