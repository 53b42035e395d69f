export interface Figure { readonly label: string; readonly value: string; readonly note?: string; readonly hint?: string }

/** A few numbers that matter, each with its name and what it rests on. */
export function Numbers({ figures }: { readonly figures: readonly Figure[] }) {
  return (
    <dl className={`numbers selectable${figures.length === 6 ? ' six' : figures.length === 7 ? ' seven' : ''}`} style={{ margin: 0 }}>
      {figures.map(({ label, value, note, hint }) => (
        <div key={label} title={hint}>
          <dt>{label}</dt>
          <dd>{value}{note !== undefined && <small title={note}>{note}</small>}</dd>
        </div>
      ))}
    </dl>
  )
}
