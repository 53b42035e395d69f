import { TagsInput, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Run } from '../../core/run'
import { annotate } from '../commands'
import { describeConfig } from '../names'
import { useStore } from '../store'

/** A run's name, tags and notes: kept when their box is left. */
export function NotesPanel({ run }: { readonly run: Run }) {
  const runs = useStore((state) => state.runs)
  const [name, setName] = useState(run.name)
  const [notes, setNotes] = useState(run.notes)
  const tags = [...new Set(Object.values(runs).flatMap((one) => one.tags))].sort().slice(0, 200)
  return (
    <div style={{ display: 'grid', gap: 8, maxWidth: 640 }}>
      <TextInput aria-label="Name" placeholder={describeConfig(run.config)} maxLength={300} value={name} onChange={(event) => setName(event.currentTarget.value)} onBlur={() => { if (name !== run.name) annotate(run.id, { name }) }} />
      <TagsInput aria-label="Tags" placeholder={run.tags.length === 0 ? 'Tags' : undefined} data={tags} maxTags={100} value={run.tags} onChange={(some) => annotate(run.id, { tags: some.map((tag) => tag.slice(0, 100)) })} />
      <Textarea aria-label="Notes" placeholder="Write what happened with this run" autosize minRows={4} maxRows={20} maxLength={100_000} value={notes} onChange={(event) => setNotes(event.currentTarget.value)} onBlur={() => { if (notes !== run.notes) annotate(run.id, { notes }) }} />
    </div>
  )
}
