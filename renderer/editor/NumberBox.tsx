import { TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Field } from '../../core/fields'
import { shownValue, stepped, typedValue } from './typed'

interface Props {
  readonly field: Field
  readonly value: unknown
  readonly id: string
  readonly wrong: boolean
  readonly change: (value: unknown) => void
}

/**
 * A box for a number: it takes what is typed (1e-3, a decimal comma), says at once when that is no number, and goes up
 * and down by sensible steps.
 */
export function NumberBox({ field, value, id, wrong, change }: Props) {
  // While someone types, the box shows their text and not the number that it stands for: "0." must be able to become
  // "0.5".
  const [typing, setTyping] = useState<string | null>(null)
  return (
    <TextInput
      id={id}
      className="number-box"
      error={wrong}
      inputMode="decimal"
      autoComplete="off"
      placeholder={field.nullable ? 'empty' : undefined}
      value={typing ?? shownValue(field, value)}
      onChange={(event) => {
        setTyping(event.currentTarget.value)
        change(typedValue(field, event.currentTarget.value))
      }}
      onBlur={() => setTyping(null)}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
        event.preventDefault()
        setTyping(null)
        const from = typeof value === 'number' ? value : (field.minimum ?? 0)
        change(stepped(field, from, event.key === 'ArrowUp' ? 1 : -1))
      }}
    />
  )
}
