import { errorText } from '../../core/errorText'
import { isLive, isUnderWay, type Run, type RunId } from '../../core/run'
import { behindTheirLogs, logSizes, named, warnOfLostLogs } from './logState'
import { RunList } from './runList'
import { inTurns } from './serial'
import { adoptRun, catchUp, settleRun, shownRun, trainerWaiter, type SettleOptions } from './settleRun'

/** What reading the list came to. */
export interface ReadRuns {
  readonly list: RunList
  /** Those whose record on disk is not what it should be. */
  readonly changed: readonly Run[]
  /** Whether the list on disk differs. */
  readonly isListChanged: boolean
}

interface Options extends SettleOptions {
  readonly entries: readonly unknown[]
  /** Whether entries are validated when they are first used, and not now. */
  readonly isValidatedLater: boolean
  /** When the list was written last. */
  readonly listedMs: number
}

/**
 * Makes the list of runs from what lies on disk. A bad entry is replaced by the run's folder, a folder that the list
 * does not know is taken in, and what cannot be read is named and left alone. A run that was training when its process
 * died is folded anew from its log.
 */
export async function readRunList(options: Options): Promise<ReadRuns> {
  const { folders, fs, isReadOnly, inform } = options
  const list = new RunList()
  const { onDisk, isListChanged: hasBadEntries } = await takeEntries(list, options)
  const present = new Set(onDisk.ids)
  let isListChanged = hasBadEntries
  if ((await adoptUnlisted(list, onDisk.ids, options)) > 0) isListChanged = true
  // A copy of a run, or what a file synchroniser keeps there: it costs nothing.
  for (const name of onDisk.strange) inform(`“${name}” in the folder of the runs is not a run and is left alone`)

  const inPlace = list.listed().flatMap(({ id }) => (present.has(id) ? [id] : []))
  const logs = await logSizes(inPlace, folders, fs)
  warnOfLostLogs(list, logs, options)
  if (isReadOnly) {
    // Whoever trains them keeps their own files up to date, and the list only now and then.
    for (const run of list.all()) if (isLive(run.status)) list.set(await shownRun(run, options))
    const atRest = list.all().filter(({ status }) => !isLive(status))
    for (const run of await behindTheirLogs(list, atRest, logs, options)) list.set(await shownRun(run, options))
    return { list, changed: [], isListChanged: false }
  }
  await folders
    .clearGraves(onDisk.purged)
    .catch((error: unknown) => options.warn(`A removed run's files could not be deleted: ${errorText(error)}`))
  const changed = new Map<RunId, Run>()
  const waitForTrainer = trainerWaiter(fs)
  // Nothing is begun by itself: what ended the program might be one of them. Each says that it never began.
  for (const run of list.listed()) {
    if (!isUnderWay(run)) continue
    const settled = await settleRun(run, options, waitForTrainer)
    list.set(
      settled ?? { ...run, status: 'interrupted', message: 'Its record was made by a newer version of Batchlab' },
    )
    if (settled !== null) changed.set(settled.id, settled)
  }
  const atRest = list.listed().filter(({ id }) => present.has(id) && !changed.has(id))
  for (const run of await behindTheirLogs(list, atRest, logs, options)) {
    const caughtUp = await catchUp(run, logs.get(run.id)?.bytes ?? 0, options)
    if (caughtUp === null) continue
    list.set(caughtUp)
    changed.set(run.id, caughtUp)
  }
  return { list, changed: [...changed.values()], isListChanged: isListChanged || changed.size > 0 }
}

type OnDisk = Awaited<ReturnType<Options['folders']['list']>>

/** Takes the entries of `library.json` in, and validates those that cannot wait. */
async function takeEntries(
  list: RunList,
  { entries, isValidatedLater, folders, warn }: Options,
): Promise<{ readonly onDisk: OnDisk; readonly isListChanged: boolean }> {
  const listed = await folders.list().catch((error: unknown) => {
    warn(`The folder of the runs could not be read: ${errorText(error)}`)
    return null
  })
  const buried = new Set(listed?.purged)
  let taken = 0
  // The page is served by this process too, and must not wait for two thousand runs.
  await inTurns(entries, (entry) => {
    if (list.addEntry(entry, (id) => !buried.has(id))) taken++
  })
  if (!isValidatedLater) await list.validate()
  const onDisk = listed ?? { ids: list.listed().map(({ id }) => id), purged: [], strange: [] }
  const present = new Set(onDisk.ids)
  for (const entry of list.listed()) {
    const { id } = entry
    // What is said and settled below must be what the record says.
    const run = isUnderWay(entry) || !present.has(id) ? list.get(id) : undefined
    if (run !== undefined && !present.has(id))
      warn(
        `The folder of run ${id}${named(run)} is missing: its history is shown, its ` +
          `checkpoints and its trace are gone (${folders.path(id)})`,
      )
  }
  return { onDisk, isListChanged: taken < entries.length || list.damaged().length > 0 }
}

/** Takes in the runs whose folders are there and that the list does not know, or knows wrongly; returns how many. */
async function adoptUnlisted(list: RunList, ids: readonly RunId[], options: Options): Promise<number> {
  let count = 0
  for (const id of ids) {
    if (list.has(id)) continue
    const run = await adoptRun(id, options)
    if (run === null) continue
    list.set(run)
    count++
  }
  for (const id of list.damaged()) list.delete(id)
  if (count > 0)
    options.inform(
      `${count === 1 ? 'One run' : `${count} runs`} that library.json did not list ` +
        `${count === 1 ? 'was' : 'were'} found in the run folders and added`,
    )
  return count
}

/**
 * Takes a run in anew whose entry turned out to be damaged after the list was read; null where its folder holds no
 * record either.
 */
export async function mendEntry(id: RunId, options: SettleOptions): Promise<Run | null> {
  const run = await adoptRun(id, options)
  if (run === null) return null
  const { folders, fs } = options
  if (isUnderWay(run)) return await settleRun(run, options, trainerWaiter(fs))
  const bytes = (await logSizes([id], folders, fs)).get(id)?.bytes ?? 0
  return bytes > (run.logBytes ?? bytes) ? ((await catchUp(run, bytes, options)) ?? run) : run
}
