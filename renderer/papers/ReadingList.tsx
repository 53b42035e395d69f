import { TextInput } from '@mantine/core'
import type { KeyboardEvent } from 'react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { pages } from '../../content/explain/all'
import { groups } from '../../content/explain/page'
import { presets } from '../../content/presets/all'
import { read } from '../commands'
import type { PaperPage } from '../store'

interface Entry {
  readonly reading: PaperPage
  readonly title: string
  readonly by: string
}
interface Chapter {
  readonly title: string
  readonly entries: readonly Entry[]
}

const chapters: readonly Chapter[] = [
  {
    title: 'Papers',
    entries: presets.flatMap(({ id, title, paper }) =>
      paper === null ? [] : [{ reading: { type: 'preset', id }, title, by: `${paper.authors} ${paper.year}` }],
    ),
  },
  {
    title: 'Lab notes',
    entries: [
      { reading: { type: 'notes' }, title: 'Results, as written', by: '' },
      ...presets.flatMap(({ id, title, paper }): readonly Entry[] =>
        paper === null ? [{ reading: { type: 'preset', id }, title: title.replace('Lab notes, e', 'E'), by: '' }] : [],
      ),
    ],
  },
  ...groups.map((group): Chapter => ({
    title: `Methods: ${group.toLowerCase()}`,
    entries: pages
      .filter((page) => page.group === group)
      .map(({ id, title }) => ({ reading: { type: 'method', id }, title, by: '' })),
  })),
]

const keyOf = (reading: PaperPage): string => (reading.type === 'notes' ? 'notes' : `${reading.type} ${reading.id}`)

/** Everything there is to read; the arrow keys go through it. */
export function ReadingList({ open }: { readonly open: PaperPage }) {
  const [words, setWords] = useState('')
  const list = useRef<HTMLElement>(null)
  const shown = useMemo(() => {
    const wanted = words.toLowerCase().split(/\s+/)
    return chapters
      .map(({ title, entries }) => ({
        title,
        entries: entries.filter((entry) =>
          wanted.every((word) => `${entry.title} ${entry.by} ${title}`.toLowerCase().includes(word)),
        ),
      }))
      .filter(({ entries }) => entries.length > 0)
  }, [words])
  const current = keyOf(open)
  useEffect(() => {
    list.current?.querySelector('[aria-current=page]')?.scrollIntoView({ block: 'nearest' })
  }, [current])
  const tabStop = shown.some(({ entries }) => entries.some(({ reading }) => keyOf(reading) === current))
    ? current
    : keyOf(shown[0]?.entries[0]?.reading ?? open)

  const go = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step === 0) return
    event.preventDefault()
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])]
    const next = buttons[buttons.findIndex((button) => button === document.activeElement) + step]
    next?.focus()
    next?.click()
  }
  return (
    <>
      <div className="bar-row">
        <TextInput
          aria-label="Search papers and methods"
          placeholder="Search papers and methods"
          flex={1}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
      </div>
      <nav ref={list} className="scroll reading-list" aria-label="Papers and methods" onKeyDown={go}>
        {shown.map(({ title, entries }) => (
          <section key={title}>
            <h2>{title}</h2>
            {entries.map((entry) => (
              <button
                key={keyOf(entry.reading)}
                type="button"
                tabIndex={keyOf(entry.reading) === tabStop ? 0 : -1}
                aria-current={keyOf(entry.reading) === current ? 'page' : undefined}
                onClick={() => read(entry.reading)}
              >
                {entry.title}
                {entry.by !== '' && <small>{entry.by}</small>}
              </button>
            ))}
          </section>
        ))}
        {shown.length === 0 && <p className="quiet pad">Nothing is called that.</p>}
      </nav>
    </>
  )
}
