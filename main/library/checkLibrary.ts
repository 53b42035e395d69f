import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { diskFs } from '../files/fs'
import { lockOwner } from '../files/lock'
import { checkRun, type Finding } from './checkRun'
import { openLibrary } from './library'
import { runFolders } from './runFolder'

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

/** Reads every file of a library and changes none. */
export async function checkLibrary(folder: string, onProgress: (what: string) => void): Promise<LibraryReport> {
  const library = await openLibrary(folder, { readOnly: true })
  const isInUse = await lockOwner(join(folder, 'library.lock')) !== null
  const folders = runFolders(folder, diskFs)
  const runs = library.runs()
  const problems: Finding[] = []
  const notes: Finding[] = []
  let [lines, checkpoints] = [0, 0]
  for (const [index, run] of runs.entries()) {
    onProgress(`run ${index + 1} of ${runs.length}`)
    // That it is missing is said by the opening.
    if (!existsSync(folders.path(run.id))) continue
    const checked = await checkRun(run, folders, isInUse)
    lines += checked.lines
    checkpoints += checked.checkpoints
    problems.push(...checked.problems)
    notes.push(...checked.notes)
  }
  // What the opening says of a file that was looked at is said with that file.
  const known = new Set(problems.map(({ file }) => file))
  for (const { level, message } of library.notices()) {
    if ([...known].some((file) => message.includes(file))) continue
    const list = level === 'information' ? notes : problems
    list.push({ file: folder, message })
  }
  await library.close()
  return { library: folder, runs: runs.length, lines, checkpoints, problems, notes }
}
