import { Button, Select, Switch, TextInput } from '@mantine/core'
import { useContext, useId, useState } from 'react'
import type { Field as Setting } from '../../core/fields'
import { pageFor } from '../../content/explain/all'
import { valueAt } from '../../core/fields'
import type { Issue } from '../../core/issue'
import { ask } from '../api'
import { changeDraft, explain as openPage } from '../commands'
import { DownloadButton } from './Download'
import { hasEntries } from './entries'
import type { FormState } from './formState'
import { parsePoints } from './points'
import { issuesAt } from './preview'
import { ownMembers } from './sections'
import { HelpContext } from './HelpLine'
import { shownValue, typedValue } from './typed'
import { NumberBox } from './NumberBox'
import { PartsBox } from './PartsBox'
import { PointsBox } from './PointsBox'

/** One setting of the schema, whatever its kind: a new setting needs nothing here. */
export function SettingField({ field, form }: { readonly field: Setting; readonly form: FormState }) {
  if (field.kind === 'group')
    return ownMembers(field.fields).map((member) => <SettingField key={member.path} field={member} form={form} />)
  if (field.kind === 'variant') return <Variant field={field} form={form} />
  if (hasEntries(field))
    return <PartsBox field={field} form={form} member={(member) => <SettingField field={member} form={form} />} />
  const value = valueAt(form.input, field.path)
  return (
    <Row field={field} form={form} path={field.path}>
      {(id, wrong) => (
        <Control
          field={field}
          input={form.input}
          value={value === undefined ? field.initial : value}
          id={id}
          wrong={wrong}
        />
      )}
    </Row>
  )
}

function Variant({ field, form }: { readonly field: Setting; readonly form: FormState }) {
  const path = `${field.path}.type`
  const initial = valueAt(field.initial, 'type')
  const chosen = valueAt(form.input, path) ?? initial
  const option = field.options.find(({ value }) => value === chosen)
  return (
    <>
      <Row field={{ ...field, help: option?.help ?? field.help }} form={form} path={path}>
        {(id, wrong) => (
          <Select
            id={id}
            w={250}
            error={wrong}
            data={field.options.map(({ value, label }) => ({ value: String(value), label }))}
            value={option === undefined ? null : String(option.value)}
            onChange={(value) => changeDraft(path, value)}
          />
        )}
      </Row>
      {ownMembers(option?.fields ?? []).map((member) => (
        <SettingField key={`${option?.value ?? ''} ${member.path}`} field={member} form={form} />
      ))}
    </>
  )
}

interface RowProps {
  readonly field: Setting
  readonly form: FormState
  readonly path: string
  readonly children: (id: string, wrong: boolean) => React.ReactNode
}

// A label, the control, and below it what is wrong. What it means stands in the line at the foot of the form, so that
// the form stays short enough to overlook.
function Row({ field, form, path, children }: RowProps) {
  const id = useId()
  const explain = useContext(HelpContext)
  const chosen = valueAt(form.input, path)
  const page = pageFor(path, typeof chosen === 'string' ? chosen : undefined)
  const own =
    field.fields.length > 0 && typeof chosen === 'string'
      ? unreadable(path, chosen, form.input)
      : field.kind === 'variant'
        ? form.issues.filter((issue) => issue.path === path || issue.path === field.path)
        : issuesAt(form.issues, path)
  const cautions =
    field.kind === 'variant'
      ? form.warnings.filter((warning) => warning.path === field.path)
      : issuesAt(form.warnings, path)
  return (
    <div
      className="field"
      data-changed={form.changed.has(path)}
      data-path={path}
      onFocus={() => explain(field)}
      onMouseEnter={() => explain(field)}
    >
      <label htmlFor={id}>{field.label}</label>
      <div className="control">
        {children(id, own.length > 0)}
        {field.unit !== '' && <span className="unit">{field.unit}</span>}
        {page !== undefined && (
          <button
            type="button"
            className="why"
            aria-label={`${page.title}, explained`}
            title={`${page.title}: how it works, when it helps and breaks`}
            onClick={() => openPage(page.id)}
          >
            ?
          </button>
        )}
      </div>
      {own.map((issue) => (
        <div key={issue.path + issue.message} className="wrong" role="alert">
          {sentence(field, issue)}
        </div>
      ))}
      {own.length === 0 &&
        cautions.map((issue) => (
          <div key={issue.message} className="caution">
            {sentence(field, issue)}
          </div>
        ))}
    </div>
  )
}

// What is wrong with a table that stands there as it was typed or pasted.
function unreadable(path: string, text: string, input: unknown): readonly Issue[] {
  const unit = valueAt(input, path.replace(/[^.]+$/, 'unit'))
  const read = parsePoints(text, unit === 'epochs' || unit === 'fraction' ? unit : 'updates')
  return read.ok ? [] : [{ path, message: read.problem }]
}

// Most issues go on from the name of their field: "must be at least 1, found 0".
const sentence = (field: Setting, issue: Issue): string =>
  /^[a-z]/.test(issue.message) ? `${field.label}: ${issue.message}` : issue.message

function Control({
  field,
  input,
  value,
  id,
  wrong,
}: {
  readonly field: Setting
  readonly input: unknown
  readonly value: unknown
  readonly id: string
  readonly wrong: boolean
}) {
  const change = (next: unknown): void => changeDraft(field.path, next)
  switch (field.kind) {
    case 'boolean':
      return <Switch id={id} checked={value === true} onChange={(event) => change(event.currentTarget.checked)} />
    case 'choice':
      return (
        <Select
          id={id}
          w={200}
          error={wrong}
          data={field.options.map((option) => ({ value: String(option.value), label: option.label }))}
          value={String(value)}
          onChange={(text) => change(typedValue(field, String(text ?? '')))}
        />
      )
    case 'number':
    case 'integer':
      return <NumberBox field={field} value={value} id={id} wrong={wrong} change={change} />
    case 'list':
      return field.fields.length > 0 ? (
        <PointsBox field={field} input={input} value={value} id={id} wrong={wrong} change={change} />
      ) : (
        <ListBox key={id} field={field} value={value} id={id} wrong={wrong} change={change} />
      )
    case 'text':
    case 'group':
    case 'variant':
      return field.path.endsWith('.path') ? (
        <PathBox
          field={field}
          source={valueAt(input, field.path.replace(/path$/, 'type'))}
          value={value}
          id={id}
          wrong={wrong}
          change={change}
        />
      ) : (
        <TextInput
          id={id}
          flex={1}
          error={wrong}
          value={shownValue(field, value)}
          onChange={(event) => change(event.currentTarget.value)}
        />
      )
  }
}

interface BoxProps {
  readonly field: Setting
  readonly value: unknown
  readonly id: string
  readonly wrong: boolean
  readonly change: (value: unknown) => void
}

function ListBox({ field, value, id, wrong, change }: BoxProps) {
  // While someone types, the box shows their text; what it stands for is shown, and kept, when they leave it or press
  // Enter.
  const [typing, setTyping] = useState<string | null>(null)
  const keep = (): void => {
    if (typing !== null) change(typedValue(field, typing))
    setTyping(null)
  }
  return (
    <TextInput
      id={id}
      w={250}
      error={wrong}
      value={typing ?? shownValue(field, value)}
      onChange={(event) => setTyping(event.currentTarget.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key === 'Enter') keep()
      }}
    />
  )
}

function PathBox({ field, source, value, id, wrong, change }: BoxProps & { readonly source: unknown }) {
  const choose = async (kind: 'file' | 'folder'): Promise<void> => {
    const path = await ask('data.choose', kind, 'Nothing could be chosen')
    if (typeof path === 'string') change(path)
  }
  return (
    <>
      <TextInput
        id={id}
        flex={1}
        error={wrong}
        placeholder="Choose, paste or drop"
        value={shownValue(field, value)}
        onChange={(event) => change(event.currentTarget.value)}
        onDrop={(event) => {
          const [file] = event.dataTransfer.files
          const path = file === undefined ? '' : window.batchlab.pathOf(file)
          if (path === '') return
          event.preventDefault()
          change(path)
        }}
      />
      <div className="pickers">
        <Button variant="default" onClick={() => void choose('folder')}>
          Folder…
        </Button>
        {field.label !== 'Folder' && (
          <Button variant="default" onClick={() => void choose('file')}>
            File…
          </Button>
        )}
      </div>
      <DownloadButton source={source} change={change} />
    </>
  )
}
