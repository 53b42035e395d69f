import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TrainEvent } from '../../core/events'
import { parseWith } from '../../core/config/parse'
import type { Run } from '../../core/run'
import { isLive } from '../../core/run'
import { diskFs } from '../files/fs'
import { lockOwner } from '../files/lock'
import { readLog } from '../files/readLog'
import { readTensors } from '../files/safetensors'
import { openLibrary } from '../library/library'
import { runFolders } from '../library/runFolder'
import { foldLog } from '../library/runLog'
import { readMetadata } from '../files/checkpointHeader'

export interface Finding { readonly file: string; readonly message: string }

/** What a look at every file of a library found. */
export interface LibraryReport {
  readonly library: string
  readonly runs: number
  readonly lines: number
  readonly checkpoints: number
  /** What is lost or wrong. */
  readonly problems: readonly Finding[]
  /** What is odd and costs nothing. */
  readonly notes: readonly Finding[]
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Reads every file of a library and changes none. */
export async function checkLibrary(folder: string, onProgress: (what: string) => void): Promise<LibraryReport> {
  const problems: Finding[] = []
  const notes: Finding[] = []
  let [lines, checkpoints] = [0, 0]
  const library = await openLibrary(folder, { readOnly: true })
  for (const { level, message } of library.notices()) (level === 'information' ? notes : problems).push({ file: folder, message })
  const isInUse = await lockOwner(join(folder, 'library.lock')) !== null
  const folders = runFolders(folder, diskFs)
  const runs = library.runs()
  for (const [index, { id }] of runs.entries()) {
    onProgress(`run ${index + 1} of ${runs.length}`)
    const own = folders.path(id)
    if (!existsSync(own)) continue
    const stored = await folders.read(id).catch((error: unknown) => {
      problems.push({ file: join(own, 'run.json'), message: reasonOf(error) })
      return null
    })
    const log = await checkLog(folders.logPath(id))
    lines += log.lines
    problems.push(...log.problems)
    notes.push(...log.notes)
    const run = stored ?? library.run(id)
    // A run that trains now is ahead of its record.
    if (stored !== null && log.problems.length === 0 && !(isInUse && (isLive(run.status) || run.status === 'queued'))) {
      const difference = await differenceFromLog(folders.logPath(id), run)
      if (difference !== '') problems.push({ file: join(own, 'run.json'), message: difference })
    }
    for (const checkpoint of run.checkpoints) {
      const file = folders.checkpointPath(id, checkpoint.name)
      checkpoints++
      const { problem, note } = await checkCheckpoint(file, checkpoint)
      if (problem !== '') problems.push({ file, message: problem })
      if (note !== '') notes.push({ file, message: note })
    }
    notes.push(...await strays(join(own, 'checkpoints'), run))
  }
  await library.close()
  return { library: folder, runs: runs.length, lines, checkpoints, problems, notes }
}

async function checkLog(file: string): Promise<{ readonly lines: number; readonly problems: readonly Finding[]; readonly notes: readonly Finding[] }> {
  if (!existsSync(file)) return { lines: 0, problems: [], notes: [] }
  const problems: Finding[] = []
  try {
    let unknown = 0
    const { values, damaged, tornBytes } = await readLog(file, (value) => { if (!parseWith(TrainEvent, value).ok) unknown++ })
    if (damaged > 0) problems.push({ file, message: `${damaged} of ${values + damaged} lines are damaged` })
    if (unknown > 0) problems.push({ file, message: `${unknown} of ${values} lines hold events that this version does not know` })
    return { lines: values + damaged, problems, notes: tornBytes > 0 ? [{ file, message: `its last ${tornBytes} bytes are an unfinished line, which was never acknowledged` }] : [] }
  } catch (error) {
    return { lines: 0, problems: [{ file, message: reasonOf(error) }], notes: [] }
  }
}

/** How a record differs from its log, which is what happened. */
async function differenceFromLog(log: string, run: Run): Promise<string> {
  const { run: folded } = await foldLog(log, run, diskFs)
  const parts = (['epochs', 'checkpoints', 'test'] as const).filter((part) => JSON.stringify(folded[part]) !== JSON.stringify(run[part]))
  return parts.length === 0 || !existsSync(log) ? '' : `its ${parts.join(' and ')} are not those of its log`
}

const found = (problem: string, note = ''): { readonly problem: string; readonly note: string } => ({ problem, note })

async function checkCheckpoint(file: string, { bytes, moment }: Run['checkpoints'][number]): Promise<ReturnType<typeof found>> {
  try {
    const { isVerified } = await readTensors(file)
    if (!isVerified) return found('has no checksum, so it was not written by this program or was changed')
    const metadata = await readMetadata(file)
    if (metadata === null) return found('holds weights but no training state')
    // A trainer that was killed between a checkpoint and its record leaves that: the run goes on from what is there.
    if (metadata.moment.update > moment.update) return found('', `is of update ${metadata.moment.update}, which is newer than its record (update ${moment.update}): its trainer was ended before it could say so`)
    const { bytes: size } = await diskFs.stat(file)
    return found(size === bytes ? '' : `has ${size} bytes, the record says ${bytes}`)
  } catch (error) {
    return found(reasonOf(error))
  }
}

async function strays(folder: string, run: Run): Promise<readonly Finding[]> {
  if (!existsSync(folder)) return []
  const known = new Set(run.checkpoints.map(({ name }) => `${name}.safetensors`))
  try {
    return (await diskFs.list(folder)).filter((name) => !known.has(name)).map((name) => ({ file: join(folder, name), message: 'is on no record' }))
  } catch (error) {
    return [{ file: folder, message: reasonOf(error) }]
  }
}
