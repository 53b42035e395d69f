import { Button } from '@mantine/core'
import { Fragment, useMemo } from 'react'
import type { Field as Setting } from '../../core/fields'
import { valueAt } from '../../core/fields'
import { changeDraft } from '../commands'
import { entryFields, withPart, withPartUp } from './entries'
import type { FormState } from './formState'
import { ownMembers } from './sections'

interface Props {
  readonly field: Setting
  readonly form: FormState
  /** The control of one setting of a part. */
  readonly member: (field: Setting) => React.ReactNode
}

/** The parts of a joined schedule, each with its own settings. */
export function PartsBox({ field, form, member }: Props) {
  const value = valueAt(form.input, field.path) ?? field.initial
  const parts = Array.isArray(value) ? (value as readonly Readonly<Record<string, unknown>>[]) : []
  const change = (next: readonly unknown[]): void => changeDraft(field.path, next)
  const own = form.issues.filter(
    ({ path }) => path === field.path || parts.some((_, index) => path === `${field.path}.${index}`),
  )
  return (
    <div className="parts" data-path={field.path} role="group" aria-label={field.label}>
      {parts.map((_, index) => (
        <Part key={index} field={field} index={index} member={member}>
          <Button
            variant="subtle"
            color="gray"
            disabled={index === 0}
            aria-label={`Move part ${index + 1} up`}
            onClick={() => change(withPartUp(parts, index))}
          >
            Up
          </Button>
          <Button
            variant="subtle"
            color="gray"
            disabled={parts.length < 2}
            aria-label={`Remove part ${index + 1}`}
            onClick={() => change(parts.filter((__, i) => i !== index))}
          >
            Remove
          </Button>
        </Part>
      ))}
      {own.map(({ path, message }) => (
        <div key={path + message} className="wrong" role="alert">{`${field.label}: ${message}`}</div>
      ))}
      <Button variant="default" disabled={parts.length >= 100} onClick={() => change(withPart(parts))}>
        Add a part
      </Button>
    </div>
  )
}

interface PartProps extends Pick<Props, 'field' | 'member'> {
  readonly index: number
  readonly children: React.ReactNode
}

function Part({ field, index, member, children }: PartProps) {
  const members = useMemo(() => ownMembers(entryFields(field, index)), [field, index])
  return (
    <div className="part" role="group" aria-label={`Part ${index + 1}`}>
      <header>
        <b>{`Part ${index + 1}`}</b>
        {children}
      </header>
      {members.map((one) => (
        <Fragment key={one.path}>{member(one)}</Fragment>
      ))}
    </div>
  )
}
