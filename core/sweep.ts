/** One setting that a sweep varies: the settings as `PATH=VALUE`, in the order in which they were given. */
export type Grid = readonly string[]

/**
 * Every combination of one setting of each grid; the last grid varies fastest. Without grids there is one combination,
 * of nothing.
 */
export const combinations = (grids: readonly Grid[]): readonly (readonly string[])[] =>
  grids.reduce<readonly (readonly string[])[]>(
    (made, grid) => made.flatMap((one) => grid.map((setting) => [...one, setting])),
    [[]],
  )

/**
 * `PATH=V1,V2,…` as the settings `PATH=V1`, `PATH=V2`, …; commas inside brackets, braces and quotes belong to a value.
 */
export function gridFrom(text: string): Grid {
  const at = text.indexOf('=')
  if (at <= 0) return []
  const values: string[] = []
  let [value, depth, quoted] = ['', 0, false]
  for (const character of text.slice(at + 1)) {
    if (character === '"') quoted = !quoted
    if (!quoted && '[{'.includes(character)) depth++
    if (!quoted && ']}'.includes(character)) depth--
    if (character === ',' && depth === 0 && !quoted) {
      values.push(value)
      value = ''
    } else value += character
  }
  return [...values, value]
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map((one) => `${text.slice(0, at).trim()}=${one}`)
}

/**
 * Why the values of a grid cannot be what was meant: a comma that was typed inside a number made two of it. Null where
 * nothing looks so.
 */
export function gridProblem(grid: Grid): string | null {
  const values = grid.map((setting) => setting.slice(setting.indexOf('=') + 1))
  const piece = values.find((value, index) => index > 0 && /^0\d+$/.test(value))
  if (piece !== undefined)
    return (
      `a comma stands between values, so ${values[values.indexOf(piece) - 1] ?? ''},${piece} is two of them: ` +
      'write numbers without commas inside'
    )
  const twice = values.find((value, index) => values.indexOf(value) !== index)
  return twice === undefined
    ? null
    : `the value ${twice} stands there twice: a comma stands between values, never inside a number`
}
