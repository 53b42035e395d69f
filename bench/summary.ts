import type { StartFigures, WindowFigures } from './app'
import type { MeasurementResults } from './job'
import { formatBytes, formatCount, significant } from '../core/numbers'

// Three digits where no other number is given.
const digits = (value: number, most = 3): string => significant(value, most)

const percent = (fraction: number): string => `${digits(100 * fraction, 2)} %`
const signed = (fraction: number): string => `${fraction < 0 ? '' : '+'}${percent(fraction)}`

const memorySample = ({ updates, rssBytes }: MeasurementResults['memory']['samples'][number]): string =>
  `${formatBytes(rssBytes)} after ${formatCount(updates)} updates`

/** What each measurement says to people, one thing a line. */
export const summaries: {
  readonly [N in keyof MeasurementResults]: (found: MeasurementResults[N]) => readonly string[]
} = {
  input: ({ network, batchSize, updateMs, augmentations }) => [
    `Input: filling a batch of ${batchSize} images of 32×32 pixels, beside an update of ${network} ` +
      `(${digits(updateMs)} ms)`,
    ...augmentations.map(
      ({ name, batchMs, imageUs, share }) =>
        `  ${name}: ${digits(batchMs)} ms, ${digits(imageUs)} µs an image, ${percent(share)} of the update`,
    ),
  ],
  events: ({ network, batchSize, updateMs, updatesPerEvent, trainerUs, trainerShare, mainUs, lineBytes }) => [
    `Events: telling of an update of ${network} at batch ${batchSize} (${digits(updateMs)} ms), ` +
      `${updatesPerEvent} to an event of ${lineBytes} bytes`,
    `  point, event, line in the log, message: ${digits(trainerUs)} µs, ${percent(trainerShare)} of the ` +
      `update; folding it into the record, in another process: ${digits(mainUs)} µs`,
  ],
  store: ({ appendUs, syncMs, libraryChangeMs, runs, checkpoint }) => [
    'Store: on the disk that holds temporary files',
    `  an event in the log: ${digits(appendUs)} µs, made safe against a power cut in ${digits(syncMs)} ms; a ` +
      `change of a library of ${runs} runs: ${digits(libraryChangeMs)} ms`,
    `  a checkpoint of ${checkpoint.network} (${checkpoint.parameters} weights, ` +
      `${formatBytes(checkpoint.bytes)}) stops training for ${digits(checkpoint.stoppedMs)} ms, ` +
      `${digits(checkpoint.readMs)} ms of it for reading weights and slots, and is on the disk after ` +
      `${digits(checkpoint.writtenMs)} ms`,
  ],
  memory: ({ network, samples, growthTo10000, growthTo20000 }) => [
    `Memory: of a whole training of ${network}, log, epochs and checkpoints included`,
    `  ${samples.map(memorySample).join(', ')}`,
    `  from 1,000 to 10,000 updates ${signed(growthTo10000)}, from 10,000 to 20,000 ${signed(growthTo20000)}`,
  ],
  capture: ({ network, batchSize, passes, captureSeconds, eagerSeconds, firstUpdateMs, updateMs }) => [
    `Capture: ${network} at batch ${batchSize}, all ${passes} passes of a run: ${digits(captureSeconds)} s ` +
      `(without capturing ${digits(eagerSeconds)} s); the first update ${digits(firstUpdateMs)} ms, the next ` +
      `${digits(updateMs)} ms`,
  ],
}

export const startSummary = ({
  electron,
  display,
  loadedMs,
  medianLoadedMs,
  firstPaintMs,
}: StartFigures): readonly string[] => [
  `Start: ${digits(medianLoadedMs)} ms from launch to the loaded page (median of ${loadedMs.length}; ` +
    `${loadedMs.map((ms) => digits(ms)).join(', ')}), ` +
    `first paint ${firstPaintMs === null ? 'not seen' : `${digits(firstPaintMs)} ms into it`}; Electron ` +
    `${electron}${display === 'virtual' ? ', on a virtual display' : ''}`,
]

/** Every figure of the window's measurements by its path. */
export const windowSummary = (figures: WindowFigures): readonly string[] => ['Window:', ...flattened(figures, '')]

const shown = (value: unknown): string => (typeof value === 'number' ? digits(value, 4) : String(value))

const flattened = (value: unknown, path: string): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [`  ${path}: ${shown(value)}`]
  const entries = Object.entries(value)
  const isFlat = path !== '' && entries.every(([, one]) => typeof one !== 'object' || one === null)
  if (isFlat) return [`  ${path}: ${entries.map(([name, one]) => `${name} ${shown(one)}`).join(', ')}`]
  return entries.flatMap(([name, one]) => flattened(one, path === '' ? name : `${path} › ${name}`))
}
