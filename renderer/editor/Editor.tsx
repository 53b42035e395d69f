import { ActionIcon, Anchor, Button, Tooltip } from '@mantine/core'
import { Undo2 } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { configFields, valueAt } from '../../core/fields'
import { actions, perform, shownKeys } from '../actions'
import { changeDraft, openConfig } from '../commands'
import { labelOf, settingsByPath } from '../differences'
import { insideSentence } from '../format'
import { inspect, forgetRefused, useInspections } from './inspection'
import { DataPreview } from './DataPreview'
import { DraftOrigin } from './DraftOrigin'
import { Empty } from '../components/Empty'
import { GuardedPart } from '../components/Guard'
import type { FormState } from './formState'
import { NameBox } from './NameBox'
import { Form } from './Form'
import { PlanPanel } from './PlanPanel'
import { SplitPane } from '../components/SplitPane'
import type { Preview } from './preview'
import { previewOf } from './preview'
import { useStore } from '../store'

const inspectAfterMs = 300

/** Where a run is written: the form on the left, what follows from it on the right. */
export function Editor() {
  const draft = useStore((state) => state.draft)
  const inspections = useInspections()
  const fields = useMemo(() => configFields(), [])
  // The inspections are what `previewOf` reads the data set's facts from.
  const preview = useMemo(() => previewOf(draft), [draft, inspections])
  const parent = useStore((state) => (state.draft.parent === null ? undefined : state.runs[state.draft.parent.run]))
  const form = useMemo<FormState>(
    () => ({
      input: draft.input,
      issues: preview.issues,
      warnings: preview.warnings,
      changed: changedPaths(parent?.config, draft.input),
    }),
    [draft, preview, parent],
  )

  const data = preview.config?.data
  useEffect(() => {
    if (data === undefined) return
    const timer = setTimeout(() => void inspect(data), inspectAfterMs)
    return () => clearTimeout(timer)
  }, [data])

  return (
    <SplitPane
      id="editor"
      initial={54}
      minimum={[430, 340]}
      left={
        <>
          <StartBar preview={preview} fork={draft.parent !== null} />
          <DraftOrigin draft={draft} parent={parent} />
          <Form
            fields={fields}
            form={form}
            header={<NameBox value={valueAt(draft.input, 'name')} change={(name) => changeDraft('name', name)} />}
          />
        </>
      }
      right={
        <GuardedPart name="What follows from the config" resetKey={preview}>
          <Following preview={preview} />
        </GuardedPart>
      }
    />
  )
}

function StartBar({ preview, fork }: { readonly preview: Preview; readonly fork: boolean }) {
  const platform = useStore((state) => state.app?.platform ?? 'linux')
  const keys = (id: string): string =>
    shownKeys(actions.find((action) => action.id === id)?.keys ?? '', platform).join(' ')
  const data = preview.config?.data
  const label = fork ? 'Start the fork' : 'Start'
  return (
    <div className="bar-row">
      <Button variant="default" onClick={() => void openConfig()} title={keys('openConfig')}>
        Open…
      </Button>
      <Button
        variant="default"
        disabled={preview.config === null}
        onClick={() => perform('saveConfig')}
        title={keys('saveConfig')}
      >
        Save as…
      </Button>
      <Button
        variant="subtle"
        color="gray"
        onClick={() => perform('newRun')}
        title={`Start over from the defaults (${keys('newRun')})`}
      >
        Defaults
      </Button>
      <UndoButton keys={keys('undoDraft')} />
      <div style={{ display: 'flex', alignItems: 'center', gap: 6, marginLeft: 'auto', minWidth: 0, maxWidth: '100%' }}>
        {preview.unreadable && data !== undefined && (
          <Button variant="default" style={{ flex: 'none' }} onClick={() => forgetRefused(data)}>
            Read the data again
          </Button>
        )}
        <span className="tiny cut" style={{ minWidth: 0 }} role="status">
          {preview.blocked !== '' &&
            (preview.issues.length > 0 ? (
              <Anchor component="button" type="button" size="xs" onClick={() => goTo(preview.issues[0]?.path ?? '')}>
                {preview.blocked}
              </Anchor>
            ) : (
              <span className="quiet">{preview.blocked}</span>
            ))}
        </span>
        <Tooltip label={preview.blocked === '' ? `Start training (${keys('startRun')})` : preview.blocked}>
          <Button
            style={{ flex: 'none' }}
            data-disabled={preview.blocked !== '' || undefined}
            aria-disabled={preview.blocked !== ''}
            onClick={() => {
              if (preview.blocked === '') perform('startRun')
            }}
          >
            {label}
          </Button>
        </Tooltip>
      </div>
    </div>
  )
}

// Doing it again has a key and stands in the palette; the bar has no room for more where the window is narrow.
function UndoButton({ keys }: { readonly keys: string }) {
  const last = useStore((state) => state.draftHistory.past.at(-1))
  return (
    <ActionIcon
      aria-label="Undo"
      title={`Undo${last === undefined ? '' : `: ${insideSentence(last.what)}`} (${keys})`}
      disabled={last === undefined}
      onClick={() => perform('undoDraft')}
    >
      <Undo2 size={14} />
    </ActionIcon>
  )
}

// Puts the cursor into the box of a setting, or of the nearest one around it.
function goTo(path: string): void {
  const boxes = [...document.querySelectorAll<HTMLElement>('[data-path]')]
  const box = boxes.findLast(
    ({ dataset }) =>
      dataset.path !== undefined &&
      (path === dataset.path ||
        path.startsWith(`${dataset.path.replace(/\.type$/, '')}.`) ||
        `${path}.type` === dataset.path),
  )
  box?.scrollIntoView({ block: 'center' })
  box?.querySelector<HTMLElement>('input:not([type=hidden]), textarea')?.focus({ preventScroll: true })
}

// While a data set is being read again, or a value is half typed, what followed last stays on screen, paler, and
// nothing jumps.
function Following({ preview }: { readonly preview: Preview }) {
  const progress = useStore((state) => state.progress[''])
  const input = useStore((state) => state.draft.input)
  const [last, setLast] = useState<Preview | null>(null)
  if (preview.plan !== null && preview !== last) setLast(preview)
  const shown = preview.plan !== null ? preview : last
  const isOtherData = preview.info !== null && preview.info.fingerprint !== shown?.info?.fingerprint
  if (shown?.plan && shown.info && shown.config && !isOtherData)
    return <PlanPanel config={shown.config} info={shown.info} plan={shown.plan} stale={preview.plan === null} />
  if (preview.issues.length === 0)
    return (
      <Empty title="Reading the data set">
        {progress?.message ?? 'This takes a moment the first time; what was read is kept.'}
      </Empty>
    )
  const blocked = (
    <Empty title="What follows from this config will be shown here">{`${preview.blocked}. ${preview.issues
      .slice(0, 3)
      .map(({ path, message }) => `${labelOf(path, input)}: ${message}`)
      .join('; ')}`}</Empty>
  )
  if (preview.config === null || preview.info === null) return blocked
  // The data was read, whatever else is wrong: how it was understood is what a person wants to see who has just chosen
  // it.
  return (
    <div className="scroll">
      {blocked}
      <DataPreview config={preview.config} info={preview.info} />
    </div>
  )
}

function changedPaths(parent: unknown, input: unknown): ReadonlySet<string> {
  if (parent === undefined) return new Set()
  const before = settingsByPath(parent)
  return new Set(
    [...settingsByPath(input)].flatMap(([path, value]) =>
      path !== 'name' && JSON.stringify(value) !== JSON.stringify(before.get(path)) ? [path] : [],
    ),
  )
}
