/** The config field that a refusal of a file is about. */
export const sourcePath = 'data.source.path'

/** A data set that cannot be used as it is: the config field it is about, and a sentence with what was expected and found. */
export class DataRefused extends Error {
  override readonly name = 'DataRefused'

  constructor(readonly path: string, message: string) {
    super(message)
  }
}

/** A caught error as half a sentence. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
