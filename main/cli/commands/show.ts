import { extensionText } from '../../../core/extension'
import type { Run } from '../../../core/run'
import { sentence } from '../../../core/sentence'
import { formatBytes, formatCount } from '../../../core/numbers'
import { runName } from '../../../core/names'
import { defineCommand } from '../command'
import { libraryOptions, viewLibrary } from '../libraryAccess'
import { findRun } from '../runArgument'
import { endingLines } from '../training'
import { scored, table } from '../format'

export const showCommand = defineCommand({
  options: {
    json: { type: 'boolean', help: "One JSON value: the run's record with every epoch" },
    trace: { type: 'boolean', help: 'With --json: the trace too, as `trace`, a column per quantity' },
    ...libraryOptions,
  },
  positionals: ['RUN'],
  run: async ({ json, trace, dir }, [wanted = ''], terminal) => {
    const { library, runs } = await viewLibrary(dir, terminal)
    const found = findRun(runs, wanted)
    const { status, message } = found
    const run = { ...(await library.readRun(found.id)), status, message }
    if (json) terminal.printJson(trace ? { ...run, trace: await library.readTrace(run.id) } : run)
    else terminal.print(describe(run, library.runFolder(run.id)))
    return 0
  },
})

const asLine = (text: string): string => text.replace(/[\r\n\u2028\u2029]+/g, ' ')

function describe(run: Run, folder: string): string {
  const { engine, origin, log } = run
  const size = run.parameters === null ? 'not started yet' : `${formatCount(run.parameters)} parameters`
  // Each of these is a line, whatever was written into it.
  const info = [
    ...(run.name === '' ? [] : [run.name]),
    ...endingLines(run),
    `  ${folder}`,
    `  ${runName({ ...run, name: '' })}, ${size}${engine === null ? '' : `, ${engine.name} on ${engine.device}`}`,
    ...(origin.type === 'fork'
      ? [`  forked from ${origin.checkpoint} of run ${origin.run} at update ${origin.update}`]
      : []),
    ...(origin.type === 'weights' ? [`  began with the weights of ${origin.file}`] : []),
    ...(run.extensions ?? []).map((extension) => `  ${extensionText(extension)}`),
    ...(run.tags.length > 0 ? [`  tags: ${run.tags.join(', ')}`] : []),
  ]
  const said = log.map(
    ({ at, update, message }) =>
      `${at.slice(0, 19).replace('T', ' ')}  update ${formatCount(update)}  ${sentence(message)}`,
  )
  return [
    ...info.map(asLine),
    ...(run.notes === '' ? [] : ['', run.notes]),
    ...(run.checkpoints.length === 0
      ? []
      : [
          '',
          table(
            ['checkpoint', 'epoch#', 'update#', 'validation', 'size#'],
            run.checkpoints.map((one) => [
              one.name,
              String(one.moment.epoch),
              formatCount(one.moment.update),
              scored(one.validation),
              formatBytes(one.bytes),
            ]),
          ),
        ]),
    ...(said.length === 0 ? [] : ['', ...said.map(asLine)]),
  ].join('\n')
}
