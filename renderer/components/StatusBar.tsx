import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { Pause, Search, Square } from 'lucide-react'
import { checkProgress } from '../../core/protocol'
import type { Run } from '../../core/run'
import { isLive } from '../../core/run'
import { allowsAction } from '../../core/runActions'
import { openRun, pauseRun, stopRun } from '../commands'
import { bytes, compact, duration } from '../format'
import { runName } from '../names'
import { palette } from '../palette'
import { plannedEpochs } from '../../core/plan/phases'
import { doneFraction, secondsLeft, speedOf } from '../../core/runStatistics'
import { formatCount } from '../../core/numbers'
import { showCheck } from '../settings/checkLibrary'
import type { WorkProgress, State } from '../store'
import { useStore } from '../store'
import { Dot } from './Dot'
import { EndNow, isEnding } from './EndNow'
import { Name } from './Name'
import { statusLabel } from './Status'

const runningRun = (state: State): Run | undefined => Object.values(state.runs).find((run) => isLive(run.status))
const waiting = (state: State): number =>
  Object.values(state.runs).filter(({ status, removedAt }) => status === 'queued' && removedAt === null).length

const shownProgress = ({ message, fraction }: WorkProgress): string =>
  `${message}${fraction === null ? '…' : ` ${Math.round(fraction * 100)} %`}`

/** The truth about now: what trains on what, how far it is, how long it will take, and how to hold it. */
export function StatusBar() {
  const run = useStore(runningRun)
  const queued = useStore(waiting)
  const stalled = useStore((state) => (run === undefined ? false : (state.loads[run.id]?.stalled ?? false)))
  const progress = useStore((state) => state.progress[''])
  const checking = useStore((state) => (state.isCheckShown ? undefined : state.progress[checkProgress]))
  return (
    <header className="now">
      <span className="brand" aria-hidden>
        Batchlab
      </span>
      {run === undefined ? <Idle queued={queued} /> : <Running run={run} queued={queued} stalled={stalled} />}
      {progress !== undefined && <span className="quiet cut">{shownProgress(progress)}</span>}
      {checking !== undefined && (
        <button type="button" className="plain quiet cut" style={{ width: 'auto' }} onClick={showCheck}>
          Checking the library: {checking.message}
        </button>
      )}
      <Tooltip label="Every action (Ctrl K)">
        <ActionIcon aria-label="Command palette" onClick={palette.open}>
          <Search size={15} />
        </ActionIcon>
      </Tooltip>
      {run !== undefined && <span className="bar" style={{ width: `${doneFraction(run) * 100}%` }} />}
    </header>
  )
}

// What “auto” takes, once the engines were looked at; until then what the latest run was trained on.
const idleEngine = (state: State): string => {
  const chosen = state.engines?.find(({ works }) => works)
  if (chosen !== undefined) return `${chosen.name} · ${chosen.device}`
  const latest = Object.values(state.runs).reduce<Run | undefined>(
    (best, run) => (run.engine !== null && (best?.startedAt ?? '') < (run.startedAt ?? '') ? run : best),
    undefined,
  )
  return latest?.engine ? `${latest.engine.name} · ${latest.engine.device}` : ''
}

function Idle({ queued }: { readonly queued: number }) {
  const engine = useStore(idleEngine)
  return (
    <>
      <span className="quiet" role="status">
        Nothing is training{queued > 0 ? `; ${queued} queued` : ''}
      </span>
      <span className="spring" />
      <span className="engine" title={engine}>
        {engine}
      </span>
    </>
  )
}

function Running({ run, queued, stalled }: { readonly run: Run; readonly queued: number; readonly stalled: boolean }) {
  const load = useStore((state) => state.loads[run.id])
  const progress = useStore((state) => state.progress[run.id])
  const speed = speedOf(run)
  const epochs = plannedEpochs(run)
  return (
    <>
      <div className="what" role="status" aria-live="off">
        <Dot id={run.id} />
        <button type="button" className="plain name" style={{ width: 'auto' }} onClick={() => openRun(run.id)}>
          <Name text={runName(run)} length={40} />
        </button>
        {(run.status !== 'running' || progress !== undefined) && (
          <span className="cut" style={{ color: 'var(--accent)' }}>
            {progress === undefined ? `${statusLabel(run.status)}…` : shownProgress(progress)}
          </span>
        )}
        {run.updates > 0 && (
          <span className="number">
            epoch {formatCount(Math.min(epochs, run.moment.epoch + 1))}/{formatCount(epochs)}
          </span>
        )}
        {speed !== null && <span className="number">{compact(speed)} images/s</span>}
        {run.updates > 0 && secondsLeft(run) !== null && (
          <span className="number">{duration(secondsLeft(run))} left</span>
        )}
        {queued > 0 && <span className="quiet">+{queued} queued</span>}
      </div>
      <span className="spring" />
      {stalled && (
        <span style={{ color: 'var(--warn)' }}>The trainer has stopped answering; what was saved is safe</span>
      )}
      {!stalled && !isEnding(run) && run.engine !== null && (
        <span className="engine" title={`${run.engine.name} · ${run.engine.device}`}>
          {run.engine.device}
          {load === undefined ? '' : ` · ${bytes(load.rssBytes)}`}
          {load?.gpu ? ` · GPU ${Math.round(load.gpu.utilisation * 100)} %` : ''}
        </span>
      )}
      <div style={{ display: 'flex', gap: 4 }}>
        {allowsAction('pause', run) && (
          <Button variant="default" leftSection={<Pause size={13} />} onClick={() => pauseRun(run.id)}>
            Pause
          </Button>
        )}
        {stalled || isEnding(run) ? (
          <EndNow id={run.id} />
        ) : (
          <Button variant="default" leftSection={<Square size={13} />} onClick={() => stopRun(run.id)}>
            Stop
          </Button>
        )}
      </div>
    </>
  )
}
