import { rm } from 'node:fs/promises'
import { contradictions } from '../../../core/plan/plan'
import { formatCount } from '../../../core/numbers'
import { temporaryFolder } from '../../files/temporaryFolder'
import { RequestError } from '../../requests/requestError'
import { defineCommand, wholeNumber } from '../command'
import { configOptions, readConfig } from '../configInput'
import { foldersFor } from '../paths'
import { planInputs } from '../planInputs'
import { compareTrainings } from '../resumeComparison'
import { trainStraight, trainWithPause } from '../resumeCheck'

export const verifyResume = defineCommand({
  options: {
    ...configOptions,
    epochs: { type: 'string', value: 'N', help: "Train so many epochs instead of the config's" },
    keep: { type: 'boolean', help: 'Keep the two libraries, and say where they are' },
    json: { type: 'boolean', help: 'One JSON value' },
  },
  notes: [
    'Trains the config twice: straight, and paused in the middle of an epoch and resumed in a new process. ' +
      'Then compares every number of the',
    'traces and epoch records (but for the clock) and every tensor of the final checkpoints, bit by bit. Exit ' +
      'code 1 if any differs on a CPU.',
  ],
  positionals: ['[CONFIG]'],
  run: async ({ epochs, keep, json, ...given }, [file], terminal) => {
    const asked = await readConfig(file, given)
    const config = epochs === undefined ? asked : { ...asked, epochs: wholeNumber('epochs', epochs, 1) }
    const folder = temporaryFolder('verify')
    try {
      const { info } = await planInputs(config.data, foldersFor(folder))
      const issues = contradictions(config, info)
      if (issues.length > 0) throw new RequestError(issues)
      terminal.status('Training straight through …')
      const straight = await trainStraight(folder, config)
      terminal.status('Training with a pause …')
      const resumed = await trainWithPause(
        folder,
        config,
        (Date.parse(straight.run.endedAt ?? '') - Date.parse(straight.run.startedAt ?? '')) / 1000,
      )
      const bits = await compareTrainings(straight, resumed)
      const { engine, moment } = straight.run
      const isCpu = engine?.device.startsWith('CPU') === true
      const report = {
        engine: engine?.name ?? null,
        device: engine?.device ?? null,
        updates: moment.update,
        epochs: moment.epoch,
        pausedAt: resumed.pausedAt,
        differingBits: bits.total.differing,
        numbers: bits.total.numbers,
        trace: bits.trace,
        epochRecords: bits.epochs,
        weights: bits.weights,
      }
      terminal.status('')
      if (json) terminal.printJson(report)
      else {
        terminal.print(
          [
            `${report.differingBits} differing bits in ${formatCount(report.numbers)} numbers`,
            `  ${formatCount(bits.trace.numbers)} of the traces: ${formatCount(bits.trace.differing)}; ` +
              `${formatCount(bits.epochs.numbers)} of the epochs and tests: ${formatCount(bits.epochs.differing)}; ` +
              `${formatCount(bits.weights.numbers)} of the final tensors: ${formatCount(bits.weights.differing)}`,
            `  ${formatCount(moment.update)} updates in ${moment.epoch} epochs with ${report.engine ?? 'no engine'} ` +
              `on ${report.device ?? 'nothing'}, paused at update ${formatCount(resumed.pausedAt.update)} (image ` +
              `${formatCount(resumed.pausedAt.position)} of epoch ${resumed.pausedAt.epoch + 1}) and resumed in ` +
              'a new process',
          ].join('\n'),
        )
      }
      return report.differingBits > 0 && isCpu ? 1 : 0
    } finally {
      if (keep) terminal.say(`The two libraries are in ${folder}`)
      else await rm(folder, { recursive: true, force: true })
    }
  },
})
