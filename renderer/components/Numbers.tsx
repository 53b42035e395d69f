export interface LabelledNumber {
  readonly label: string
  readonly value: string
  readonly note?: string
  readonly hint?: string
}

/** A few numbers that matter, each with its name and what it rests on; one that is long stands below them. */
export function Numbers({
  figures,
  foot,
}: {
  readonly figures: readonly LabelledNumber[]
  readonly foot?: LabelledNumber | undefined
}) {
  return (
    <dl
      className={`numbers selectable${figures.length === 6 ? ' six' : figures.length === 7 ? ' seven' : ''}`}
      style={{ margin: 0 }}
    >
      {figures.map(({ label, value, note, hint }) => (
        <div key={label} title={hint}>
          <dt>{label}</dt>
          <dd>
            {value}
            {note !== undefined && <small title={note}>{note}</small>}
          </dd>
        </div>
      ))}
      {foot !== undefined && (
        <div className="foot" title={foot.hint}>
          <dt>{foot.label}</dt>
          <dd>
            {foot.value} <small>{foot.note}</small>
          </dd>
        </div>
      )}
    </dl>
  )
}
