/**
 * A value as a cell of a CSV file, with numbers as the shortest text that reads back as the same number. A gap is an
 * empty cell.
 */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined || Number.isNaN(value)) return ''
  if (typeof value === 'number') return String(value)
  const text = String(value)
  // A spreadsheet would run a cell that begins like a formula; a number may begin with its sign.
  const isFormula = /^\s*[=+\-@]|^[\t\r\n]/.test(text) && !/^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)
  const safe = isFormula ? `'${text}` : text
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
