import type { Field } from '../../core/fields'
import { valueAt } from '../../core/fields'
import type { Issue } from '../../core/issue'

/** One section of the editor: a heading and the settings in it. */
export interface Section {
  readonly title: string
  readonly fields: readonly Field[]
}

// Which settings stand under which heading; the longest path that fits decides, so a setting can be moved out of its
// group.
const plan: readonly (readonly [title: string, paths: readonly string[]])[] = [
  ['Data', ['data']],
  ['Network', ['network', 'networkOptions']],
  ['Batch', ['batchSize', 'batch']],
  ['Learning rate', ['learningRate']],
  ['Optimizer', ['optimizer']],
  [
    'Regularisation',
    [
      'regularisation',
      'data.augmentation',
      'networkOptions.dropout',
      'optimizer.weightDecay',
      'optimizer.decay',
      'optimizer.decayNormAndBias',
    ],
  ],
  ['Evaluation and early stopping', ['epochs', 'earlyStopping']],
  ['Checkpoints', ['checkpoints']],
  ['Diagnostics', ['diagnostics']],
  ['Reproducibility', ['seed', 'data.splitSeed']],
  ['Engine', ['engine']],
]
const paths = plan.flatMap(([, own]) => own)

/** Paths that stand under another heading than the group they belong to. */
export const movedPaths: ReadonlySet<string> = new Set(
  paths.filter((path) => paths.some((other) => path.startsWith(`${other}.`))),
)

/** The form's sections, made from the schema's fields; a setting that no section names comes last, under More. */
export function sectionsOf(fields: readonly Field[]): readonly Section[] {
  const known = new Map<string, Field>()
  const index = (some: readonly Field[]): void => {
    for (const field of some) {
      if (!known.has(field.path)) known.set(field.path, field)
      index(field.fields)
      for (const option of field.options) index(option.fields)
    }
  }
  index(fields)
  const sections = plan.map(([title, own]) => ({ title, fields: own.flatMap((path) => known.get(path) ?? []) }))
  const more = fields.filter(({ path }) => path !== 'name' && !paths.includes(path))
  return more.length === 0 ? sections : [...sections, { title: 'More', fields: more }]
}

/** The members of a group or of a variant's kind that are not shown under another heading. */
export const ownMembers = (fields: readonly Field[]): readonly Field[] =>
  fields.filter(({ path }) => !movedPaths.has(path))

interface Box {
  readonly path: string
  readonly isVariant: boolean
}

// The boxes that the form shows, with the kinds that are chosen in it.
function shownBoxes(fields: readonly Field[], input: unknown): readonly Box[] {
  return fields.flatMap((field): readonly Box[] => {
    if (field.kind === 'group') return shownBoxes(field.fields, input)
    if (field.kind !== 'variant') return [{ path: field.path, isVariant: false }]
    const chosen = valueAt(input, `${field.path}.type`) ?? valueAt(field.initial, 'type')
    return [
      { path: field.path, isVariant: true },
      ...shownBoxes(field.options.find(({ value }) => value === chosen)?.fields ?? [], input),
    ]
  })
}

/** Issues that no box can show: about a whole group, about a setting that there is not, about everything. */
export function homeless(issues: readonly Issue[], fields: readonly Field[], input: unknown): readonly Issue[] {
  const boxes = shownBoxes(fields, input)
  return issues.filter(
    ({ path }) =>
      !boxes.some(
        (box) => path === box.path || (box.isVariant ? path === `${box.path}.type` : path.startsWith(`${box.path}.`)),
      ),
  )
}

/** The section that holds the setting at a path, by its title. */
export function sectionOfPath(path: string): string {
  const holds = (own: string): boolean => path === own || path.startsWith(`${own}.`)
  let best: readonly [title: string, length: number] = ['More', 0]
  for (const [title, own] of plan)
    for (const one of own) if (holds(one) && one.length > best[1]) best = [title, one.length]
  return best[0]
}
