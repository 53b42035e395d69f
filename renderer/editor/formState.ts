import type { Issue } from '../../core/issue'

/** What each field of the form is shown with. */
export interface FormState {
  readonly input: unknown
  readonly issues: readonly Issue[]
  readonly warnings: readonly Issue[]
  /** Paths whose values differ from those of the run that is being forked. */
  readonly changed: ReadonlySet<string>
}
