/** One thing wrong with an input: which field, and a sentence saying what was expected and found. */
export interface Issue {
  readonly path: string
  readonly message: string
}
