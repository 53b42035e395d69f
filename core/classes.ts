const fewClasses = 8
const fewNames = 5

/**
 * For each class of the first list its place in the second; null unless both hold the same names. Lists that are the
 * same stay as they are.
 */
export function classPlaces(from: readonly string[], to: readonly string[]): readonly number[] | null {
  if (from.length !== to.length) return null
  if (from.every((name, index) => name === to[index])) return from.map((_, index) => index)
  const places = new Map(to.map((name, index) => [name, index]))
  // Where a name is there twice, nobody can say which is meant.
  if (places.size !== to.length || new Set(from).size !== from.length) return null
  const found = from.map((name) => places.get(name))
  return found.every((place) => place !== undefined) ? found : null
}

const quoted = (names: readonly string[]): string =>
  names.map((name) => `“${name.length > 40 ? `${name.slice(0, 39)}…` : name}”`).join(', ')

/** A list of classes in a sentence: all of them, or of a long list those that the other one has not. */
function told(classes: readonly string[], other: readonly string[]): string {
  if (classes.length <= fewClasses) return `the ${classes.length} classes ${quoted(classes)}`
  const others = new Set(other)
  const own = classes.filter((name) => !others.has(name))
  const shown = own.length === 0 ? classes : own
  const more = shown.length > fewNames ? ` and ${shown.length - fewNames} more` : ''
  return `${classes.length} classes, ${own.length === 0 ? '' : 'among them '}${quoted(shown.slice(0, fewNames))}${more}`
}

/** Why a network and some data do not go together, with the classes of both. */
export const classesDiffer = (
  network: string,
  own: readonly string[],
  data: string,
  found: readonly string[],
): string => `${network} knows ${told(own, found)}; ${data} has ${told(found, own)}. Classes are matched by their names`
