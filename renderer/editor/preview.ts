import type { RunConfig } from '../../core/config/config'
import { parseConfig } from '../../core/config/parse'
import type { DatasetInfo } from '../../core/datasetInfo'
import { valueAt } from '../../core/fields'
import type { Issue } from '../../core/issue'
import type { Plan } from '../../core/plan/plan'
import { contradictions, planRun } from '../../core/plan/plan'
import type { Draft } from './draft'
import { inspectionOf } from './inspection'

/** What follows from a draft: computed by the same functions as the training itself. */
export interface Preview {
  /** The config, when the schema allows every value: it can be saved, if not started. */
  readonly config: RunConfig | null
  readonly info: DatasetInfo | null
  readonly plan: Plan | null
  /** What is wrong, by field. */
  readonly issues: readonly Issue[]
  readonly warnings: readonly Issue[]
  /** Whether it is the data set that could not be read: it may be there by now. */
  readonly unreadable: boolean
  /** Why it cannot be started; empty when it can. */
  readonly blocked: string
}

/** What follows from a draft, with what is known of its data set at the moment. */
export function previewOf(draft: Draft): Preview {
  const parsed = parseConfig(draft.input)
  if (!parsed.ok)
    return refused(
      parsed.issues.map((issue) => friendlier(issue, draft.input)),
      null,
      null,
    )
  const config = parsed.value
  const inspection = inspectionOf(config.data)
  if (inspection.state === 'refused') return { ...refused(inspection.issues, config, null), unreadable: true }
  if (inspection.state === 'unknown')
    return {
      config,
      info: null,
      plan: null,
      issues: [],
      warnings: [],
      unreadable: false,
      blocked: 'The data set is still being read',
    }
  const { info } = inspection
  const issues = contradictions(config, info)
  if (issues.length > 0) return refused(issues, config, info)
  const plan = planRun(config, info)
  return { config, info, plan, issues, warnings: plan.warnings, unreadable: false, blocked: '' }
}

const refused = (issues: readonly Issue[], config: RunConfig | null, info: DatasetInfo | null): Preview => ({
  config,
  info,
  plan: null,
  issues,
  warnings: [],
  unreadable: false,
  blocked: issues.length === 1 ? 'One setting needs attention' : `${issues.length} settings need attention`,
})

// "must be a string, found nothing" is true of an empty path, but says little to a person who has just chosen the kind
// of data.
const friendlier = (issue: Issue, input: unknown): Issue =>
  issue.path.endsWith('source.path') && !valueAt(input, issue.path)
    ? { ...issue, message: 'Choose a file or folder' }
    : issue

/** The issues at a setting, or at a value inside it; a group gets those that no member of it can show. */
export const issuesAt = (issues: readonly Issue[], path: string): readonly Issue[] =>
  issues.filter((issue) => issue.path === path || issue.path.startsWith(`${path}.`))
