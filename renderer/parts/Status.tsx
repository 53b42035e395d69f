import type { LucideIcon } from 'lucide-react'
import { Activity, Check, CheckCheck, CircleX, Clock, LoaderCircle, Pause, Square, TrendingUp, Unplug } from 'lucide-react'
import type { Run, RunStatus } from '../../core/run'
import { progressOf } from '../runFacts'

type Tone = 'good' | 'bad' | 'warn' | 'live' | 'quiet'

const faces: Readonly<Record<RunStatus, readonly [label: string, tone: Tone, icon: LucideIcon]>> = {
  queued: ['Queued', 'quiet', Clock],
  starting: ['Starting', 'live', LoaderCircle],
  running: ['Training', 'live', Activity],
  pausing: ['Pausing', 'live', LoaderCircle],
  paused: ['Paused', 'warn', Pause],
  stopping: ['Stopping', 'live', LoaderCircle],
  interrupted: ['Interrupted', 'warn', Unplug],
  finished: ['Finished', 'good', Check],
  stopped: ['Stopped', 'quiet', Square],
  earlyStopped: ['Stopped early', 'good', CheckCheck],
  diverged: ['Diverged', 'bad', TrendingUp],
  failed: ['Failed', 'bad', CircleX],
}

export const statusLabel = (status: RunStatus): string => faces[status][0]

/** A run's state as a sign and a word; the sentence behind it on hovering. */
export function Status({ run }: { readonly run: Run }) {
  const [label, tone, Icon] = faces[run.status]
  const share = run.status === 'running' || run.status === 'paused' ? ` ${Math.floor(progressOf(run) * 100)} %` : ''
  return (
    <span className="status" data-tone={tone} title={run.message === '' ? undefined : run.message}>
      <Icon size={13} aria-hidden />
      <span className="cut">{label}{share}</span>
    </span>
  )
}
