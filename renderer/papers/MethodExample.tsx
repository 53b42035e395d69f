import { Button, Select } from '@mantine/core'
import { useId, useMemo, useState } from 'react'
import type { RunConfigInput } from '../../core/config/config'
import type { Example, Page } from '../../core/explain/page'
import { planOfExample, tableOf } from '../../core/explain/page'
import type { Field } from '../../core/fields'
import { valueAt, withValue } from '../../core/fields'
import { samplePlan } from '../../core/job'
import type { Plan } from '../../core/plan/plan'
import { parsedPreset } from '../../core/presets/shrink'
import { csvOfColumns } from '../charts/csv'
import { count, quantity } from '../format'
import { knobsOf } from './knobs'
import { drawPlan, planChartName } from '../editor/planCharts'
import { typedValue } from '../editor/typed'
import { Chart } from '../charts/Chart'
import { NumberBox } from '../editor/NumberBox'

type PlanExample = Extract<Example, { readonly type: 'plan' }>

/** A small case of a method: computed by the functions that train, and where it is a plan, open to be changed. */
export function MethodExample({ page }: { readonly page: Page }) {
  const { example } = page
  const table = useMemo(() => tableOf(example), [example])
  return (
    <>
      <h3>Example</h3>
      <p>{example.says}</p>
      {example.type === 'plan' && <Trial page={page} example={example} />}
      <div className="wide">
        <table className="grid-table example-table">
          <thead><tr>{table.columns.map((column) => <th key={column}>{column}</th>)}</tr></thead>
          <tbody>{table.rows.map((row, index) => <tr key={index}>{row.map((cell, at) => <td key={at}>{cell}</td>)}</tr>)}</tbody>
        </table>
      </div>
    </>
  )
}

type Tried = { readonly plan: Plan } | { readonly plan: null; readonly why: string }

function tried(images: number, input: unknown): Tried {
  try {
    return { plan: planOfExample(images, input as RunConfigInput) }
  } catch (error) {
    return { plan: null, why: error instanceof Error ? error.message.replace('A preset is not a config: ', '') : String(error) }
  }
}

const drawnSamples = 1500

function Trial({ page, example }: { readonly page: Page; readonly example: PlanExample }) {
  const initial = useMemo(() => parsedPreset(example.config), [example])
  const [input, setInput] = useState<unknown>(initial)
  const [last, setLast] = useState(() => planOfExample(example.images, example.config))
  const now = useMemo(() => tried(example.images, input), [example, input])
  // A value that is half typed leaves the last curve where it is.
  if (now.plan !== null && now.plan !== last) setLast(now.plan)
  const samples = useMemo(() => samplePlan(last, Math.max(1, Math.ceil(last.updates / drawnSamples))), [last])
  const knobs = useMemo(() => knobsOf(page, input), [page, input])
  return (
    <div className="trial">
      <div className="knobs">
        {knobs.map((field) => <Knob key={field.path} field={field} value={valueAt(input, field.path)} change={(value) => setInput(withValue(input, field.path, value))} />)}
        <Button variant="subtle" color="gray" disabled={input === initial} onClick={() => setInput(initial)}>As it was</Button>
      </div>
      <div style={{ opacity: now.plan === null ? 0.5 : 1 }}>
        <Chart
          name={planChartName(example.shows)} height={190} revision={`${page.id} ${JSON.stringify(input)} ${now.plan === null}`}
          draw={({ ink }) => drawPlan(last, samples, { kind: example.shows, axis: 'epoch', ink, logY: false, colour: ink.scheme === 'light' ? '#4d5dcd' : '#919de3' })}
          csv={() => {
            const all = samplePlan(last, 1)
            return csvOfColumns({ update: all.update, [example.shows]: all[example.shows] })
          }}
        />
      </div>
      <p className="tiny quiet" role="status">{now.plan === null ? <span style={{ color: 'var(--bad)' }}>{now.why}</span> : `${count(example.images)} images, ${count(now.plan.updates)} updates in ${count(now.plan.epochs)} epochs; the scaled rate is ${quantity(now.plan.scaledRate)}.`}</p>
    </div>
  )
}

function Knob({ field, value, change }: { readonly field: Field; readonly value: unknown; readonly change: (value: unknown) => void }) {
  const id = useId()
  return (
    <div className="knob">
      <label htmlFor={id} title={field.help}>{field.label}{field.unit === '' || field.unit === field.label.toLowerCase() ? '' : ` (${field.unit})`}</label>
      {field.kind === 'choice'
        ? <Select id={id} w={128} data={field.options.map((option) => ({ value: String(option.value), label: option.label }))} value={String(value)} onChange={(text) => change(typedValue(field, text ?? ''))} />
        : <NumberBox field={field} value={value} id={id} wrong={typeof value !== 'number' && value !== null} change={change} />}
    </div>
  )
}
