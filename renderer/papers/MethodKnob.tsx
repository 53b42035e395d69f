import { Select, Slider, TextInput } from '@mantine/core'
import { useId, useState } from 'react'
import type { Field } from '../../core/fields'
import { NumberBox } from '../editor/NumberBox'
import { typedValue } from '../editor/typed'
import { holdsRows, knobPlace, shownList, type Slide, typedList } from './knobs'

interface Props {
  readonly field: Field
  readonly value: unknown
  readonly slide: Slide | null
  readonly change: (value: unknown) => void
}

/** A value of an example that can be turned: a box with a slider below it, a choice, or a list to type. */
export function MethodKnob({ field, value, slide, change }: Props) {
  const id = useId()
  const hasUnit = field.unit !== '' && !field.label.toLowerCase().endsWith(field.unit)
  const label = hasUnit ? `${field.label} (${field.unit})` : field.label
  return (
    <div className="knob">
      <label htmlFor={id} title={field.help === '' ? undefined : field.help}>
        {label}
      </label>
      {field.kind === 'choice' && (
        <Select
          id={id}
          w={128}
          data={field.options.map((option) => ({ value: String(option.value), label: option.label }))}
          value={String(value)}
          allowDeselect={false}
          onChange={(text) => change(typedValue(field, text ?? ''))}
        />
      )}
      {field.kind === 'list' && <ListBox id={id} field={field} value={value} change={change} />}
      {(field.kind === 'number' || field.kind === 'integer') && (
        <NumberBox
          field={field}
          value={value}
          id={id}
          wrong={typeof value !== 'number' && value !== null}
          change={change}
        />
      )}
      {slide !== null && (
        <Slider
          thumbLabel={label}
          w={104}
          size={3}
          thumbSize={12}
          min={0}
          max={slide.length - 1}
          step={1}
          label={null}
          value={knobPlace(slide, value)}
          onChange={(place) => change(slide[place])}
        />
      )}
    </div>
  )
}

/** Numbers with commas between them; of a table, rows with commas between them. */
function ListBox({
  id,
  field,
  value,
  change,
}: {
  readonly id: string
  readonly field: Field
  readonly value: unknown
  readonly change: (value: unknown) => void
}) {
  // While someone types, the box shows their text: "0.3, " must be able to become "0.3, 0.6".
  const [typing, setTyping] = useState<string | null>(null)
  return (
    <TextInput
      id={id}
      w={220}
      autoComplete="off"
      spellCheck={false}
      value={typing ?? shownList(field, value)}
      placeholder={holdsRows(field) ? '0 0.1, 5 0.01' : '0.5, 0.75'}
      error={!Array.isArray(value) || value.some((one) => typeof one === 'string')}
      onChange={(event) => {
        const text = event.currentTarget.value
        setTyping(text)
        change(typedList(field, text))
      }}
      onBlur={() => setTyping(null)}
    />
  )
}
