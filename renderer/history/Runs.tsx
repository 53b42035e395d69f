import { Button } from '@mantine/core'
import { useDeferredValue, useMemo, useState } from 'react'
import type { Run } from '../../core/run'
import { editNew, purgeRuns, restoreRuns } from '../commands'
import { filtered, filterProblem, isFiltering, showAll } from './filter'
import { Empty } from '../parts/Empty'
import { GuardedPart } from '../parts/Guard'
import { RunFilterBar } from './RunFilterBar'
import { RunTable } from './RunTable'
import { SelectionPanel } from './SelectionPanel'
import { Split } from '../parts/Split'
import { useStore } from '../store'

/** The cockpit: the history on the left, the curves of the selected runs on the right. */
export function Runs() {
  const runs = useStore((state) => state.runs)
  const selected = useStore((state) => state.selected)
  const [filter, setFilter] = useState(showAll)
  const all = useMemo(() => Object.values(runs), [runs])
  // A letter is in its box at once; the rows follow when there is time for them.
  const settled = useDeferredValue(filter)
  const shown = useMemo(() => filtered(all, settled), [all, settled])
  const inPlace = useMemo(() => all.filter((run) => (run.removedAt !== null) === filter.trash), [all, filter.trash])
  const tags = useMemo(() => [...new Set(inPlace.flatMap((run) => run.tags))].sort(), [inPlace])
  if (all.length === 0) {
    return (
      <Empty title="No runs yet" action={{ label: 'Configure the first run', act: editNew }}>
        The default config trains a small network on the built-in handwritten digits in seconds: open it, press Start, and watch.
      </Empty>
    )
  }
  return (
    <Split
      id="runs" initial={63} minimum={[360, 320]}
      left={
        <>
          <RunFilterBar filter={filter} change={setFilter} tags={tags} shown={shown.length} total={inPlace.length} />
          {filter.trash && inPlace.length > 0 && <TrashBar runs={inPlace} />}
          {shown.length > 0
            ? <RunTable runs={shown} />
            : isFiltering(filter)
              ? <Empty title="No run fits the filter" action={{ label: 'Show all runs', act: () => setFilter({ ...showAll, trash: filter.trash }) }}>{filterProblem(filter) || 'Words are looked for in names, data, networks, tags and notes.'}</Empty>
              : <Empty title={filter.trash ? 'The trash is empty' : 'All runs are in the trash'}>Runs that are put into the trash keep their checkpoints until they are deleted for good.</Empty>}
        </>
      }
      right={<GuardedPart name="The selected runs" resetKey={selected}><SelectionPanel /></GuardedPart>}
    />
  )
}

function TrashBar({ runs }: { readonly runs: readonly Run[] }) {
  const [sure, setSure] = useState(false)
  const selected = useStore((state) => state.selected)
  const meant = selected.length > 0 ? selected : runs.map(({ id }) => id)
  const what = selected.length > 0 ? `${selected.length} selected` : runs.length === 1 ? 'it' : `all ${runs.length}`
  return (
    <div className="banner" data-level="information">
      <p>Trash: checkpoints are still here, and can be restored.</p>
      <Button variant="default" onClick={() => restoreRuns(meant)}>Restore {what}</Button>
      {sure
        ? <Button color="red" onClick={() => { purgeRuns(meant); setSure(false) }} onBlur={() => setSure(false)} autoFocus>Delete {what} for good, with their checkpoints</Button>
        : <Button variant="default" onClick={() => setSure(true)}>Delete {what}…</Button>}
    </div>
  )
}
