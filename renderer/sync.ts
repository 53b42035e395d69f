import type { AppEvent, MenuAction } from '../core/protocol'
import type { Run, RunId } from '../core/run'
import { isLive } from '../core/run'
import { call, sentenceOf } from './api'
import { arrived } from './arriving'
import { freshDraft, storedDraft } from './editor/draft'
import { historyFrom } from './editor/draftHistory'
import { keepLook } from './history/keepLook'
import { lookFrom } from './history/look'
import { followMenu } from './menuState'
import { applyEvent, withRuns } from './records'
import type { State } from './store'
import { useStore } from './store'
import { tellFault } from './notifyFault'

// Events are applied in one go five times a second: the eye asks for no more, and a table of thousands is sorted once
// for all of them.
const flushMs = 200

/** The state after an event that is no menu action. */
export function applied(state: State, event: AppEvent): State {
  switch (event.type) {
    case 'notice':
      return { ...state, notices: [...state.notices.filter(({ id }) => id !== event.notice.id), event.notice] }
    case 'progress':
      return { ...state, progress: withProgress(state.progress, event) }
    case 'menu':
      return state
    case 'runPurged':
      return {
        ...state,
        ...applyEvent(state, event),
        selected: state.selected.filter((id) => id !== event.id),
        purging: state.purging.filter((id) => id !== event.id),
        openRun: state.openRun === event.id ? null : state.openRun,
      }
    case 'load':
      return { ...state, ...applyEvent(state, event) }
    case 'run':
    case 'runChanged':
      return withoutEndedProgress(
        { ...state, ...applyEvent(state, event) },
        event.type === 'run' ? event.id : event.run.id,
      )
  }
}

// One event that cannot be folded must not take those that came with it.
function appliedOrNoted(state: State, event: AppEvent): State {
  try {
    return applied(state, event)
  } catch (error) {
    tellFault(`an event ${event.type}`, error)
    return state
  }
}

function withProgress(
  progress: State['progress'],
  { id, message, fraction }: Extract<AppEvent, { type: 'progress' }>,
): State['progress'] {
  const { [id ?? '']: _, ...others } = progress
  return fraction === 1 ? others : { ...others, [id ?? '']: { message, fraction } }
}

// What a trainer said it was doing is over when no trainer is at work on the run any more, however that came.
function withoutEndedProgress(state: State, id: RunId): State {
  const run = state.runs[id]
  if (state.progress[id] === undefined || (run !== undefined && isLive(run.status))) return state
  const { [id]: _, ...progress } = state.progress
  return { ...state, progress }
}

/** Subscribes, then lists: what happens in between is kept and folded afterwards, and folding it twice does no harm. */
export function sync(onMenu: (action: MenuAction) => void): () => void {
  let waiting: AppEvent[] = []
  let listed = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = (): void => {
    timer = undefined
    const events = waiting
    waiting = []
    useStore.setState((state) => events.reduce(appliedOrNoted, state))
  }
  const off = window.batchlab.listen((event) => {
    if (event.type === 'menu') return onMenu(event.action)
    arrived(event)
    waiting.push(event)
    if (listed) timer ??= setTimeout(flush, flushMs)
  })
  void open().then(() => {
    listed = true
    flush()
  })
  const forget = keepLook()
  const leaveMenu = followMenu()
  return () => {
    off()
    forget()
    leaveMenu()
    clearTimeout(timer)
  }
}

async function open(): Promise<void> {
  const [app, runs] = await Promise.all([call('app.state', null), call('runs.list', null)])
  if (!app.ok || !runs.ok) {
    useStore.setState({
      phase: 'failed',
      failure: [app, runs].flatMap((reply) => (reply.ok ? [] : [sentenceOf(reply)])).join(' '),
    })
    return
  }
  const listed = JSON.parse(runs.value) as readonly Run[]
  const { draft, replaced } = storedDraft(app.value.settings.draft)
  useStore.setState((state) => ({
    ...withRuns(state, listed),
    ...lookFrom(app.value.settings.runsLook, Object.fromEntries(listed.map((run) => [run.id, run]))),
    phase: 'open',
    app: app.value,
    settings: app.value.settings,
    notices: app.value.notices,
    draft,
    draftHistory: historyFrom(replaced, JSON.stringify(draft) !== JSON.stringify(freshDraft())),
  }))
}
