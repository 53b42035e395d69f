import { errorText } from '../../core/errorText'
import type { Run, RunId } from '../../core/run'
import type { LibraryFiles } from './libraryFiles'
import { mendEntry, type ReadRuns } from './readRunList'
import type { RunFolders } from './runFolder'
import type { RunList } from './runList'
import { runSummary } from './runSummary'
import type { SettleOptions } from './settleRun'

interface Options {
  readonly list: RunList
  readonly files: LibraryFiles
  readonly opening: SettleOptions
  /** Hears of a run that is not as the list had it. */
  readonly onChanged: (run: Run) => void
  /** Hears of a run that neither the list nor its folder has a record of. */
  readonly onGone: (id: RunId) => void
  readonly reportError: (message: string) => void
}

/**
 * Validates what is left of the list, once, however often it is asked for; other work goes on in between. A run whose
 * entry is damaged is read from its folder. It never fails: what cannot be written is reported.
 */
export function validateList({ list, files, opening, onChanged, onGone, reportError }: Options): () => Promise<void> {
  const validate = async (): Promise<void> => {
    await list.validate(onChanged)
    const damaged = list.damaged()
    if (damaged.length === 0) return
    for (const id of damaged) {
      const run = await mendEntry(id, opening)
      if (run === null) {
        list.delete(id)
        onGone(id)
        continue
      }
      list.set(run)
      await opening.folders.write(run)
      onChanged(run)
      opening.warn(`The entry of run ${id} in library.json was damaged: the record in the run's folder is shown`)
    }
    await files.writeRuns(list.all().map(runSummary))
  }
  let validated: Promise<void> | undefined
  return () => (validated ??= validate().catch((error: unknown) => reportError(errorText(error))))
}

/** Writes down what reading the list came to, where that is not what lies on disk. */
export async function writeFound(
  { list, changed, isListChanged }: ReadRuns,
  files: LibraryFiles,
  folders: RunFolders,
  whenValidated: () => Promise<void>,
): Promise<void> {
  if (files.isLost) await files.startOver()
  for (const run of changed) await folders.write(run)
  if (!isListChanged && !files.isLost) return
  await whenValidated()
  await files.writeRuns(list.all())
}
