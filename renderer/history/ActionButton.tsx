import { Button } from '@mantine/core'
import type { Run } from '../../core/run'
import type { RunAction } from '../runActions'

interface Props {
  readonly action: RunAction
  readonly runs: readonly Run[]
  /** A name for where there is little room; the whole one is on hovering. */
  readonly short?: string
}

/** A button for something to do with some runs; where it cannot be done it says why. */
export function ActionButton({ action, runs, short }: Props) {
  const [label, reason] = [action.label(runs), action.blocked(runs)]
  return (
    <Button
      variant="default"
      disabled={reason !== ''}
      title={reason !== '' ? reason : short === undefined ? undefined : label}
      onClick={() => action.act(runs)}
    >
      {short ?? label}
    </Button>
  )
}
