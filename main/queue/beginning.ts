import { newestCheckpoints } from '../../core/best'
import type { Beginning } from '../../core/job'
import { titleOf } from '../../core/names'
import type { RunId } from '../../core/run'
import { isFileNow } from '../files/guard'
import type { Library } from '../library/library'

/** The checkpoint files of a run in the order in which it would go on from them. */
export const newestCheckpointPaths = (library: Library, id: RunId): readonly string[] =>
  newestCheckpoints(library.run(id)).map(({ name }) => library.checkpointPath(id, name))

/**
 * What a trainer begins a run from: its checkpoints, of which the newest that can be read counts; where none is there,
 * the file it began from; else nothing.
 */
export function beginningOf(library: Library, id: RunId, acceptChangedData: boolean): Beginning {
  const run = library.run(id)
  const paths = newestCheckpointPaths(library, id)
  const [path, ...others] = paths
  // The trainer says which of them it could not read.
  if (path !== undefined && paths.some(isFileNow))
    return { type: 'resume', path, ...(others.length > 0 && { others }), acceptChangedData }
  if (path !== undefined && run.origin.type === 'new')
    library.notice(
      'warning',
      `${titleOf(run)} begins anew, because none of its checkpoints is in its folder any more ` +
        `(${library.runFolder(id)})`,
    )
  const origin = library.originPath(id)
  return origin === null || run.origin.type === 'new' ? { type: 'new' } : { type: run.origin.type, path: origin }
}
