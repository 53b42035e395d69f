import { join } from 'node:path'
import { bestEpoch } from '../../../core/best'
import { secondsPerEpoch } from '../../../core/runStatistics'
import { runName } from '../../../core/names'
import { formatClock, formatCount, formatPercent, significant } from '../../../core/numbers'
import { version } from '../../../package.json'
import { reportHtml } from '../../exports/report'
import { durableWrite } from '../../files/durableWrite'
import { openLibrary } from '../../library/library'
import { defineCommand } from '../command'
import { configOptions, readConfig } from '../configInput'
import type { ExitCode } from '../failure'
import { writingOptions } from '../libraryAccess'
import { libraryFolder } from '../paths'
import { printEnding, trainHere } from '../training'

export const demo = defineCommand({
  options: {
    set: configOptions.set,
    json: { type: 'boolean', help: 'One JSON value: accuracies, times, and where everything lies' },
    ...writingOptions,
  },
  notes: [
    'Trains a small network on 1,797 real handwritten digits that come with the program: seconds with ' +
      'TensorFlow, about a minute without.',
  ],
  positionals: [],
  run: async ({ set, json, dir, 'take-over': takeOver }, _, terminal): Promise<ExitCode> => {
    const config = await readConfig(undefined, { preset: 'demo', set })
    const outcome = await trainHere({
      dir,
      takeOver,
      json: false,
      terminal,
      begin: async (queue) => await queue.start(config, null),
    })
    const { run, folder, code } = outcome
    if (code !== 0) return printEnding(outcome, false, terminal)
    const report = join(folder, 'report.html')
    const library = await openLibrary(libraryFolder(dir), { readOnly: true })
    const traced = { run, trace: await library.readTrace(run.id) }
    await durableWrite(report, Buffer.from(reportHtml([{ traced, label: runName(run) }], { version, at: new Date() })))
    const best = bestEpoch(run)
    const checkpoints = join(folder, 'checkpoints')
    if (json) {
      terminal.printJson({
        run: run.id,
        engine: run.engine?.name ?? null,
        testAccuracy: run.test.best?.score.accuracy ?? null,
        testCheckpointEpoch: run.test.best?.epoch ?? null,
        lastTestAccuracy: run.test.last?.score.accuracy ?? null,
        testImages: run.test.best?.score.images ?? null,
        bestEpoch: best?.epoch ?? null,
        bestValidationAccuracy: best?.validation?.accuracy ?? null,
        epochs: run.moment.epoch,
        updates: run.moment.update,
        trainingSeconds: run.moment.seconds,
        secondsPerEpoch: secondsPerEpoch(run) ?? 0,
        library: libraryFolder(dir),
        runFolder: folder,
        checkpoints,
        report,
      })
      return 0
    }
    terminal.print(
      [
        `Trained ${run.config.network.type} (${formatCount(run.parameters)} parameters) on ` +
          `${formatCount(run.facts?.counts.train)} real digits with ${run.engine?.name ?? 'no engine'} on ` +
          `${run.engine?.device ?? 'nothing'}.`,
        '',
        `  test accuracy    ${formatPercent(run.test.best?.score.accuracy)} of ` +
          `${formatCount(run.test.best?.score.images)} test images, with the checkpoint of epoch ` +
          `${run.test.best?.epoch ?? '–'} (chosen by validation ` +
          'accuracy, never by test)',
        `                   ${formatPercent(run.test.last?.score.accuracy)} with the last weights, epoch ` +
          `${run.test.last?.epoch ?? '–'}`,
        `  best epoch       ${best?.epoch ?? '–'}, validation accuracy ${formatPercent(best?.validation?.accuracy)} ` +
          `of ${formatCount(best?.validation?.images)} images`,
        `  time per epoch   ${significant(secondsPerEpoch(run), 3)} s (${formatCount(run.moment.epoch)} epochs, ` +
          `${formatCount(run.moment.update)} updates, ${formatClock(run.moment.seconds)} of training)`,
        '',
        `  run folder       ${folder}`,
        `  checkpoints      ${checkpoints}`,
        `  report           ${report}`,
        '',
        'The window shows the run (npm start); without one: npx batchlab show ' +
          `${run.id}${dir === undefined ? '' : ` --dir ${dir}`}`,
      ].join('\n'),
    )
    return 0
  },
})
