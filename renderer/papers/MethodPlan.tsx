import { useMemo, useState } from 'react'
import type { RunConfigInput } from '../../core/config/config'
import type { Page, PlanExample } from '../../content/explain/page'
import { planOfExample } from '../../content/explain/page'
import { valueAt } from '../../core/fields'
import { samplePlan } from '../../core/job'
import { formatCount, quantity } from '../../core/numbers'
import { parsedPreset } from '../../content/presets/shrink'
import { ChartView } from '../charts/ChartView'
import { csvOfColumns } from '../charts/csv'
import { drawPlan, planChartName } from '../editor/planCharts'
import { accentOf } from './figureDrawing'
import { knobsOf, slideAround } from './knobs'
import { MethodTrial, tried } from './MethodTrial'

const drawnSamples = 1500

/** The plan of a method's example, which follows the settings that it is made of. */
export function MethodPlan({ page, example }: { readonly page: Page; readonly example: PlanExample }) {
  const initial = useMemo(() => parsedPreset(example.config), [example])
  const [input, setInput] = useState<unknown>(initial)
  const [last, setLast] = useState(() => planOfExample(example.images, example.config))
  const now = useMemo(() => tried(() => planOfExample(example.images, input as RunConfigInput)), [example, input])
  // A value that is half typed leaves the last curve where it is.
  if (now.made !== null && now.made !== last) setLast(now.made)
  const samples = useMemo(() => samplePlan(last, Math.max(1, Math.ceil(last.updates / drawnSamples))), [last])
  const knobs = useMemo(() => knobsOf(page, input), [page, input])
  return (
    <MethodTrial
      knobs={knobs}
      initial={initial}
      input={input}
      slideOf={(field) =>
        slideAround(
          field.path === 'batchSize' ? { ...field, maximum: example.images } : field,
          valueAt(initial, field.path),
        )
      }
      change={setInput}
      why={now.why}
      note={
        `${formatCount(example.images)} images, ${formatCount(last.updates)} updates in ` +
        `${formatCount(last.epochs)} epochs; the scaled rate is ${quantity(last.scaledRate)}.`
      }
    >
      <ChartView
        name={planChartName(example.shows)}
        height={190}
        pace={40}
        revision={JSON.stringify(input)}
        draw={({ theme: ink }) =>
          drawPlan(last, samples, {
            kind: example.shows,
            axis: 'epoch',
            theme: ink,
            logY: false,
            colour: accentOf(ink.scheme),
          })
        }
        csv={() => {
          const all = samplePlan(last, 1)
          return csvOfColumns({ update: all.update, [example.shows]: all[example.shows] })
        }}
      />
    </MethodTrial>
  )
}
