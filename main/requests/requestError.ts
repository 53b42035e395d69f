import { errorText } from '../../core/errorText'
import type { Issue } from '../../core/issue'

/**
 * A request that is refused: what is wrong, one sentence per field. It reaches the window and the terminal as it is.
 */
export class RequestError extends Error {
  readonly issues: readonly Issue[]

  constructor(issues: readonly Issue[]) {
    super(issues.map(({ path, message }) => (path === '' ? message : `${path} ${message}`)).join('; '))
    this.name = 'RequestError'
    this.issues = issues
  }
}

/** A refusal that is about no single field. */
export const requestError = (message: string): RequestError => new RequestError([{ path: '', message }])

/** What went wrong, as the issues of a reply: never a stack, never a thrown string. */
export const issuesOf = (error: unknown): readonly Issue[] =>
  error instanceof RequestError ? error.issues : [{ path: '', message: errorText(error) }]
