import { leftOut, seenByOne } from '../../../core/evaluation'
import { significantDifference } from '../../../core/measure'
import { mcnemar, outcomesOf } from '../../../core/outcomes'
import { formatCount, formatPercent, significant } from '../../../core/numbers'
import { findCheckpoint } from '../checkpointArgument'
import { defineCommand } from '../command'
import { brief, evaluationOptions, measuringOf, splitFrom, tellWarnings } from '../evaluation'
import { failed } from '../failure'
import { runJobHere } from '../jobs'
import { libraryOptions } from '../libraryAccess'
import { foldersFor, libraryFolder } from '../paths'
import { table } from '../format'

export const compare = defineCommand({
  options: {
    ...evaluationOptions,
    json: { type: 'boolean', help: "One JSON value: both evaluations, which images differ, McNemar's p" },
    ...libraryOptions,
  },
  notes: [
    'Both are measured on the images of the first, each network fed as it was trained; classes are matched by ' +
      'name. “Fixed” images are right with the second only, “broken” ones with the first only.',
  ],
  positionals: ['CHECKPOINT', 'CHECKPOINT'],
  run: async ({ split, dataset, set, unseen, json, dir }, [first = '', second = ''], terminal) => {
    const measured = splitFrom(split)
    const a = await findCheckpoint(first, dir, terminal)
    const b = await findCheckpoint(second, dir, terminal)
    const folders = foldersFor(libraryFolder(dir))
    const [one, other] = await runJobHere(
      { type: 'evaluate', ...measuringOf([a, b], dataset, set), split: measured, unseen, folders },
      terminal,
    )
    if (one === undefined || other === undefined)
      throw failed('The trainer answered for fewer checkpoints than it was asked about')
    const named = [
      { name: a.label === b.label ? `${a.label} (first)` : a.label, evaluation: one },
      { name: b.label, evaluation: other },
    ] as const
    const warnings = tellWarnings(named, terminal)
    const { onlyA: broken, onlyB: fixed, both, neither } = outcomesOf(one, other)
    const p = mcnemar(broken.length, fixed.length)
    const result = {
      split: measured,
      images: one.score.images,
      a: brief(a, one),
      b: brief(b, other),
      accuracyDifference: other.score.accuracy - one.score.accuracy,
      significantDifference: significantDifference(one.score.accuracy, other.score.accuracy, one.score.images),
      fixed: fixed.length,
      broken: broken.length,
      bothRight: both,
      bothWrong: neither.length,
      p,
      leftOut: leftOut([one, other]),
      caveat: seenByOne(...named),
      warnings,
    }
    const placesOf = (indices: readonly number[]): readonly number[] =>
      indices.map((index) => one.images[index] ?? index)
    if (json) terminal.printJson({ ...result, fixedImages: placesOf(fixed), brokenImages: placesOf(broken) })
    else terminal.print(describe(result))
    return 0
  },
})

interface Result {
  readonly split: string
  readonly images: number
  readonly a: ReturnType<typeof brief>
  readonly b: ReturnType<typeof brief>
  readonly accuracyDifference: number
  readonly fixed: number
  readonly broken: number
  readonly bothRight: number
  readonly bothWrong: number
  readonly p: number
  /** Images that were left out because one of the two was trained on them. */
  readonly leftOut: number
  /** Why p says nothing about unseen images; empty when it does. */
  readonly caveat: string
}

const differenceText = (difference: number): string =>
  difference === 0
    ? 'as accurate'
    : `${significant(Math.abs(100 * difference), 3)} points ${difference > 0 ? 'more' : 'less'} accurate`

const describe = ({
  split,
  images,
  a,
  b,
  accuracyDifference,
  fixed,
  broken,
  bothRight,
  bothWrong,
  p,
  leftOut: left,
  caveat,
}: Result): string =>
  [
    table(
      ['checkpoint', 'epoch#', 'accuracy#', 'loss#'],
      [a, b].map(({ checkpoint, epoch, accuracy, loss }) => [
        checkpoint,
        String(epoch),
        formatPercent(accuracy),
        significant(loss),
      ]),
    ),
    '',
    `On ${formatCount(images)} ${split} images` +
      `${left === 0 ? '' : ` (${formatCount(left)} that one of the two was trained on are left out)`} the second is ` +
      `${differenceText(accuracyDifference)}:`,
    `  ${formatCount(fixed)} fixed, ${formatCount(broken)} broken, ${formatCount(bothRight)} right with both, ` +
      `${formatCount(bothWrong)} wrong with both`,
    `  McNemar's exact p = ${significant(p, 3)}${p < 0.05 ? '' : ': these images do not tell the two apart'}`,
    ...(caveat === '' ? [] : [`  ${caveat}${left === 0 ? ' (--unseen leaves those out)' : ''}`]),
  ].join('\n')
