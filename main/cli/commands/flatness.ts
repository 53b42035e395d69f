import type { FlatnessReport, LinePoint } from '../../../core/flatness/report'
import { interpolationPlaces } from '../../../core/flatness/line'
import { formatCount, formatPercent, significant } from '../../../core/numbers'
import { findCheckpoint } from '../checkpointArgument'
import { defineCommand, wholeNumber } from '../command'
import { evaluationOptions, measuringOf } from '../evaluation'
import { badInput } from '../failure'
import { runJobHere } from '../jobs'
import { libraryOptions } from '../libraryAccess'
import { foldersFor, libraryFolder } from '../paths'
import { table } from '../format'

const usualImages = 1000
const usualSteps = 50

export const flatness = defineCommand({
  options: {
    images: { type: 'string', value: 'N', help: `Measure on at most so many training images (${usualImages})` },
    iterations: { type: 'string', value: 'N', help: `Steps of each power iteration at most (${usualSteps})` },
    dataset: evaluationOptions.dataset,
    set: evaluationOptions.set,
    csv: { type: 'boolean', help: 'Print the line between two checkpoints as CSV' },
    json: { type: 'boolean', help: 'One JSON value' },
    ...libraryOptions,
  },
  notes: [
    'Sharpness is that of Keskar et al. 2016 (metric 2.1), searched in 10 steps of projected gradient ascent, ' +
      'so a lower bound; the curvature is found by power iteration.',
    "Batch norm's statistics are fixed and nothing is dropped or augmented; on the line between two " +
      'checkpoints they are estimated anew at each point.',
  ],
  positionals: ['CHECKPOINT', '[CHECKPOINT]'],
  run: async ({ images, iterations, dataset, set, csv, json, dir }, [first = '', second], terminal) => {
    const wanted = second === undefined ? [first] : [first, second]
    if (csv && second === undefined)
      throw badInput('--csv prints the line between two checkpoints, found one checkpoint')
    const found = []
    for (const one of wanted) found.push(await findCheckpoint(one, dir, terminal))
    const [a, b] = found
    if (a === undefined) throw badInput('Name a checkpoint')
    if (b !== undefined && a.metadata.config.seed !== b.metadata.config.seed)
      terminal.say('The two began with different seeds, so from different weights: a barrier between them says little')
    const report = await runJobHere(
      {
        type: 'flatness',
        ...measuringOf(found, dataset, set),
        folders: foldersFor(libraryFolder(dir)),
        settings: {
          images: images === undefined ? usualImages : wholeNumber('images', images, 1),
          powerSteps: iterations === undefined ? usualSteps : wholeNumber('iterations', iterations, 1),
          epsilons: [1e-3, 5e-4],
          ascentSteps: 10,
          places: interpolationPlaces,
        },
      },
      terminal,
    )
    for (const warning of report.warnings) terminal.say(warning)
    const labels = found.map(({ label }) => label)
    if (json)
      terminal.printJson({
        ...report,
        checkpoints: report.checkpoints.map((one, i) => ({ checkpoint: labels[i], ...one })),
      })
    else if (csv) terminal.print(lineAsCsv(report.line))
    else terminal.print(describe(labels, report))
    return 0
  },
})

const lineAsCsv = (line: readonly LinePoint[]): string =>
  [
    'alpha,train_loss,train_accuracy,test_loss,test_accuracy',
    ...line.map(({ place, trainLoss, trainAccuracy, testLoss, testAccuracy }) =>
      [place, trainLoss, trainAccuracy, testLoss ?? '', testAccuracy ?? ''].join(','),
    ),
  ].join('\n')

function describe(labels: readonly string[], { images, testImages, checkpoints, line }: FlatnessReport): string {
  const rows = checkpoints.map(({ moment, loss, accuracy, sharpness, largest, smallest, threshold }, i) => [
    labels[i] ?? '',
    String(moment.epoch),
    significant(loss),
    formatPercent(accuracy),
    ...sharpness.map((box) => significant(box.percent, 3)),
    `${significant(largest.value, 3)}${largest.converged ? '' : ' *'}`,
    `${significant(smallest.value, 3)}${smallest.converged ? '' : ' *'}`,
    threshold === null ? '–' : significant(threshold, 3),
  ])
  const boxes = (checkpoints[0]?.sharpness ?? []).map(({ epsilon }) => `φ ${epsilon.toExponential()}, %#`)
  const unsettled = checkpoints.some(({ largest, smallest }) => !largest.converged || !smallest.converged)
  return [
    `On ${formatCount(images)} training images:`,
    '',
    table(['checkpoint', 'epoch#', 'loss#', 'accuracy#', ...boxes, 'λ max#', 'λ min#', 'stable below#'], rows),
    '',
    ...(unsettled
      ? [
          '* had not settled when its iterations ran out, so a λ max is too low and a λ min too high; ' +
            '--iterations allows more',
          '',
        ]
      : []),
    ...checkpoints.flatMap(({ largest, otherLengths: [shorter, longer], threshold, learningRate }, i) => [
      `${labels[i] ?? ''}: λ max with a third and three times the difference: ${significant(shorter, 3)}, ` +
        `${significant(longer, 3)}`,
      ...(threshold === null
        ? []
        : [
            `  At the last rate ${significant(learningRate)}, full-batch descent is stable below ` +
              `${significant(threshold, 3)}: λ max is ${significant(largest.value / threshold, 2)} times that`,
          ]),
    ]),
    ...(line.length === 0
      ? []
      : [
          '',
          `Between the first (α = 0) and the second (α = 1), test on ${formatCount(testImages)} images:`,
          '',
          lineTable(line),
        ]),
  ].join('\n')
}

const lineTable = (line: readonly LinePoint[]): string =>
  table(
    ['α#', 'train loss#', 'train accuracy#', 'test loss#', 'test accuracy#'],
    line.map(({ place, trainLoss, trainAccuracy, testLoss, testAccuracy }) => [
      String(place),
      significant(trainLoss),
      formatPercent(trainAccuracy),
      testLoss === null ? '–' : significant(testLoss),
      formatPercent(testAccuracy),
    ]),
  )
