import { Button, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { Field } from '../../core/fields'
import { valueAt } from '../../core/fields'
import type { Point } from './points'
import { parsePoints, pointsFrom } from './points'
import { shownValue } from './typed'
import { PointsPlot } from './PointsPlot'

interface Props {
  readonly field: Field
  readonly input: unknown
  readonly value: unknown
  readonly id: string
  readonly wrong: boolean
  readonly change: (value: unknown) => void
}

/** A table of points: a list that can be typed or pasted over, and the same as a curve that can be drawn. */
export function PointsBox({ field, input, value, id, wrong, change }: Props) {
  // While someone types, the box shows their text; what is no table stays in it, and in the draft, until it is one.
  const [typing, setTyping] = useState<string | null>(null)
  const [before, setBefore] = useState<readonly unknown[]>([])
  const points = pointsFrom(value)
  const sibling = (name: string): unknown => valueAt(input, field.path.replace(/[^.]+$/, name))
  const [epochs, given] = [valueAt(input, 'epochs'), sibling('unit')]
  const unit = given === 'epochs' || given === 'fraction' ? given : 'updates'

  function replace(next: unknown): void {
    if (JSON.stringify(next) === JSON.stringify(value)) return
    setBefore([...before.slice(-49), value])
    change(next)
  }
  function take(text: string): void {
    const parsed = parsePoints(text, unit)
    setTyping(null)
    // Text that cannot be read stays as it is: nothing that was typed is lost, and nothing is started with the table
    // from before.
    replace(parsed.ok ? parsed.points : text)
  }
  const draw = (next: readonly Point[]): void => {
    setTyping(null)
    replace(next)
  }
  return (
    <div className="points-box">
      {points === null ? (
        <div className="points-plot" data-empty="true">
          The curve is drawn when every line is a position and a rate
        </div>
      ) : (
        <PointsPlot
          points={points}
          unit={unit}
          between={sibling('between') === 'hold' ? 'hold' : 'linear'}
          relative={sibling('relative') === true}
          epochs={typeof epochs === 'number' && epochs > 0 ? epochs : 1}
          change={draw}
        />
      )}
      <Textarea
        id={id}
        error={wrong}
        autosize
        minRows={3}
        maxRows={8}
        ff="monospace"
        spellCheck={false}
        placeholder={'0\t0.1\n100\t0.01'}
        value={typing ?? shownValue(field, value)}
        aria-describedby={`${id}-says`}
        onChange={(event) => setTyping(event.currentTarget.value)}
        onBlur={() => {
          if (typing !== null) take(typing)
        }}
        onPaste={(event) => {
          const text = event.clipboardData.getData('text/plain')
          // A single number or line is pasted where the cursor is; a table takes the place of the one that is there.
          if (!/[^\r\n][\r\n]+[^\r\n]/.test(text)) return
          event.preventDefault()
          take(text)
        }}
      />
      <div className="bar">
        <span id={`${id}-says`} className="tiny quiet">
          Click to add, drag to move, double-click to remove; or paste two columns.
        </span>
        <Button
          variant="subtle"
          color="gray"
          disabled={before.length === 0}
          onClick={() => {
            setTyping(null)
            setBefore(before.slice(0, -1))
            change(before.at(-1))
          }}
        >
          Undo
        </Button>
      </div>
    </div>
  )
}
