import { leftOut, type Evaluation } from '../../../core/evaluation'
import { formatCount, formatPercent, significant } from '../../../core/numbers'
import { findCheckpoint } from '../checkpointArgument'
import { defineCommand } from '../command'
import { brief, evaluationOptions, measuringOf, splitFrom, tellWarnings } from '../evaluation'
import { failed } from '../failure'
import { runJobHere } from '../jobs'
import { libraryOptions } from '../libraryAccess'
import { foldersFor, libraryFolder } from '../paths'
import { table } from '../format'

export const evaluate = defineCommand({
  options: {
    ...evaluationOptions,
    predictions: { type: 'boolean', help: 'With --json: the true and the predicted class of every image too' },
    json: { type: 'boolean', help: 'One JSON value' },
    ...libraryOptions,
  },
  positionals: ['CHECKPOINT'],
  run: async ({ split, dataset, set, unseen, predictions, json, dir }, [wanted = ''], terminal) => {
    const measured = splitFrom(split)
    const checkpoint = await findCheckpoint(wanted, dir, terminal)
    const folders = foldersFor(libraryFolder(dir))
    const [evaluation] = await runJobHere(
      { type: 'evaluate', ...measuringOf([checkpoint], dataset, set), split: measured, unseen, folders },
      terminal,
    )
    if (evaluation === undefined) throw failed('The trainer gave no answer')
    const { labels, predictions: answers, images } = evaluation
    const warnings = tellWarnings([{ name: checkpoint.label, evaluation }], terminal)
    if (json)
      terminal.printJson({
        ...brief(checkpoint, evaluation),
        leftOut: leftOut([evaluation]),
        warnings,
        ...(predictions ? { places: images, labels, predictions: answers } : {}),
      })
    else terminal.print(describe(checkpoint.label, evaluation))
    return 0
  },
})

function describe(label: string, evaluation: Evaluation): string {
  const { score, split, moment, classes, confusion } = evaluation
  const left = leftOut([evaluation])
  const rows = classes.map((name, index) => {
    const row = confusion[index] ?? []
    const total = row.reduce((sum, value) => sum + value, 0)
    const [wrong] = row
      .map((value, other) => ({ value, other }))
      .filter(({ other, value }) => other !== index && value > 0)
      .sort((a, b) => b.value - a.value)
    return [
      name,
      formatCount(total),
      formatPercent(total > 0 ? (row[index] ?? 0) / total : null),
      wrong === undefined ? '' : `${classes[wrong.other] ?? ''} (${wrong.value})`,
    ]
  })
  return [
    `${label}, epoch ${moment.epoch}, update ${formatCount(moment.update)}: ${formatPercent(score.accuracy)} of ` +
      `${formatCount(score.images)} ${split} images right, loss ` +
      `${significant(score.loss)}${left === 0 ? '' : `; ${formatCount(left)} that it was trained on are left out`}`,
    '',
    table(['class', 'images#', 'right#', 'most often taken for'], rows),
  ].join('\n')
}
