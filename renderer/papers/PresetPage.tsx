import { Anchor } from '@mantine/core'
import { pages } from '../../content/explain/all'
import type { Paper, Preset } from '../../content/presets/preset'
import { read } from '../commands'
import { notesOf } from './presetInfo'
import { NotesResults } from './NotesResults'
import { PaperLink } from './PaperLink'
import { PresetConfigs } from './PresetConfigs'
import { ReferenceTable } from './ReferenceTable'

/**
 * The experiment of a paper or of the notes: what was done, what to expect, its configs, and its numbers beside one's
 * own.
 */
export function PresetPage({ preset }: { readonly preset: Preset }) {
  const { title, paper, protocol, expect, withoutNumbers, ourReading, recalled } = preset
  const methods = pages.filter(({ presets }) => presets.includes(preset.id))
  return (
    <div className="reading selectable">
      <h2>{title}</h2>
      <p className="quiet">
        {paper === null ? 'From the lab notes, which were never published.' : <PaperLine paper={paper} />}
      </p>
      <h3>What was done</h3>
      <p>{protocol}</p>
      <h3>What to expect</h3>
      <p>{expect}</p>
      <PresetConfigs preset={preset} />
      <h3>The source's numbers beside yours</h3>
      {paper === null ? (
        <NotesResults results={notesOf(preset)} preset={preset} />
      ) : withoutNumbers !== undefined ? (
        <p className="quiet">{withoutNumbers}</p>
      ) : (
        <ReferenceTable preset={preset} />
      )}
      <Listed title="Our reading of what the source doesn't say" items={ourReading} />
      <Listed title="Recalled, not re-verified" items={recalled} />
      {methods.length > 0 && (
        <>
          <h3>Methods it uses</h3>
          <p className="links">
            {methods.map((page) => (
              <Anchor
                key={page.id}
                component="button"
                type="button"
                inherit
                onClick={() => read({ type: 'method', id: page.id })}
              >
                {page.title}
              </Anchor>
            ))}
          </p>
        </>
      )}
    </div>
  )
}

function PaperLine({ paper: { authors, year, title, url } }: { readonly paper: Paper }) {
  return (
    <>
      {authors} {year}, <em>{title}</em>
      <br />
      <PaperLink url={url} />
    </>
  )
}

/** A few sentences under a heading; nothing where there are none. */
export function Listed({ title, items }: { readonly title: string; readonly items: readonly string[] }) {
  if (items.length === 0) return null
  return (
    <>
      <h3>{title}</h3>
      <ul>
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </>
  )
}
