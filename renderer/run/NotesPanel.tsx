import { TagsInput, Textarea, TextInput } from '@mantine/core'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { Run } from '../../core/run'
import { annotate, renamed } from '../commands'
import { describeRun } from '../names'
import { useStore } from '../store'

const keepAfterMs = 700

/** Text that is kept a moment after the last key, and at once when its box goes away or the window is left. */
function useKept(kept: string, keep: (value: string) => void): readonly [string, (value: string) => void] {
  const [text, setText] = useState(kept)
  const save = useEffectEvent(() => {
    if (text !== kept) keep(text)
  })
  useEffect(() => {
    const timer = setTimeout(save, keepAfterMs)
    return () => clearTimeout(timer)
  }, [text])
  useEffect(() => {
    window.addEventListener('blur', save)
    return () => {
      window.removeEventListener('blur', save)
      save()
    }
  }, [])
  return [text, setText]
}

/** A run's name, tags and notes. */
export function NotesPanel({ run }: { readonly run: Run }) {
  const runs = useStore((state) => state.runs)
  const [name, setName] = useKept(run.name, (value) => annotate(run.id, { name: value }))
  const [notes, setNotes] = useKept(run.notes, (value) => annotate(run.id, { notes: value }))
  const tags = [...new Set(Object.values(runs).flatMap((one) => one.tags))].sort().slice(0, 200)
  const nameBox = useRef<HTMLInputElement>(null)
  const isRenaming = useStore((state) => state.renaming === run.id)
  useEffect(() => {
    if (!isRenaming) return
    nameBox.current?.focus()
    nameBox.current?.select()
    renamed()
  }, [isRenaming])
  return (
    <div style={{ display: 'grid', gap: 8, maxWidth: 640 }}>
      <TextInput
        ref={nameBox}
        aria-label="Name"
        placeholder={describeRun(run)}
        maxLength={300}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TagsInput
        aria-label="Tags"
        placeholder={run.tags.length === 0 ? 'Tags' : undefined}
        data={tags}
        maxTags={100}
        value={run.tags}
        onChange={(some) => annotate(run.id, { tags: some.map((tag) => tag.slice(0, 100)) })}
      />
      <Textarea
        aria-label="Notes"
        placeholder="Write what happened with this run"
        autosize
        minRows={4}
        maxRows={20}
        maxLength={100_000}
        value={notes}
        onChange={(event) => setNotes(event.currentTarget.value)}
      />
    </div>
  )
}
