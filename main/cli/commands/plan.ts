import { sizesInWords } from '../../../core/ghost'
import type { Issue } from '../../../core/issue'
import { samplePlan } from '../../../core/job'
import type { Plan } from '../../../core/plan/plan'
import { examplesAt } from '../../../core/plan/phases'
import { contradictions, planRun } from '../../../core/plan/plan'
import { formatCount, significant } from '../../../core/numbers'
import { RequestError } from '../../requests/requestError'
import { defineCommand, wholeNumber } from '../command'
import { configOptions, readConfig } from '../configInput'
import { badInput } from '../failure'
import { libraryOptions } from '../libraryAccess'
import { foldersFor, libraryFolder } from '../paths'
import { planInputs } from '../planInputs'
import { table } from '../format'

const mostValues = 2_000_000

export const plan = defineCommand({
  options: {
    ...configOptions,
    every: { type: 'string', value: 'N', help: 'Only the values at updates 0, N, 2N, …' },
    json: { type: 'boolean', help: 'One JSON value with the value used at each update' },
    ...libraryOptions,
  },
  notes: ['The values are those that a training uses; nothing is trained. CIFAR needs no files for this.'],
  positionals: ['[CONFIG]'],
  run: async ({ every, json, dir, ...given }, [file], terminal) => {
    const config = await readConfig(file, given)
    const step = every === undefined ? 1 : wholeNumber('every', every, 1)
    const { info, missing, about } = await planInputs(config.data, foldersFor(libraryFolder(dir)))
    const issues = contradictions(config, info)
    if (issues.length > 0) throw new RequestError(issues)
    const planned = planRun(config, info)
    const warnings: readonly Issue[] = [
      ...planned.warnings,
      ...(missing === '' ? [] : [{ path: 'data.source.path', message: missing }]),
    ]
    if (!json) {
      for (const sentence of about) terminal.print(sentence)
      terminal.print(describe(planned, warnings))
      return 0
    }
    if (planned.updates / step > mostValues)
      throw badInput(
        `This plan has ${formatCount(planned.updates)} updates: thin it out with --every ` +
          `${Math.ceil(planned.updates / 1e6) * 10} or more`,
      )
    const { update, learningRate, momentum, batchSize, noiseScale } = samplePlan(planned, step)
    terminal.printJson({
      updates: planned.updates,
      updatesPerEpoch: planned.updatesPerEpoch,
      epochs: planned.epochs,
      update,
      epoch: update.map(planned.clock.epochAt),
      examples: update.map((one) => examplesAt(planned.phases, one)),
      learningRate,
      momentum,
      batchSize,
      noiseScale,
      ghostSizes: planned.ghostSizes,
      warnings,
      data: { counts: info.counts, classes: info.classes, about },
      parameters: planned.network.parameters,
      layers: planned.network.layers,
    })
    return 0
  },
})

function describe(planned: Plan, warnings: readonly Issue[]): string {
  const { updates, epochs, network, ghostSizes } = planned
  const epochMarks = [
    ...new Set(
      [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1].map((fraction) => Math.min(epochs - 1, Math.floor(fraction * epochs))),
    ),
  ]
  return [
    `${formatCount(updates)} updates: ${formatCount(epochs)} epochs of ` +
      `${planned.phases.map((phase) => formatCount(phase.updatesPerEpoch)).join(', then ')}`,
    `${formatCount(network.parameters)} trainable parameters in ` +
      `${network.layers.filter(({ parameters }) => parameters > 0).length} layers with weights`,
    ...(ghostSizes.length > 1 ? [`Ghost batches of a full batch: ${sizesInWords(ghostSizes)} images`] : []),
    '',
    table(
      ['epoch#', 'update#', 'examples#', 'learning rate#', 'momentum#', 'batch#', 'noise scale#'],
      epochMarks.map((epoch) => {
        const update = Math.round(planned.clock.updateAt(epoch))
        return [
          String(epoch + 1),
          formatCount(update),
          formatCount(examplesAt(planned.phases, update)),
          significant(planned.learningRate(update)),
          significant(planned.momentum(update)),
          formatCount(planned.batchSize(update)),
          significant(planned.noiseScale(update)),
        ]
      }),
    ),
    ...(warnings.length > 0 ? ['', ...warnings.map(({ path, message }) => `Note: ${path} ${message}`)] : []),
  ].join('\n')
}
