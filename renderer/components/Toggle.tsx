import { Tooltip, UnstyledButton } from '@mantine/core'

interface Props {
  readonly label: string
  readonly hint: string
  readonly on: boolean
  readonly change: (on: boolean) => void
}

/** A word that is on or off. */
export function Toggle({ label, hint, on, change }: Props) {
  return (
    <Tooltip label={hint}>
      <UnstyledButton className="toggle" aria-pressed={on} aria-label={`${label}: ${hint}`} onClick={() => change(!on)}>
        {label}
      </UnstyledButton>
    </Tooltip>
  )
}
