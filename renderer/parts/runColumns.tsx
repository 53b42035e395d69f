import { columnVisibilityFeature, createColumnHelper, createSortedRowModel, rowSortingFeature, tableFeatures } from '@tanstack/react-table'
import { Star } from 'lucide-react'
import type { Run } from '../../core/run'
import { annotate } from '../commands'
import { count, percent, perEpoch, quantity } from '../format'
import { dataName, networkName, runName } from '../names'
import { bestValidation, secondsPerEpoch, testAccuracy } from '../runFacts'
import { Ago } from './Ago'
import { Name } from './Name'
import { Status } from './Status'

export const runFeatures = tableFeatures({ rowSortingFeature, columnVisibilityFeature, sortedRowModel: createSortedRowModel() })

const helper = createColumnHelper<typeof runFeatures, Run>()

/** Width, alignment and the name in the column menu, which is also what hiding is remembered by. */
export interface ColumnLook { readonly width: number; readonly right: boolean; readonly hint: string }

export const columnLooks: Readonly<Record<string, ColumnLook>> = {
  starred: { width: 24, right: false, hint: 'Star' },
  status: { width: 138, right: false, hint: 'Status' },
  name: { width: 150, right: false, hint: 'Name' },
  data: { width: 80, right: false, hint: 'Data set' },
  network: { width: 86, right: false, hint: 'Network' },
  batch: { width: 54, right: true, hint: 'Batch size, images' },
  rate: { width: 56, right: true, hint: 'Base learning rate, before scaling' },
  validation: { width: 74, right: true, hint: 'Best validation accuracy of any epoch' },
  test: { width: 70, right: true, hint: 'Test accuracy of the checkpoint that validation chose' },
  speed: { width: 72, right: true, hint: 'Seconds per epoch, mean' },
  started: { width: 88, right: false, hint: 'When it was started' },
  tags: { width: 150, right: false, hint: 'Tags' },
}

const orLast = <T,>(value: T | null): T | undefined => value ?? undefined
const byNumber = (a: { getValue: (id: string) => unknown }, b: { getValue: (id: string) => unknown }, id: string): number => Number(a.getValue(id)) - Number(b.getValue(id))
const numeric = { sortFn: byNumber, sortUndefined: 'last' as const, sortDescFirst: true }
const collator = new Intl.Collator('en', { numeric: true })
const byText = (a: { getValue: (id: string) => unknown }, b: { getValue: (id: string) => unknown }, id: string): number => collator.compare(String(a.getValue(id)), String(b.getValue(id)))
const textual = { sortFn: byText }

function StarMark({ run }: { readonly run: Run }) {
  return (
    <button type="button" tabIndex={-1} className="plain star" aria-pressed={run.starred} aria-label={run.starred ? 'Remove the star' : 'Star'} onClick={(event) => { event.stopPropagation(); annotate(run.id, { starred: !run.starred }) }}>
      <Star size={13} fill={run.starred ? 'currentColor' : 'none'} />
    </button>
  )
}

/** What a row says of a run. */
export const runColumns = helper.columns([
  helper.accessor((run) => Number(run.starred), { id: 'starred', header: '', ...numeric, cell: ({ row }) => <StarMark run={row.original} /> }),
  helper.accessor('status', { id: 'status', header: 'Status', ...textual, cell: ({ row }) => <Status run={row.original} /> }),
  helper.accessor((run) => runName(run), { id: 'name', header: 'Name', ...textual, cell: ({ row }) => <Name text={runName(row.original)} /> }),
  helper.accessor((run) => dataName(run.config.data.source), { id: 'data', header: 'Data', ...textual, cell: ({ getValue }) => <Name text={String(getValue())} length={16} /> }),
  helper.accessor((run) => networkName(run.config.network), { id: 'network', header: 'Network', ...textual, cell: ({ getValue }) => <Name text={String(getValue())} length={18} /> }),
  helper.accessor((run) => run.config.batchSize, { id: 'batch', header: 'Batch', ...numeric, cell: ({ row }) => count(row.original.config.batchSize) }),
  helper.accessor((run) => run.config.learningRate.base, { id: 'rate', header: 'Rate η', ...numeric, cell: ({ row }) => quantity(row.original.config.learningRate.base) }),
  helper.accessor((run) => orLast(bestValidation(run)?.validation?.accuracy ?? null), {
    id: 'validation', header: 'Best val.', ...numeric,
    cell: ({ row }) => {
      const best = bestValidation(row.original)
      return <span title={best === null ? undefined : `Epoch ${best.epoch}, ${count(best.validation?.images)} validation images`}>{percent(best?.validation?.accuracy)}</span>
    },
  }),
  helper.accessor((run) => orLast(testAccuracy(run)), { id: 'test', header: 'Test', ...numeric, cell: ({ row }) => percent(testAccuracy(row.original)) }),
  helper.accessor((run) => orLast(secondsPerEpoch(run)), { id: 'speed', header: 's/epoch', ...numeric, cell: ({ row }) => perEpoch(secondsPerEpoch(row.original)) }),
  helper.accessor((run) => run.startedAt ?? run.createdAt, { id: 'started', header: 'Started', ...textual, sortDescFirst: true, cell: ({ row }) => <Ago at={row.original.startedAt ?? row.original.createdAt} /> }),
  helper.accessor((run) => run.tags.join(' '), { id: 'tags', header: 'Tags', ...textual, cell: ({ row }) => row.original.tags.map((tag) => <span key={tag} className="tag" title={tag}>{tag.slice(0, 60)}</span>) }),
])
