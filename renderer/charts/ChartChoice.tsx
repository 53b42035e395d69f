import { Button, Menu } from '@mantine/core'
import { ChartSpline } from 'lucide-react'
import { changeSettings } from '../commands'
import { useStore } from '../store'
import { chartName } from './chartKinds'
import type { ChartKind } from './columns'

const all = Object.keys(chartName) as readonly ChartKind[]
// What runs are compared by comes first.
const together: readonly ChartKind[] = ['accuracy', ...all.filter((kind) => kind !== 'accuracy')]

/** The charts of a run that nobody put away, and those of runs drawn together that somebody asked for. */
const chartsOf = {
  run: (hidden: readonly string[]): readonly ChartKind[] => all.filter((kind) => !hidden.includes(kind)),
  compared: (chosen: readonly string[]): readonly ChartKind[] => together.filter((kind) => chosen.includes(kind)),
}

export const useCharts = (of: keyof typeof chartsOf): readonly ChartKind[] => {
  const chosen = useStore(({ settings }) => (of === 'run' ? settings.hiddenCharts : settings.comparedCharts))
  return chartsOf[of](chosen)
}

const toggled = (list: readonly string[], kind: string): string[] =>
  list.includes(kind) ? list.filter((one) => one !== kind) : [...list, kind]

/** Which charts are drawn: of one run, or of runs together. */
export function ChartChoice({ of }: { readonly of: keyof typeof chartsOf }) {
  const { hiddenCharts, comparedCharts } = useStore(({ settings }) => settings)
  const shown = useCharts(of)
  const change = (kind: ChartKind): void =>
    void changeSettings(
      of === 'run' ? { hiddenCharts: toggled(hiddenCharts, kind) } : { comparedCharts: toggled(comparedCharts, kind) },
    )
  return (
    <Menu closeOnItemClick={false} position="bottom-start">
      <Menu.Target>
        <Button variant="subtle" color="gray" leftSection={<ChartSpline size={13} />}>
          Charts
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {all.map((kind) => (
          <Menu.CheckboxItem key={kind} checked={shown.includes(kind)} onChange={() => change(kind)}>
            {chartName[kind]}
          </Menu.CheckboxItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
