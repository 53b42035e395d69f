import { bestEpoch } from '../../core/best'
import { scaledRateOfRun } from '../../core/plan/rate'
import type { Run } from '../../core/run'
import { secondsPerEpoch, testAccuracy } from '../../core/runStatistics'
import { dataName, networkName, runName } from '../names'

/** A column of the history. */
export interface RunColumn {
  /** What sorting and hiding are remembered by. */
  readonly id: string
  readonly title: string
  /** What the header says on hovering, and its name in the menu of columns. */
  readonly hint: string
  readonly right: boolean
  /** The widest texts that it has to have room for. */
  readonly widest: readonly string[]
  /** The same where words have given way and only their sign and numbers are left. */
  readonly widestShort?: readonly string[]
  /** Pixels that its cells need beside the text. */
  readonly beside: number
  /** What rows are sorted by; rows without it come last. */
  readonly value: (run: Run) => string | number | undefined
  readonly descendingFirst: boolean
}

const left = { right: false, beside: 0, descendingFirst: false }
const number = { right: true, beside: 0, descendingFirst: true }

export const runColumns: readonly RunColumn[] = [
  {
    ...number,
    id: 'starred',
    title: '',
    hint: 'Star',
    right: false,
    widest: [],
    beside: 12,
    value: (run) => Number(run.starred),
  },
  {
    ...left,
    id: 'status',
    title: 'Status',
    hint: 'Status',
    widest: ['Stopped early', 'Training 100 %'],
    widestShort: ['100 %'],
    beside: 18,
    value: (run) => run.status,
  },
  { ...left, id: 'name', title: 'Name', hint: 'Name', widest: [], value: runName },
  {
    ...left,
    id: 'data',
    title: 'Data',
    hint: 'Data set',
    widest: ['CIFAR-100'],
    value: (run) => dataName(run.config.data.source),
  },
  {
    ...left,
    id: 'network',
    title: 'Network',
    hint: 'Network',
    widest: ['WRN-28-10', 'MLP 512-256'],
    value: (run) => networkName(run.config.network),
  },
  {
    ...number,
    id: 'batch',
    title: 'Batch',
    hint: 'Batch size, images',
    widest: ['65,536'],
    value: (run) => run.config.batchSize,
  },
  {
    ...number,
    id: 'rate',
    title: 'Rate η',
    hint: 'Learning rate as trained: the base rate after the scaling rule',
    widest: ['0.0001234', '1.234e-5'],
    value: (run) => scaledRateOfRun(run) ?? undefined,
  },
  {
    ...number,
    id: 'validation',
    title: 'Best val.',
    hint: 'Best validation accuracy of any epoch',
    widest: ['100.00 %'],
    value: (run) => bestEpoch(run)?.validation?.accuracy,
  },
  {
    ...number,
    id: 'test',
    title: 'Test',
    hint: 'Test accuracy of the checkpoint that validation chose',
    widest: ['100.00 %'],
    value: (run) => testAccuracy(run) ?? undefined,
  },
  {
    ...number,
    id: 'speed',
    title: 's/epoch',
    hint: 'Training time per epoch, mean',
    widest: ['59 min 59 s', '23 h 59 min'],
    value: (run) => secondsPerEpoch(run) ?? undefined,
  },
  {
    ...left,
    id: 'started',
    title: 'Started',
    hint: 'When it was started',
    widest: ['2026-11-29', '59 min ago', '13 days ago'],
    descendingFirst: true,
    value: (run) => Date.parse(run.startedAt ?? run.createdAt),
  },
  {
    ...left,
    id: 'tags',
    title: 'Tags',
    hint: 'Tags',
    widest: [],
    beside: 138,
    value: (run) => run.tags.join(' ') || undefined,
  },
]

export const columnOf = (id: string): RunColumn | undefined => runColumns.find((column) => column.id === id)

// Which column gives way first where there is little room: the last of these.
const byImportance = [
  'name',
  'test',
  'status',
  'validation',
  'batch',
  'rate',
  'starred',
  'network',
  'data',
  'started',
  'speed',
  'tags',
]

/** The least room that a name gets. */
export const leastName = 120
/** Room for what is no column: the dot before the row, and the menu behind it. */
export const aroundColumns = 26 + 26

export interface Widths {
  readonly whole: Readonly<Record<string, number>>
  readonly short: Readonly<Record<string, number>>
}

/** The columns that are shown, in their order, and whether words in them have given way to their signs. */
export interface Fitting {
  readonly columns: readonly string[]
  readonly isShort: boolean
}

// What a run was trained with and what came of it is worth more than the word beside a sign.
const beforeWords = new Set(['test', 'validation', 'batch', 'rate'])

/**
 * What there is room for: the less important columns give way, and before a setting or a result does, words do. The
 * name never does.
 */
export function fittingColumns(room: number, { whole, short }: Widths, hidden: readonly string[]): Fitting {
  const columns = taken(room, whole, hidden)
  const isEnough = [...beforeWords].every((id) => hidden.includes(id) || columns.includes(id))
  return isEnough ? { columns, isShort: false } : { columns: taken(room, short, hidden), isShort: true }
}

function taken(room: number, widths: Readonly<Record<string, number>>, hidden: readonly string[]): readonly string[] {
  let rest = room - aroundColumns - leastName
  const shown = new Set(
    byImportance.filter((id) => {
      if (id === 'name') return true
      const width = widths[id] ?? 0
      if (hidden.includes(id) || width > rest) return false
      rest -= width
      return true
    }),
  )
  return runColumns.flatMap(({ id }) => (shown.has(id) ? [id] : []))
}
