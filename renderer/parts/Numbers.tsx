export interface Figure { readonly label: string; readonly value: string; readonly note?: string; readonly hint?: string }

/** A few numbers that matter, each with its name and what it rests on. */
export function Numbers({ figures, stale = false }: { readonly figures: readonly Figure[]; readonly stale?: boolean }) {
  return (
    <dl className={`numbers selectable${figures.length === 6 ? ' six' : ''}`} style={{ margin: 0, opacity: stale ? 0.5 : 1 }}>
      {figures.map(({ label, value, note, hint }) => (
        <div key={label} title={hint}>
          <dt>{label}</dt>
          <dd>{value}{note !== undefined && <small title={note}>{note}</small>}</dd>
        </div>
      ))}
    </dl>
  )
}
