import type { Evaluation } from '../../../core/job'
import { findCheckpoint } from '../checkpointArgument'
import { defineCommand } from '../command'
import { brief, evaluationOptions, measuringConfig, splitFrom } from '../evaluation'
import { failed } from '../failure'
import { runJob } from '../jobs'
import { libraryOptions } from '../libraryAccess'
import { foldersFor, libraryFolder } from '../places'
import { amount, count, percent, table } from '../wording'

export const evaluate = defineCommand({
  options: {
    ...evaluationOptions,
    predictions: { type: 'boolean', help: 'With --json: the true and the predicted class of every image too' },
    json: { type: 'boolean', help: 'One JSON value' },
    ...libraryOptions,
  },
  positionals: ['CHECKPOINT'],
  run: async ({ split, dataset, set, predictions, json, dir }, [wanted = ''], terminal) => {
    const measured = splitFrom(split)
    const checkpoint = await findCheckpoint(wanted, dir, terminal)
    const { data, engine } = measuringConfig(checkpoint, dataset, set)
    const [evaluation] = await runJob({ type: 'evaluate', checkpoints: [{ path: checkpoint.path }], split: measured, data, engine, folders: foldersFor(libraryFolder(dir)) }, terminal)
    if (evaluation === undefined) throw failed('The trainer gave no answer')
    const { labels, predictions: answers } = evaluation
    if (json) terminal.printJson({ ...brief(checkpoint, evaluation), ...(predictions ? { labels, predictions: answers } : {}) })
    else terminal.print(describe(checkpoint.label, evaluation))
    return 0
  },
})

function describe(label: string, { score, split, moment, classes, confusion }: Evaluation): string {
  const rows = classes.map((name, index) => {
    const row = confusion[index] ?? []
    const total = row.reduce((sum, value) => sum + value, 0)
    const [wrong] = row.map((value, other) => ({ value, other })).filter(({ other, value }) => other !== index && value > 0).sort((a, b) => b.value - a.value)
    return [name, count(total), percent(total > 0 ? (row[index] ?? 0) / total : null), wrong === undefined ? '' : `${classes[wrong.other] ?? ''} (${wrong.value})`]
  })
  return [
    `${label}, epoch ${moment.epoch}, update ${count(moment.update)}: ${percent(score.accuracy)} of ${count(score.images)} ${split} images right, loss ${amount(score.loss)}`,
    '', table(['class', 'images#', 'right#', 'most often taken for'], rows),
  ].join('\n')
}
