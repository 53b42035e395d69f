import { Menu } from '@mantine/core'
import { EllipsisVertical } from 'lucide-react'
import type { ReactElement } from 'react'
import { useState } from 'react'
import type { Run, RunId } from '../../core/run'
import { select } from '../commands'
import { compactCounted } from '../format'
import { runName } from '../names'
import type { RunAction } from '../runActions'
import { runActions } from '../runActions'
import { useStore } from '../store'
import { useSelectedRuns } from './selection'

const dots = <EllipsisVertical size={14} />

/**
 * What can be done with a run from its row, or with all that are selected where it is one of them. A menu is only made
 * when it is asked for: there is one per row.
 */
export function RowMenu({ run }: { readonly run: Run }) {
  // A row may be given another run: the menu that is open is that of the run it was asked for.
  const [openedFor, setOpenedFor] = useState<RunId | null>(null)
  const opened = openedFor === run.id
  const open = (): void => {
    // As in every list: a menu is that of the selection, and a row that is not in it becomes the selection.
    if (!useStore.getState().selected.includes(run.id)) select([run.id])
    setOpenedFor(run.id)
  }
  const button = (
    <button
      type="button"
      tabIndex={-1}
      className="plain more"
      aria-label={`What can be done with ${runName(run).slice(0, 80)}`}
      aria-haspopup="menu"
      aria-expanded={opened}
      data-row-menu
      onClick={(event) => {
        event.stopPropagation()
        if (opened) setOpenedFor(null)
        else open()
      }}
      onDoubleClick={(event) => event.stopPropagation()}
    >
      {dots}
    </button>
  )
  return opened ? <OpenMenu button={button} close={() => setOpenedFor(null)} /> : button
}

const offered: readonly (readonly RunAction[])[] = [
  [runActions.open, runActions.rename, runActions.star],
  [runActions.pause, runActions.resume, runActions.stop],
  [runActions.compare, runActions.again, runActions.fork],
  [runActions.trash],
]
const offeredInTrash: readonly (readonly RunAction[])[] = [[runActions.restore], [runActions.purge]]

function OpenMenu({ button, close }: { readonly button: ReactElement; readonly close: () => void }) {
  const runs = useSelectedRuns()
  const inTrash = useStore((state) => state.look.filter.trash)
  // What can never be done with these runs is not there; what others could be done with says why not.
  const groups = (inTrash ? offeredInTrash : offered)
    .map((group) => group.filter((action) => action === runActions.trash || action.blocked(runs) === ''))
    .filter((group) => group.length > 0)
  return (
    <Menu
      opened
      position="bottom-end"
      returnFocus={false}
      onChange={(opened) => {
        if (!opened) close()
      }}
      onClose={() => document.querySelector<HTMLElement>('.runs')?.focus({ preventScroll: true })}
    >
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown
        onClick={(event) => event.stopPropagation()}
        onDoubleClick={(event) => event.stopPropagation()}
        onKeyDown={(event) => event.stopPropagation()}
      >
        {runs.length > 1 && <Menu.Label>{compactCounted(runs.length, 'selected run')}</Menu.Label>}
        {groups.map((group, index) => [
          index > 0 && <Menu.Divider key={`line ${index}`} />,
          ...group.map((action) => {
            const reason = action.blocked(runs)
            return (
              <Menu.Item
                key={action.label(runs)}
                disabled={reason !== ''}
                title={reason === '' ? undefined : reason}
                c={action === runActions.purge ? 'var(--bad)' : undefined}
                onClick={() => action.act(runs)}
              >
                {action.label(runs)}
                {reason === '' ? '' : ` (${reason.charAt(0).toLowerCase()}${reason.slice(1)})`}
              </Menu.Item>
            )
          }),
        ])}
      </Menu.Dropdown>
    </Menu>
  )
}
