import { Button } from '@mantine/core'
import type { ReactNode } from 'react'

interface Props {
  readonly title: string
  readonly children: ReactNode
  readonly action?: { readonly label: string; readonly act: () => void }
}

/** What a place says before there is anything in it: what it is for, and what to do first. */
export function Empty({ title, children, action }: Props) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      <p>{children}</p>
      {action !== undefined && (
        <Button mt={8} onClick={action.act}>
          {action.label}
        </Button>
      )}
    </div>
  )
}
