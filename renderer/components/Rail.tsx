import type { LucideIcon } from 'lucide-react'
import { BookOpenText, ChartSpline, Columns2, Cpu, Settings, SlidersHorizontal, Table2 } from 'lucide-react'
import { perform } from '../actions'
import type { ViewName } from '../store'
import { useStore } from '../store'

const views: readonly (readonly [view: ViewName, label: string, action: string, icon: LucideIcon])[] = [
  ['runs', 'Runs', 'showRuns', Table2],
  ['editor', 'Editor', 'showEditor', SlidersHorizontal],
  ['run', 'Run', 'showRun', ChartSpline],
  ['compare', 'Compare', 'showCompare', Columns2],
  ['papers', 'Papers', 'showPapers', BookOpenText],
  ['compute', 'Compute', 'showCompute', Cpu],
  ['settings', 'Settings', 'showSettings', Settings],
]

/** The views, always at the same place. */
export function Rail() {
  const view = useStore((state) => state.view)
  return (
    <nav className="rail" aria-label="Views">
      {views.map(([name, label, action, Icon]) => (
        <button
          key={name}
          type="button"
          className={name === 'compute' ? 'push' : undefined}
          aria-current={view === name ? 'page' : undefined}
          onClick={() =>
            name === 'run'
              ? useStore.setState((state) => ({ view: 'run', openRun: state.openRun ?? state.selected[0] ?? null }))
              : perform(action)
          }
        >
          <Icon size={18} strokeWidth={1.75} aria-hidden />
          {label}
        </button>
      ))}
    </nav>
  )
}
