import type { ReactNode } from 'react'
import { useMemo, useRef, useState } from 'react'
import type { Field as Setting } from '../../core/fields'
import { homeless, sectionOfPath, sectionsOf } from './sections'
import { labelOf } from '../differences'
import type { FormState } from './formState'
import { SettingField } from './SettingField'
import { HelpContext, HelpLine } from './HelpLine'

interface Props {
  readonly fields: readonly Setting[]
  readonly form: FormState
  readonly header: ReactNode
}

/** The form that the schema is: sections, and beside them where one is and where something is wrong. */
export function Form({ fields, form, header }: Props) {
  const sections = useMemo(() => sectionsOf(fields), [fields])
  const scroller = useRef<HTMLDivElement>(null)
  const [current, setCurrent] = useState(sections[0]?.title ?? '')
  const [helped, setHelped] = useState<Setting | null>(null)
  const wrong = new Set(form.issues.map(({ path }) => sectionOfPath(path)))
  const heading = (title: string): HTMLElement | null =>
    scroller.current?.querySelector(`[data-section="${title}"]`) ?? null
  const onScroll = (): void => {
    const top = (scroller.current?.getBoundingClientRect().top ?? 0) + 40
    const atEnd =
      scroller.current !== null &&
      scroller.current.scrollTop + scroller.current.clientHeight > scroller.current.scrollHeight - 4
    const passed = sections.findLast(({ title }) => (heading(title)?.getBoundingClientRect().top ?? Infinity) <= top)
    setCurrent((atEnd ? sections.at(-1) : passed)?.title ?? sections[0]?.title ?? '')
  }
  return (
    <HelpContext value={setHelped}>
      <div style={{ display: 'flex', flex: 1, minHeight: 0 }}>
        <nav className="sections-nav" aria-label="Sections">
          {sections.map(({ title }) => (
            <button
              key={title}
              type="button"
              aria-current={current === title}
              onClick={() => heading(title)?.scrollIntoView({ block: 'start' })}
            >
              {title}
              {wrong.has(title) && <span className="mark" role="img" aria-label="has a mistake" />}
            </button>
          ))}
        </nav>
        <div className="scroll form" ref={scroller} onScroll={onScroll}>
          {header}
          {homeless(form.issues, fields, form.input).map(({ path, message }) => (
            <div key={path + message} className="form-issue" role="alert">
              {path === '' ? message : `${labelOf(path, form.input)}: ${message}`}
            </div>
          ))}
          {sections.map(({ title, fields: own }) => (
            <div key={title} className="section" data-section={title} role="group" aria-label={title}>
              <h2>{title}</h2>
              {own.map((field) => (
                <SettingField key={field.path} field={field} form={form} />
              ))}
            </div>
          ))}
        </div>
      </div>
      <HelpLine field={helped} />
    </HelpContext>
  )
}
