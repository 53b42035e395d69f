import { ActionIcon, Button, Checkbox, Menu, TextInput, Tooltip } from '@mantine/core'
import { ArrowDownUp, Columns3, ListFilter, Plus, Search, Star, Trash2, X } from 'lucide-react'
import type { Run } from '../../core/run'
import { RunStatus } from '../../core/run'
import { formatCount } from '../../core/numbers'
import { changeSettings, editNew, filterRuns } from '../commands'
import { runColumns } from './columns'
import type { RunFilter } from './filter'
import { isFiltering, showAll } from './filter'
import { useSelectedRuns } from './selection'
import { useStore } from '../store'
import { statusLabel } from '../components/Status'

interface Props {
  readonly filter: RunFilter
  readonly tags: readonly string[]
  readonly rows: readonly Run[]
  /** Runs that are here, the trash or the history, with and without the filter. */
  readonly total: number
  /** Whether sorting the rows now would change their order. */
  readonly isStale: boolean
  readonly renew: () => void
}

const toggled = <T,>(list: readonly T[], item: T): readonly T[] =>
  list.includes(item) ? list.filter((one) => one !== item) : [...list, item]

/** Which runs and which columns are shown. */
export function RunFilterBar({ filter, tags, rows, total, isStale, renew }: Props) {
  const hidden = useStore((state) => state.settings.hiddenColumns)
  const chosen = filter.statuses.length + filter.tags.length
  // A tag that no run has any more can still be taken out of the filter.
  const offered = [...new Set([...filter.tags, ...tags])].slice(0, 100)
  return (
    <div className="bar-row">
      <TextInput
        aria-label="Filter runs"
        placeholder="Filter: words, batch>=512, rate<0.1"
        style={{ flex: '1 1 110px', maxWidth: 210 }}
        maxLength={1000}
        leftSection={<Search size={13} />}
        value={filter.text}
        rightSection={
          filter.text === '' ? null : (
            <ActionIcon size={20} aria-label="Empty the filter" onClick={() => filterRuns({ ...filter, text: '' })}>
              <X size={12} />
            </ActionIcon>
          )
        }
        onChange={(event) => filterRuns({ ...filter, text: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Escape') filterRuns({ ...filter, text: '' })
        }}
      />
      <Menu closeOnItemClick={false} position="bottom-start">
        <Menu.Target>
          <Button
            variant={chosen > 0 ? 'light' : 'subtle'}
            color={chosen > 0 ? undefined : 'gray'}
            leftSection={<ListFilter size={13} />}
          >
            {chosen > 0 ? `${chosen} chosen` : 'Status, tags'}
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah={420} style={{ overflowY: 'auto' }}>
          {chosen > 0 && (
            <Menu.Item onClick={() => filterRuns({ ...filter, statuses: [], tags: [] })}>Show all</Menu.Item>
          )}
          <Menu.Label>Status</Menu.Label>
          {RunStatus.options
            .filter((status) => !['starting', 'pausing', 'stopping'].includes(status))
            .map((status) => (
              <Menu.Item
                key={status}
                leftSection={<Checkbox readOnly tabIndex={-1} checked={filter.statuses.includes(status)} />}
                onClick={() => filterRuns({ ...filter, statuses: toggled(filter.statuses, status) })}
              >
                {statusLabel(status)}
              </Menu.Item>
            ))}
          {offered.length > 0 && <Menu.Label>Tags</Menu.Label>}
          {offered.map((tag) => (
            <Menu.Item
              key={tag}
              leftSection={<Checkbox readOnly tabIndex={-1} checked={filter.tags.includes(tag)} />}
              onClick={() => filterRuns({ ...filter, tags: toggled(filter.tags, tag) })}
            >
              {tag.slice(0, 60)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Tooltip label="Only runs with a star">
        <ActionIcon
          aria-label="Only runs with a star"
          aria-pressed={filter.starred}
          variant={filter.starred ? 'light' : 'subtle'}
          onClick={() => filterRuns({ ...filter, starred: !filter.starred })}
        >
          <Star size={14} />
        </ActionIcon>
      </Tooltip>
      <span className="spring" />
      <Tooltip label="Rows stay where they are while values change. Sort them again">
        <ActionIcon
          aria-label="Sort again"
          variant="light"
          style={{ visibility: isStale ? 'visible' : 'hidden' }}
          onClick={renew}
        >
          <ArrowDownUp size={14} />
        </ActionIcon>
      </Tooltip>
      <Counts rows={rows} total={total} filter={filter} />
      <Menu closeOnItemClick={false} position="bottom-end">
        <Menu.Target>
          <Tooltip label="Columns">
            <ActionIcon aria-label="Columns">
              <Columns3 size={14} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Shown where there is room</Menu.Label>
          {runColumns
            .filter(({ id }) => id !== 'name')
            .map(({ id, hint }) => (
              <Menu.Item
                key={id}
                leftSection={<Checkbox readOnly tabIndex={-1} checked={!hidden.includes(id)} />}
                onClick={() => void changeSettings({ hiddenColumns: [...toggled(hidden, id)] })}
              >
                {hint}
              </Menu.Item>
            ))}
        </Menu.Dropdown>
      </Menu>
      <Tooltip label={filter.trash ? 'Back to the runs' : 'Trash'}>
        <ActionIcon
          aria-label="Trash"
          aria-pressed={filter.trash}
          variant={filter.trash ? 'light' : 'subtle'}
          onClick={() => filterRuns({ ...filter, trash: !filter.trash })}
        >
          <Trash2 size={14} />
        </ActionIcon>
      </Tooltip>
      <Button leftSection={<Plus size={13} />} onClick={editNew}>
        New run
      </Button>
    </div>
  )
}

/**
 * How many runs are shown of how many, and how many are selected: a filter that was left on says so, and so does a
 * selected run that it hides.
 */
function Counts({
  rows,
  total,
  filter,
}: {
  readonly rows: readonly Run[]
  readonly total: number
  readonly filter: RunFilter
}) {
  const selected = useSelectedRuns()
  const here = new Set(rows.map(({ id }) => id))
  const outOfSight = selected.filter(({ id }) => !here.has(id)).length
  const hidden = outOfSight > 0 ? `, ${formatCount(outOfSight)} of them filtered out` : ''
  return (
    <span className="quiet tiny number" role="status" aria-label="Runs shown">
      {(selected.length > 1 || outOfSight > 0) && `${formatCount(selected.length)} selected${hidden} · `}
      {rows.length === total ? formatCount(total) : `${formatCount(rows.length)} of ${formatCount(total)}`}
      {isFiltering(filter) && (
        <button type="button" className="link" onClick={() => filterRuns({ ...showAll, trash: filter.trash })}>
          Show all
        </button>
      )}
    </span>
  )
}
