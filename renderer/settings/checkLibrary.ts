import type { ShortReport } from '../../core/libraryReport'
import { problemCount, reportLines } from '../../core/libraryReport'
import { ask, call, sentenceOf } from '../api'
import { openRun } from '../commands'
import { copy } from '../copy'
import { useStore } from '../store'
import { tellWithLink } from '../notify'
import type { LibraryCheckState } from './libraryCheckState'

const { getState, setState } = useStore

/**
 * Whether there is something to look at before all is read once more: the problems that a long check found must outlast
 * the look at the first run that has one.
 */
const isWorthKeeping = (check: LibraryCheckState): boolean =>
  check.type === 'running' || (check.type === 'done' && (!check.isSeen || check.report.problems.length > 0))

const openDialog = (): void =>
  setState(({ libraryCheck }) => ({
    isCheckShown: true,
    libraryCheck: libraryCheck.type === 'done' ? { ...libraryCheck, isSeen: true } : libraryCheck,
  }))

/** Opens the dialog, and begins a check where none is under way and the last one found no problem. */
export function showCheck(): void {
  const { libraryCheck } = getState()
  openDialog()
  if (!isWorthKeeping(libraryCheck)) void checkLibrary()
}

/** Puts the dialog away; what is under way goes on. */
export const hideCheck = (): void => setState({ isCheckShown: false })

export async function checkLibrary(): Promise<void> {
  setState({ libraryCheck: { type: 'running', isStopping: false } })
  const reply = await call('library.check', null)
  const { libraryCheck: before, isCheckShown } = getState()
  const wasStopped = before.type === 'running' && before.isStopping
  setState({
    libraryCheck: reply.ok
      ? { type: 'done', report: reply.value, at: new Date().toISOString(), isSeen: isCheckShown }
      : wasStopped
        ? { type: 'stopped' }
        : { type: 'failed', why: sentenceOf(reply) },
  })
  if (isCheckShown || wasStopped) return
  tellWithLink(
    reply.ok
      ? `The library was checked: ${problemCount(reply.value.problems.length + reply.value.more.problems)}`
      : 'The library could not be checked',
    'Show',
    openDialog,
  )
}

export function stopCheck(): void {
  setState({ libraryCheck: { type: 'running', isStopping: true } })
  void ask('library.stopCheck', null, 'The check could not be stopped')
}

export function openFound(id: string): void {
  hideCheck()
  openRun(id)
}

export const copyReport = (report: ShortReport): Promise<void> =>
  copy(reportLines(report).join('\n'), 'The report is on the clipboard')
