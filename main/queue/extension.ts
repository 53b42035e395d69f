import type { RunConfig } from '../../core/config/config'
import { errorText } from '../../core/errorText'
import type { Checkpoint } from '../../core/events'
import type { ExtensionPlan, ScheduleChoice } from '../../core/extension'
import type { DatasetInfo } from '../../core/datasetInfo'
import { titleOf } from '../../core/names'
import { choiceText, planExtension, extensionsOf, jumpOf } from '../../core/plan/extension'
import { contradictions, planRun } from '../../core/plan/plan'
import { isPastEnd } from '../../core/plan/standing'
import type { Run } from '../../core/run'
import { runIn } from '../files/checkpointHeader'
import { readTensors } from '../files/safetensors'
import { RequestError, requestError } from '../requests/requestError'
import type { GoingOn } from './dataCheck'

export interface ExtendOptions extends Omit<GoingOn, 'epochs'> {
  /** What becomes of the schedule; null plans it anew where that makes no jump, and is refused where it does. */
  readonly schedule?: ScheduleChoice | null
}

interface Surroundings {
  readonly schedule: ScheduleChoice | null
  /** The data as it is now. */
  readonly info: DatasetInfo
  /** The run's checkpoint files, newest first. */
  readonly paths: readonly string[]
}

export function refuseFewer({ config }: Run, epochs: number): void {
  if (epochs <= config.epochs)
    throw new RequestError([
      { path: 'epochs', message: `must be more than the ${config.epochs} planned so far, found ${epochs}` },
    ])
}

/** A fork that begins after its own end would train nothing. */
export function refuseAfterEnd({ name, moment }: Checkpoint, config: RunConfig, info: DatasetInfo): void {
  const { epochs } = planRun(config, info)
  if (isPastEnd(moment, epochs))
    throw new RequestError([
      {
        path: 'epochs',
        message:
          `must reach beyond ${name}, which stands in epoch ` +
          `${moment.position > 0 ? moment.epoch + 1 : moment.epoch} of a training that would end after ${epochs}`,
      },
    ])
}

/**
 * Everything but its data that could be wrong with an extension, asked before it is written down: a finished run must
 * not become a failed one by being refused.
 */
export async function checkExtension(
  run: Run,
  epochs: number,
  { schedule, info, paths }: Surroundings,
): Promise<ExtensionPlan> {
  const extended = planExtension(run, info, epochs, schedule ?? 'replan')
  if (extended.blocked !== '') throw requestError(extended.blocked)
  const issues = contradictions(extended.config, info)
  if (issues.length > 0) throw new RequestError(issues)
  const jump = jumpOf(run, info, extended)
  if (schedule === null && jump !== undefined)
    throw new RequestError([{ path: 'schedule', message: jumpText(run, info, epochs) }])
  await checkReadable(run, paths)
  return extended.plan
}

function jumpText(run: Run, info: DatasetInfo, epochs: number): string {
  return `must be chosen, because the schedule ends with the run and the rate would jump: ${extensionsOf(
    run,
    info,
    epochs,
  )
    .offers.map((one) => `${one.plan.schedule} (${choiceText(one)})`)
    .join('; ')}`
}

/** The newest one that is whole is gone on from. */
async function checkReadable(run: Run, paths: readonly string[]): Promise<void> {
  let failure = ''
  for (const path of paths) {
    try {
      const { metadata } = await readTensors(path, [], { mustBeOurs: true })
      const owner = runIn(metadata) ?? run.id
      if (owner === run.id) return
      throw new Error(`${path} is a checkpoint of run ${owner}`)
    } catch (error) {
      if (failure === '') failure = errorText(error)
    }
  }
  throw requestError(`${titleOf(run)} has no checkpoint that can be read: ${failure}`)
}
