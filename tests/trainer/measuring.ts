import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { RunConfig } from '../../core/config/config'
import { noPoints, type TrainEvent } from '../../core/events'
import type { Score } from '../../core/score'
import type { Evaluation } from '../../core/evaluation'
import { foldTraced } from '../../core/fold'
import type { Beginning, CheckpointFile } from '../../core/job'
import { newRun, type Run } from '../../core/run'
import { readLog } from '../../main/files/readLog'
import { evaluateCheckpoints } from '../../main/trainer/evaluateCheckpoints'
import { trainJob } from '../../main/trainer/trainJob'
import { png, resources, write } from '../data/making'
import { digitsConfig } from '../support/digits'

/** A run that has ended, with its record and the file of a checkpoint. */
export interface Ended {
  readonly run: Run
  readonly folder: string
  readonly last: string
  readonly config: RunConfig
  readonly notes: readonly string[]
}

const foldersIn = (root: string) => ({ cache: join(root, 'cache'), resources })

/** Trains a run to its end in a folder of its own below `root`, as the app does. */
export async function trained(
  root: string,
  input: Parameters<typeof digitsConfig>[0],
  beginning: Beginning = { type: 'new' },
): Promise<Ended> {
  const config = digitsConfig({ network: { type: 'mlp', hidden: [6] }, epochs: 2, batchSize: 8, ...input })
  const folder = mkdtempSync(join(root, 'run-'))
  await trainJob(
    { type: 'train', config, runFolder: folder, beginning, folders: foldersIn(root) },
    () => undefined,
    () => null,
  )
  let traced = { run: newRun('0000test', '', config, { type: 'new' }), trace: noPoints() }
  const notes: string[] = []
  await readLog(join(folder, 'events.ndjson'), (event) => {
    traced = foldTraced(traced, event as TrainEvent)
    // How the data was understood is said of every training on a folder.
    if ('type' in event && event.type === 'noted' && !('about' in event))
      notes.push((event as Extract<TrainEvent, { type: 'noted' }>).message)
  })
  if (traced.run.status !== 'finished') throw new Error(`The run ended as ${traced.run.status}: ${traced.run.message}`)
  return { run: traced.run, folder, last: join(folder, 'checkpoints', 'last.safetensors'), config, notes }
}

/** What the record says of its last weights on test images. */
export function reported({ run }: Ended): Score {
  if (run.test.last === null) throw new Error('The run was not tested')
  return run.test.last.score
}

/** Checkpoints measured side by side on the data of a config, or of the first one's run. */
export const sideBySide = (
  root: string,
  checkpoints: readonly (string | CheckpointFile)[],
  data: RunConfig['data'] | null = null,
  more: { readonly unseen?: boolean; readonly split?: 'train' | 'validation' | 'test' } = {},
): Promise<readonly Evaluation[]> =>
  evaluateCheckpoints(
    {
      type: 'evaluate',
      checkpoints: checkpoints.map((one) => (typeof one === 'string' ? { path: one } : one)),
      split: more.split ?? 'test',
      data,
      unseen: more.unseen ?? false,
      folders: foldersIn(root),
    },
    () => undefined,
  )

/**
 * Grey images whose level depends on the class, each a little different: learnable, but not without errors. `offset`
 * makes other images.
 */
function levels(
  classes: readonly string[],
  each: number,
  {
    offset = 0,
    size = 6,
    shift = 0,
  }: { readonly offset?: number; readonly size?: number; readonly shift?: number } = {},
): Readonly<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {}
  classes.forEach((name, label) => {
    for (let image = 0; image < each; image++) {
      const noise = (pixel: number): number => ((pixel * 7919 + (image + offset) * 104_729 + label * 1299) % 97) - 48
      const pixels = Array.from({ length: size * size }, (_, pixel) =>
        Math.max(0, Math.min(255, shift + 90 + Math.round(40 * label + noise(pixel)))),
      )
      files[`${name}/${String(image).padStart(3, '0')}.png`] = png(
        size,
        size,
        pixels.flatMap((value) => [value, value, value, 255]),
        0,
      )
    }
  })
  return files
}

const below = (folder: string, files: Readonly<Record<string, Buffer>>): Record<string, Buffer> =>
  Object.fromEntries(Object.entries(files).map(([path, bytes]) => [`${folder}/${path}`, bytes]))

/** A folder with train and test images of some classes. */
export const splitFolder = (
  folder: string,
  classes: readonly string[],
  {
    size = 6,
    shift = 0,
    testOffset = 1000,
  }: { readonly size?: number; readonly shift?: number; readonly testOffset?: number } = {},
): string =>
  write(folder, {
    ...below('train', levels(classes, 16, { size, shift })),
    ...below('test', levels(classes, 8, { size, offset: testOffset })),
  })
