import { columnVisibilityFeature, createColumnHelper, createSortedRowModel, rowSortingFeature, tableFeatures } from '@tanstack/react-table'
import { scaledRateOfRun } from '../../core/plan/rate'
import type { Run } from '../../core/run'
import { dataName, networkName, runName } from '../names'
import { bestValidation, secondsPerEpoch, testAccuracy } from '../runFacts'

export const runFeatures = tableFeatures({ rowSortingFeature, columnVisibilityFeature, sortedRowModel: createSortedRowModel() })

const helper = createColumnHelper<typeof runFeatures, Run>()

/** Width, alignment and the name in the column menu, which is also what hiding is remembered by. */
export interface ColumnLook { readonly width: number; readonly right: boolean; readonly hint: string }

export const columnLooks: Readonly<Record<string, ColumnLook>> = {
  starred: { width: 24, right: false, hint: 'Star' },
  status: { width: 130, right: false, hint: 'Status' },
  name: { width: 152, right: false, hint: 'Name' },
  data: { width: 78, right: false, hint: 'Data set' },
  network: { width: 86, right: false, hint: 'Network' },
  batch: { width: 54, right: true, hint: 'Batch size, images' },
  rate: { width: 56, right: true, hint: 'Learning rate as trained: the base rate after the scaling rule' },
  validation: { width: 74, right: true, hint: 'Best validation accuracy of any epoch' },
  test: { width: 70, right: true, hint: 'Test accuracy of the checkpoint that validation chose' },
  speed: { width: 72, right: true, hint: 'Seconds per epoch, mean' },
  started: { width: 88, right: false, hint: 'When it was started' },
  tags: { width: 150, right: false, hint: 'Tags' },
}

const orLast = <T>(value: T | null): T | undefined => value ?? undefined
const byNumber = (a: { getValue: (id: string) => unknown }, b: { getValue: (id: string) => unknown }, id: string): number => Number(a.getValue(id)) - Number(b.getValue(id))
const numeric = { sortFn: byNumber, sortUndefined: 'last' as const, sortDescFirst: true }
const collator = new Intl.Collator('en', { numeric: true })
const byText = (a: { getValue: (id: string) => unknown }, b: { getValue: (id: string) => unknown }, id: string): number => collator.compare(String(a.getValue(id)), String(b.getValue(id)))
const textual = { sortFn: byText }

/** What a row can be sorted by. */
export const runColumns = helper.columns([
  helper.accessor((run) => Number(run.starred), { id: 'starred', header: '', ...numeric }),
  helper.accessor('status', { id: 'status', header: 'Status', ...textual }),
  helper.accessor((run) => runName(run), { id: 'name', header: 'Name', ...textual }),
  helper.accessor((run) => dataName(run.config.data.source), { id: 'data', header: 'Data', ...textual }),
  helper.accessor((run) => networkName(run.config.network), { id: 'network', header: 'Network', ...textual }),
  helper.accessor((run) => run.config.batchSize, { id: 'batch', header: 'Batch', ...numeric }),
  helper.accessor((run) => orLast(scaledRateOfRun(run)), { id: 'rate', header: 'Rate η', ...numeric }),
  helper.accessor((run) => orLast(bestValidation(run)?.validation?.accuracy ?? null), { id: 'validation', header: 'Best val.', ...numeric }),
  helper.accessor((run) => orLast(testAccuracy(run)), { id: 'test', header: 'Test', ...numeric }),
  helper.accessor((run) => orLast(secondsPerEpoch(run)), { id: 'speed', header: 's/epoch', ...numeric }),
  helper.accessor((run) => run.startedAt ?? run.createdAt, { id: 'started', header: 'Started', ...textual, sortDescFirst: true }),
  helper.accessor((run) => run.tags.join(' '), { id: 'tags', header: 'Tags', ...textual }),
])
