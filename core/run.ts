import { z } from 'zod'
import { RunConfig } from './config/config'
import type { Diagnosis, Points } from './events'
import { Checkpoint, CheckpointName, EndReason, EngineInfo, Epoch } from './events'
import { Score } from './score'
import { Extension } from './extension'
import { DatasetInfo } from './datasetInfo'
import { Moment } from './moment'

/** A run's generated id: also its folder's name, so it never holds anything a person typed. */
export const RunId = z.string().regex(/^[0-9a-z]{8,32}$/, 'a run id is 8 to 32 characters of 0-9 and a-z')
export type RunId = z.output<typeof RunId>

export const RunStatus = z.enum([
  'queued',
  'starting',
  'running',
  'pausing',
  'paused',
  'stopping',
  'interrupted',
  ...EndReason.options,
])
export type RunStatus = z.output<typeof RunStatus>

/** Where a run came from: nothing, a checkpoint of another run, or a weights file. */
export const Origin = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('new') }),
  z.strictObject({ type: z.literal('fork'), run: RunId, checkpoint: CheckpointName, update: z.number().int() }),
  z.strictObject({ type: z.literal('weights'), file: z.string(), sha256: z.string() }),
])
export type Origin = z.output<typeof Origin>

/** A run without its trace: what the history table shows and `library.json` keeps. */
export const Run = z.strictObject({
  id: RunId,
  createdAt: z.string(),
  config: RunConfig,
  origin: Origin,
  name: z.string().max(300),
  tags: z.array(z.string().max(100)).max(100),
  notes: z.string().max(100_000),
  starred: z.boolean(),
  /** When it was put into the trash; null when it is not there. */
  removedAt: z.string().nullable(),
  status: RunStatus,
  /** Why it is in this state, in a sentence; empty when the state says it all. */
  message: z.string(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  moment: Moment,
  updates: z.number().int(),
  parameters: z.number().int().nullable(),
  engine: EngineInfo.nullable(),
  facts: DatasetInfo.nullable(),
  epochs: z.array(Epoch),
  checkpoints: z.array(Checkpoint),
  /** Test scores: of the last weights, and of the checkpoint that validation chose. */
  test: z.strictObject({
    last: z.strictObject({ epoch: z.number().int(), score: Score }).nullable(),
    best: z.strictObject({ epoch: z.number().int(), score: Score }).nullable(),
  }),
  /**
   * Each time that it was planned longer than before, in order; missing in records of programs that kept it in the log
   * only.
   */
  extensions: z.array(Extension).optional(),
  log: z.array(
    z.strictObject({
      at: z.string(),
      update: z.number().int(),
      message: z.string(),
      about: z.literal('data').optional(),
    }),
  ),
  /**
   * How much of its log it stands for while nobody trains it: a longer log has something to add. Missing in what older
   * programs wrote.
   */
  logBytes: z.number().int().min(0).optional(),
})
export type Run = z.output<typeof Run>

/** A run with its full-resolution trace, and what was measured now and then, in the order of updates. */
export interface TracedRun {
  readonly run: Run
  readonly trace: Points
  readonly diagnoses?: Diagnosis[]
}

/** Whether a trainer is at work on a run in this state. */
export const isLive = (status: RunStatus): boolean =>
  status === 'starting' || status === 'running' || status === 'pausing' || status === 'stopping'

/** Whether a trainer works on a run, or is to. */
export const isUnderWay = ({ status }: Pick<Run, 'status'>): boolean => isLive(status) || status === 'queued'

/** The record of a run that was just asked for. */
export const newRun = (id: RunId, createdAt: string, config: RunConfig, origin: Origin): Run => ({
  id,
  createdAt,
  config,
  origin,
  name: config.name,
  tags: [],
  notes: '',
  starred: false,
  removedAt: null,
  status: 'queued',
  message: '',
  startedAt: null,
  endedAt: null,
  moment: { update: 0, epoch: 0, position: 0, examples: 0, seconds: 0 },
  updates: 0,
  parameters: null,
  engine: null,
  facts: null,
  epochs: [],
  checkpoints: [],
  test: { last: null, best: null },
  extensions: [],
  log: [],
})
