import { ActionIcon, Button, Checkbox, Menu, TextInput, Tooltip } from '@mantine/core'
import { Columns3, ListFilter, Plus, Search, Star, Trash2 } from 'lucide-react'
import { RunStatus } from '../../core/run'
import { changeSettings, editNew, select } from '../commands'
import type { RunFilter } from './filter'
import { useStore } from '../store'
import { columnLooks } from './runColumns'
import { statusLabel } from '../parts/Status'

interface Props {
  readonly filter: RunFilter
  readonly change: (filter: RunFilter) => void
  readonly tags: readonly string[]
  readonly shown: number
  readonly total: number
}

const toggled = <T,>(list: readonly T[], item: T): readonly T[] => (list.includes(item) ? list.filter((one) => one !== item) : [...list, item])

/** Which runs and which columns are shown. */
export function RunFilterBar({ filter, change, tags, shown, total }: Props) {
  const hidden = useStore((state) => state.settings.hiddenColumns)
  const chosen = filter.statuses.length + filter.tags.length
  return (
    <div className="bar-row">
      <TextInput
        aria-label="Filter runs" placeholder="Filter: words, batch>=512, rate<0.1" w={210} leftSection={<Search size={13} />} value={filter.text}
        onChange={(event) => change({ ...filter, text: event.currentTarget.value })}
        onKeyDown={(event) => { if (event.key === 'Escape') change({ ...filter, text: '' }) }}
      />
      <Menu closeOnItemClick={false} position="bottom-start">
        <Menu.Target><Button variant={chosen > 0 ? 'light' : 'subtle'} color={chosen > 0 ? undefined : 'gray'} leftSection={<ListFilter size={13} />}>{chosen > 0 ? `${chosen} chosen` : 'Status, tags'}</Button></Menu.Target>
        <Menu.Dropdown mah={420} style={{ overflowY: 'auto' }}>
          {chosen > 0 && <Menu.Item onClick={() => change({ ...filter, statuses: [], tags: [] })}>Show all</Menu.Item>}
          <Menu.Label>Status</Menu.Label>
          {RunStatus.options.filter((status) => !['starting', 'pausing', 'stopping'].includes(status)).map((status) => (
            <Menu.Item key={status} leftSection={<Checkbox readOnly tabIndex={-1} checked={filter.statuses.includes(status)} />} onClick={() => change({ ...filter, statuses: toggled(filter.statuses, status) })}>{statusLabel(status)}</Menu.Item>
          ))}
          {tags.length > 0 && <Menu.Label>Tags</Menu.Label>}
          {tags.slice(0, 100).map((tag) => (
            <Menu.Item key={tag} leftSection={<Checkbox readOnly tabIndex={-1} checked={filter.tags.includes(tag)} />} onClick={() => change({ ...filter, tags: toggled(filter.tags, tag) })}>{tag.slice(0, 60)}</Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Tooltip label="Only runs with a star"><ActionIcon aria-label="Only runs with a star" aria-pressed={filter.starred} variant={filter.starred ? 'light' : 'subtle'} onClick={() => change({ ...filter, starred: !filter.starred })}><Star size={14} /></ActionIcon></Tooltip>
      <span className="spring" />
      <span className="quiet tiny number">{shown === total ? `${total}` : `${shown} of ${total}`}</span>
      <Menu closeOnItemClick={false} position="bottom-end">
        <Menu.Target><Tooltip label="Columns"><ActionIcon aria-label="Columns"><Columns3 size={14} /></ActionIcon></Tooltip></Menu.Target>
        <Menu.Dropdown>
          {Object.entries(columnLooks).filter(([id]) => id !== 'name').map(([id, { hint }]) => (
            <Menu.Item key={id} leftSection={<Checkbox readOnly tabIndex={-1} checked={!hidden.includes(id)} />} onClick={() => void changeSettings({ hiddenColumns: [...toggled(hidden, id)] })}>{hint}</Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Tooltip label={filter.trash ? 'Back to the runs' : 'Trash'}><ActionIcon aria-label="Trash" aria-pressed={filter.trash} variant={filter.trash ? 'light' : 'subtle'} onClick={() => { select([]); change({ ...filter, trash: !filter.trash }) }}><Trash2 size={14} /></ActionIcon></Tooltip>
      <Button leftSection={<Plus size={13} />} onClick={editNew}>New run</Button>
    </div>
  )
}
