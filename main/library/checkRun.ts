import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { errorText } from '../../core/errorText'
import type { Finding } from '../../core/libraryReport'
import { foreignFault } from '../../core/plan/standing'
import { isLive, type Run } from '../../core/run'
import { readMetadata } from '../files/checkpointHeader'
import { isUnfinished } from '../files/durableWrite'
import { diskFs } from '../files/fs'
import { checkLog, type CheckedLog } from '../files/logLinks'
import { readTensors } from '../files/safetensors'
import { checkCheckpoint } from './checkCheckpoint'
import type { RunFolders } from './runFolder'
import { foldLog, logBytes, trainEventFrom } from './runLog'

export interface CheckedRun {
  readonly lines: number
  readonly checkpoints: number
  /** What is lost or wrong. */
  readonly problems: readonly Finding[]
  /** What is odd and costs nothing, as what a crash leaves. */
  readonly notes: readonly Finding[]
}

const faultsTold = 5

/**
 * Reads every file of a run and changes none. `isInUse` where a living program has the library: a trainer may be
 * writing then.
 */
export async function checkRun(listed: Run, folders: RunFolders, isInUse: boolean): Promise<CheckedRun> {
  const [own, log] = [folders.path(listed.id), folders.logPath(listed.id)]
  const problems: Finding[] = []
  const notes: Finding[] = []
  const stored = await folders.read(listed.id).catch((error: unknown) => {
    problems.push({ file: join(own, 'run.json'), message: errorText(error) })
    return null
  })
  const record = stored ?? listed
  const isAtWork = isInUse && [record, listed].some(({ status }) => isLive(status) || status === 'queued')
  const checked = await readWholeLog(log, problems)
  if (checked !== null) logProblems(log, checked, problems, notes)
  const bytes = await logBytes(log, diskFs).catch((error: unknown) => {
    // Of one that is there the reading has said it.
    if (!existsSync(log)) problems.push({ file: log, message: errorText(error) })
    return null
  })
  const isCut =
    bytes !== null &&
    (bytes < (record.logBytes ?? 0) || (bytes === 0 && record.logBytes === undefined && record.startedAt !== null))
  if (isCut)
    problems.push({
      file: log,
      message: existsSync(log)
        ? `has ${bytes} bytes, its record stands for ${record.logBytes ?? 'more'}: its end is lost`
        : 'is gone, and the trace with it',
    })
  const isAhead = !isCut && checked !== null && checked.end > (record.logBytes ?? checked.end)
  const run =
    isLive(record.status) || isAhead ? (await foldLog(log, record, diskFs).catch(() => ({ run: record }))).run : record
  // A program that has the library writes down what the log has once the run's trainer is gone.
  if (!isInUse && isAhead)
    notes.push({
      file: log,
      message:
        `has ${checked.end - (record.logBytes ?? 0)} bytes that its record does not know yet; the next opening ` +
        'takes them in',
    })
  if (!isAtWork && isLive(record.status))
    notes.push({
      file: join(own, 'run.json'),
      message: 'is of a run in training that nobody trains; the next opening says how it ended',
    })
  const isComparable =
    stored !== null &&
    !isCut &&
    !isAhead &&
    !isLive(record.status) &&
    record.status !== 'queued' &&
    checked !== null &&
    checked.damaged === 0 &&
    checked.faults.length === 0
  if (isComparable)
    problems.push(
      ...(await differenceFromLog(log, join(own, 'run.json'), record).catch((error: unknown) => [
        { file: log, message: errorText(error) },
      ])),
    )
  for (const checkpoint of run.checkpoints) {
    const file = folders.checkpointPath(run.id, checkpoint.name)
    const { problem, note } = await checkCheckpoint(file, run, checkpoint)
    // Between its writing and the record's there is no fault.
    if (problem !== '' && !isAtWork) problems.push({ file, message: problem })
    if (note !== '') notes.push({ file, message: note })
  }
  problems.push(...(await beginningProblems(run, own)))
  const left = await leftovers(own, new Set(run.checkpoints.map(({ name }) => `${name}.safetensors`)))
  // What looks unfinished may be what its trainer writes at this moment.
  const odd = isAtWork ? [] : notes.concat(left)
  return {
    lines: checked === null ? 0 : checked.values + checked.damaged,
    checkpoints: run.checkpoints.length,
    problems,
    notes: odd,
  }
}

type WholeLog = CheckedLog & { readonly unknown: number }

async function readWholeLog(file: string, problems: Finding[]): Promise<WholeLog | null> {
  if (!existsSync(file)) return null
  try {
    let unknown = 0
    const checked = await checkLog(file, (line) => {
      if (trainEventFrom(line) === null) unknown++
    })
    return { ...checked, unknown }
  } catch (error) {
    problems.push({ file, message: errorText(error) })
    return null
  }
}

function logProblems(
  file: string,
  { values, damaged, unknown, faults, tornBytes }: WholeLog,
  problems: Finding[],
  notes: Finding[],
): void {
  if (damaged > 0) problems.push({ file, message: `${damaged} of ${values + damaged} lines are damaged` })
  if (unknown > 0)
    problems.push({ file, message: `${unknown} of ${values} lines hold events that this version does not know` })
  for (const message of faults.slice(0, faultsTold)) problems.push({ file, message })
  if (faults.length > faultsTold)
    problems.push({ file, message: `${faults.length - faultsTold} more lines are out of place` })
  if (tornBytes > 0)
    notes.push({ file, message: `its last ${tornBytes} bytes are an unfinished line, which was never acknowledged` })
}

/** How a record differs from its log, which is what happened. */
async function differenceFromLog(log: string, file: string, run: Run): Promise<readonly Finding[]> {
  const { run: folded } = await foldLog(log, run, diskFs)
  const parts = (['epochs', 'checkpoints', 'test'] as const).filter(
    (part) => JSON.stringify(folded[part]) !== JSON.stringify(run[part]),
  )
  return parts.length === 0 ? [] : [{ file, message: `its ${parts.join(' and ')} are not those of its log` }]
}

/**
 * What a run began from: it is needed until the first checkpoint, and then for the distance from the initial weights.
 */
async function beginningProblems({ origin, checkpoints }: Run, own: string): Promise<readonly Finding[]> {
  const problems: Finding[] = []
  for (const name of ['origin', 'initial']) {
    const file = join(own, `${name}.safetensors`)
    const isNeeded = name === 'origin' && origin.type !== 'new' && checkpoints.length === 0
    if (!existsSync(file) && !isNeeded) continue
    const message = await readTensors(file, []).then(
      () => (name === 'origin' ? originFault(file, origin) : ''),
      errorText,
    )
    if (message !== '') problems.push({ file, message })
  }
  return problems
}

async function originFault(file: string, origin: Run['origin']): Promise<string> {
  if (origin.type === 'new') return ''
  if (origin.type === 'weights')
    return createHash('sha256')
      .update(await diskFs.readFile(file))
      .digest('hex') === origin.sha256
      ? ''
      : `is not the file that the run began with (${origin.file})`
  const metadata = await readMetadata(file)
  const isSame =
    metadata !== null && metadata.moment.update === origin.update && foreignFault(metadata, origin.run) === ''
  return isSame
    ? ''
    : `is not ${origin.checkpoint} of run ${origin.run} at update ${origin.update}, with which the run began`
}

/** Files that a crash left, or that somebody put there. */
async function leftovers(own: string, known: ReadonlySet<string>): Promise<readonly Finding[]> {
  const folder = join(own, 'checkpoints')
  const unfinished = (await namesIn(own))
    .filter(isUnfinished)
    .map((name) => ({ file: join(own, name), message: 'was never finished' }))
  const strays = (await namesIn(folder))
    .filter((name) => !known.has(name))
    .map((name) => ({
      file: join(folder, name),
      message: isUnfinished(name) ? 'was never finished' : 'is on no record',
    }))
  return [...unfinished, ...strays]
}

// A folder that cannot be listed is missed by the files that should be in it.
const namesIn = async (folder: string): Promise<readonly string[]> => await diskFs.list(folder).catch(() => [])
