import { createContext } from 'react'
import type { Field } from '../../core/fields'
import { significant } from '../../core/numbers'
import { Citation } from '../papers/PaperLink'

/** Tells the foot of the form which setting a person is at. */
export const HelpContext = createContext<(field: Field) => void>(() => undefined)

/** What the setting under the hand means: one place that never moves, instead of a sentence under every box. */
export function HelpLine({ field }: { readonly field: Field | null }) {
  return (
    <div className="help-line selectable" role="note" aria-live="polite">
      <div>
        {field === null ? (
          <span className="quiet">
            Point at a setting, or go to it with Tab, to read what it means. ↑ and ↓ change numbers in sensible steps.
          </span>
        ) : (
          <>
            <strong>{field.label}</strong> {field.help === '' ? '' : `${field.help}.`}{' '}
            <span className="quiet">
              {limitsOf(field)}
              <Citation text={field.paper} />
            </span>
          </>
        )}
      </div>
    </div>
  )
}

function limitsOf({ minimum, maximum, unit, nullable }: Field): string {
  if (minimum === null && maximum === null) return ''
  const from = minimum === null ? '' : `from ${significant(minimum, 6)} `
  const to = maximum === null ? '' : `to ${significant(maximum, 9)}`
  return `${`${from}${to}`.trim()}${unit === '' ? '' : ` ${unit}`}${nullable ? ', or empty' : ''}. `
}
