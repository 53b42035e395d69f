import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { newestCheckpoints } from '../../core/best'
import type { RunConfig } from '../../core/config/config'
import { noPoints, type TrainEvent } from '../../core/events'
import { foldTraced } from '../../core/fold'
import type { Beginning } from '../../core/job'
import { newRun, type Run, type TracedRun } from '../../core/run'
import { diskFs, type FileSystem } from '../../main/files/fs'
import { readLog } from '../../main/files/readLog'
import { loadCheckpoint } from '../../main/trainer/checkpoint'
import { trainJob } from '../../main/trainer/trainJob'

export interface Told extends TracedRun {
  readonly damaged: number
  /** Every name and update under which something was saved, whatever became of it. */
  readonly saved: ReadonlySet<string>
}

const unbegun = (config: RunConfig): TracedRun => ({
  run: newRun('0000test', '', config, { type: 'new' }),
  trace: noPoints(),
})

/** A run as its log has it. */
export async function told(config: RunConfig, folder: string): Promise<Told> {
  let traced = unbegun(config)
  const log = join(folder, 'events.ndjson')
  const saved = new Set<string>()
  if (!existsSync(log)) return { ...traced, damaged: 0, saved }
  const { damaged } = await readLog(log, (line) => {
    const event = line as TrainEvent
    traced = foldTraced(traced, event)
    if (event.type === 'saved') saved.add(event.checkpoint.name + event.checkpoint.moment.update)
  })
  return { ...traced, damaged, saved }
}

export interface AttemptOptions {
  readonly config: RunConfig
  readonly folder: string
  readonly cache: string
  readonly resources?: string
  /** The update before which somebody asks for a checkpoint. */
  readonly saveAt?: number
  readonly fs?: FileSystem
  readonly onEvent?: (event: TrainEvent) => void
}

/**
 * Trains a run as the queue has it: anew, or from the newest of the checkpoints that `record` has and that are there.
 */
export async function trainAttempt(
  record: Pick<Run, 'checkpoints' | 'moment'>,
  {
    config,
    folder,
    cache,
    resources = resolve('resources'),
    saveAt = -1,
    fs = diskFs,
    onEvent: hear = () => undefined,
  }: AttemptOptions,
): Promise<void> {
  const paths = newestCheckpoints(record).map(({ name }) => join(folder, 'checkpoints', `${name}.safetensors`))
  const [path, ...others] = paths
  const beginning: Beginning =
    path === undefined || !paths.some((one) => existsSync(one))
      ? { type: 'new' }
      : { type: 'resume', path, others, acceptChangedData: false }
  let update = 0
  await trainJob(
    { type: 'train', config, runFolder: folder, beginning, folders: { cache, resources } },
    (message) => {
      if (message.type !== 'event') return
      if (message.event.type === 'started') ({ update } = message.event.moment)
      hear(message.event)
      // Asked once before each update.
    },
    () => (update++ === saveAt ? 'save' : null),
    null,
    fs,
  )
}

/**
 * Everything that two runs must have in common that should be the same run: all but clocks, and the log's words of
 * pauses.
 */
export async function essence(config: RunConfig, folder: string): Promise<string> {
  const {
    run: { status, message, moment, epochs, test, checkpoints },
    trace,
    damaged,
  } = await told(config, folder)
  const tensors: unknown[] = []
  const files = [
    ...readdirSync(folder),
    ...(existsSync(join(folder, 'checkpoints')) ? readdirSync(join(folder, 'checkpoints')) : []),
  ].sort()
  for (const name of files.filter((one) => one.endsWith('.safetensors'))) {
    const {
      state,
      metadata: { run: _, ...metadata },
    } = await loadCheckpoint(join(folder, 'checkpoints', name))
    for (const [tensor, { data }] of state)
      tensors.push([name, tensor, Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')])
    tensors.push([name, metadata])
  }
  return JSON.stringify(
    { status, message, moment, epochs, test, checkpoints: inOrder(checkpoints), trace, damaged, files, tensors },
    withoutClocks,
    1,
  )
}

// The seconds in a checkpoint's text change its length.
const inOrder = (checkpoints: Run['checkpoints']): unknown =>
  checkpoints.map(({ bytes: _, ...one }) => one).sort((a, b) => a.name.localeCompare(b.name))
const withoutClocks = (key: string, value: unknown): unknown => {
  if (key === 'seconds') return 0
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value
}

/** What a run's record and its log must both say. */
export const recorded = ({ status, message, moment, epochs, test, checkpoints }: Run): string =>
  JSON.stringify({ status, message, moment, epochs, test, checkpoints: inOrder(checkpoints) }, withoutClocks, 1)

/** Where two of these texts differ first. */
export function firstDifference(expected: string, found: string): string {
  const [a, b] = [expected.split('\n'), found.split('\n')]
  const at = a.findIndex((line, index) => line !== b[index])
  const near = (lines: readonly string[]): string =>
    lines
      .slice(Math.max(0, at - 2), at + 3)
      .map((line) => line.trim())
      .join(' ')
      .slice(0, 400)
  return `expected ${near(a)}, found ${near(b)}`
}
