import { Button } from '@mantine/core'
import { useDeferredValue, useMemo } from 'react'
import type { Run } from '../../core/run'
import { editNew, filterRuns } from '../commands'
import { filtered, filterProblem, isFiltering, showAll } from './filter'
import { useOrder } from './useOrder'
import { Empty } from '../components/Empty'
import { GuardedPart } from '../components/Guard'
import { PurgeDialog } from './PurgeDialog'
import { RunFilterBar } from './RunFilterBar'
import { RunTable } from './RunTable'
import { SelectionPanel } from './SelectionPanel'
import { SplitPane } from '../components/SplitPane'
import { useSelectedRuns } from './selection'
import { runActions } from '../runActions'
import { useStore } from '../store'

/** The cockpit: the history on the left, the curves of the selected runs on the right. */
export function Runs() {
  const runs = useStore((state) => state.runs)
  const selected = useStore((state) => state.selected)
  const { filter, sorting } = useStore((state) => state.look)
  const all = useMemo(() => Object.values(runs), [runs])
  // A letter is in its box at once; the rows follow when there is time for them.
  const settled = useDeferredValue(filter)
  const shown = useMemo(() => filtered(all, settled), [all, settled])
  const { rows, isStale, renew } = useOrder(shown, sorting, settled)
  const inPlace = useMemo(() => all.filter((run) => (run.removedAt !== null) === filter.trash), [all, filter.trash])
  const tags = useMemo(() => [...new Set(inPlace.flatMap((run) => run.tags))].sort(), [inPlace])
  if (all.length === 0) {
    return (
      <Empty title="No runs yet" action={{ label: 'Configure the first run', act: editNew }}>
        The default config trains a small network on the built-in handwritten digits in seconds: open it, press Start,
        and watch.
      </Empty>
    )
  }
  return (
    <>
      <SplitPane
        id="runs"
        initial={63}
        minimum={[360, 320]}
        left={
          <>
            <RunFilterBar
              filter={filter}
              tags={tags}
              rows={rows}
              total={inPlace.length}
              isStale={isStale}
              renew={renew}
            />
            {filter.trash && inPlace.length > 0 && <TrashBar runs={inPlace} />}
            {rows.length > 0 ? (
              <RunTable
                runs={rows}
                sorting={sorting}
                look={`${sorting.column} ${String(sorting.descending)} ${JSON.stringify(settled)}`}
              />
            ) : isFiltering(filter) ? (
              <Empty
                title="No run fits the filter"
                action={{ label: 'Show all runs', act: () => filterRuns({ ...showAll, trash: filter.trash }) }}
              >
                {filterProblem(filter) || 'Words are looked for in names, data, networks, tags and notes.'}
              </Empty>
            ) : (
              <Empty
                title={filter.trash ? 'The trash is empty' : 'All runs are in the trash'}
                action={{
                  label: filter.trash ? 'Back to the runs' : 'Open the trash',
                  act: () => filterRuns({ ...filter, trash: !filter.trash }),
                }}
              >
                Runs that are put into the trash keep their checkpoints until they are deleted for good.
              </Empty>
            )}
          </>
        }
        right={
          <GuardedPart name="The selected runs" resetKey={selected}>
            <SelectionPanel />
          </GuardedPart>
        }
      />
      <PurgeDialog />
    </>
  )
}

/** What can be done with the selected runs of the trash, or with all of them while none is selected. */
function TrashBar({ runs }: { readonly runs: readonly Run[] }) {
  const selected = useSelectedRuns()
  const meant = selected.length > 0 ? selected : runs
  const what = selected.length > 0 ? `${selected.length} selected` : runs.length === 1 ? 'it' : `all ${runs.length}`
  return (
    <div className="banner" data-level="information">
      <p>Trash: checkpoints are still here, and can be restored.</p>
      <Button variant="default" onClick={() => runActions.restore.act(meant)}>
        Restore {what}
      </Button>
      <Button variant="default" onClick={() => runActions.purge.act(meant)}>
        Delete {what}…
      </Button>
    </div>
  )
}
