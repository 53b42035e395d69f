import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { errorText } from '../../core/errorText'
import type { Field } from '../../core/fields'
import { valueAt, withValue } from '../../core/fields'
import { MethodKnob } from './MethodKnob'
import type { Slide } from './knobs'

interface Props {
  readonly knobs: readonly Field[]
  readonly initial: unknown
  readonly input: unknown
  readonly slideOf: (field: Field) => Slide | null
  readonly change: (input: unknown) => void
  /** What is wrong with the input; the figure then stays as it was. */
  readonly why: string
  readonly note: string
  readonly children: ReactNode
}

/**
 * Knobs, the figure that follows them, and what comes out in a sentence; nothing changes its place while they are
 * turned.
 */
export function MethodTrial({ knobs, initial, input, slideOf, change, why, note, children }: Props) {
  return (
    <div className="trial">
      <div className="knobs">
        {knobs.map((field) => (
          <MethodKnob
            key={field.path}
            field={field}
            value={valueAt(input, field.path)}
            slide={slideOf(field)}
            change={(value) => change(withValue(input, field.path, value))}
          />
        ))}
      </div>
      <div data-stale={why !== ''}>{children}</div>
      <footer>
        <p className="tiny quiet" role="status">
          {why === '' ? note : <span style={{ color: 'var(--bad)' }}>{why}</span>}
        </p>
        <Button variant="subtle" color="gray" disabled={input === initial} onClick={() => change(initial)}>
          As it was
        </Button>
      </footer>
    </div>
  )
}

/** What `make` gives, or the sentence that it throws. */
export function tried<T>(
  make: () => T,
): { readonly made: T; readonly why: '' } | { readonly made: null; readonly why: string } {
  try {
    return { made: make(), why: '' }
  } catch (error) {
    return {
      made: null,
      why: `${errorText(error).replace('A preset is not a config: ', '')}.`,
    }
  }
}
