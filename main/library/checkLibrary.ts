import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding, LibraryReport } from '../../core/libraryReport'
import { diskFs } from '../files/fs'
import { lockOwner } from '../files/lock'
import { checkRun } from './checkRun'
import { openLibrary } from './library'
import { runFolders } from './runFolder'

/** Reads every file of a library and changes none. */
export async function verifyLibrary(
  folder: string,
  onProgress: (what: string, fraction: number) => void,
): Promise<LibraryReport> {
  const library = await openLibrary(folder, { readOnly: true })
  const isInUse = (await lockOwner(join(folder, 'library.lock'))) !== null
  const folders = runFolders(folder, diskFs)
  const runs = library.runs()
  const problems: Finding[] = []
  const notes: Finding[] = []
  let [lines, checkpoints] = [0, 0]
  for (const [index, run] of runs.entries()) {
    onProgress(`run ${index + 1} of ${runs.length}`, index / runs.length)
    // That it is missing is said by the opening.
    if (!existsSync(folders.path(run.id))) continue
    const checked = await checkRun(run, folders, isInUse)
    lines += checked.lines
    checkpoints += checked.checkpoints
    // Not all in one call: a folder may hold more strays than a call takes arguments.
    for (const problem of checked.problems) problems.push({ ...problem, run: run.id })
    for (const note of checked.notes) notes.push({ ...note, run: run.id })
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
