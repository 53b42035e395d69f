/** The config field that a refusal of a file is about. */
export const sourcePath = 'data.source.path'

/**
 * A data set that cannot be used as it is: the config field it is about, and a sentence with what was expected and
 * found.
 */
export class DataError extends Error {
  override readonly name = 'DataError'

  constructor(
    readonly path: string,
    message: string,
  ) {
    super(message)
  }
}

/** Why a run cannot go on with these images, as half of a refusal. */
export const changedImages = (where: string, was: string, is: string): string =>
  `${where}: the images are not those that the run was trained on (their fingerprint was ${was.slice(0, 12)}, ` +
  `now it is ${is.slice(0, 12)}). Bring the old ones back, say where they are now, or start a new run`

/** Names between quotation marks, the first ten of them. */
export function quoted(names: Iterable<string>): string {
  const all = [...names]
  return `${all
    .slice(0, 10)
    .map((name) => `“${name}”`)
    .join(', ')}${all.length > 10 ? ` and ${all.length - 10} more` : ''}`
}

/** Words as a list, the first `most` of them. */
export const listed = (words: readonly string[], most: number): string =>
  `${words.slice(0, most).join(', ')}${words.length > most ? ', …' : ''}`
