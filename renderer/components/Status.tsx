import { VisuallyHidden } from '@mantine/core'
import type { LucideIcon } from 'lucide-react'
import {
  Activity,
  Check,
  CheckCheck,
  ChevronsRight,
  CircleX,
  Clock,
  LoaderCircle,
  Pause,
  Square,
  TrendingUp,
  Unplug,
} from 'lucide-react'
import { extensionText } from '../../core/extension'
import type { Run, RunStatus } from '../../core/run'
import { sentence } from '../../core/sentence'
import { doneFraction } from '../../core/runStatistics'

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

/**
 * A run's state as a sign and a word, or the sign alone where there is little room, and a second sign where it was
 * extended; the sentence behind it on hovering.
 */
export function Status({ run, short = false }: { readonly run: Run; readonly short?: boolean }) {
  const [label, tone, Icon] = faces[run.status]
  const share = run.status === 'running' || run.status === 'paused' ? ` ${Math.floor(doneFraction(run) * 100)} %` : ''
  const extensions = run.extensions ?? []
  const hints = [...(run.message === '' ? [] : [sentence(run.message)]), ...extensions.map(extensionText)]
  return (
    <span
      className="status"
      data-tone={tone}
      title={[...(short ? [label] : []), ...hints].join(short ? ': ' : '\n') || undefined}
    >
      <Icon size={13} aria-hidden />
      {short ? (
        <>
          <VisuallyHidden>{label}</VisuallyHidden>
          <span className="cut">{share}</span>
        </>
      ) : (
        <span className="cut">
          {label}
          {share}
        </span>
      )}
      {extensions.length > 0 && (
        <>
          <VisuallyHidden>, extended</VisuallyHidden>
          <ChevronsRight size={13} aria-hidden style={{ flex: 'none' }} />
        </>
      )}
    </span>
  )
}
