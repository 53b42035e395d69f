/** A table with its heading. */
export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A cell: words as they are, numbers with six significant digits. */
export const shownNumber = (value: string | number): string =>
  typeof value === 'string' ? value : String(Number(value.toPrecision(6)))
