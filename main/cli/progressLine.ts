import type { TrainEvent } from '../../core/events'
import { plannedEpochs } from '../../core/plan/phases'
import type { Run } from '../../core/run'
import { formatClock, formatCount, formatPercent, significant } from '../../core/numbers'

const barWidth = 10
/** How much of something is done, as a short bar. */
export const bar = (fraction: number): string => {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * barWidth)
  return '━'.repeat(full) + '─'.repeat(barWidth - full)
}

/** Keeps what a progress line needs between events: the newest loss, and how fast it goes. */
export function progressLine(): { readonly onEvent: (event: TrainEvent) => void; readonly text: (run: Run) => string } {
  let loss: number | null = null
  let speed: number | null = null
  let began = { update: 0, at: performance.now() }

  return {
    onEvent: (event) => {
      if (event.type === 'started') began = { update: event.moment.update, at: performance.now() }
      if (event.type !== 'advanced') return
      const { points } = event
      loss = points.loss.at(-1) ?? loss
      const seconds = (points.seconds.at(-1) ?? 0) - (points.seconds[0] ?? 0)
      const images = points.batchSize.slice(1).reduce((sum, size) => sum + size, 0)
      const now = seconds > 0 ? images / seconds : null
      speed = now === null ? speed : speed === null ? now : 0.8 * speed + 0.2 * now
    },
    text: (run) => {
      const { moment, updates, epochs } = run
      const planned = plannedEpochs(run)
      const done = moment.update - began.update
      // Of the clock, not of training alone: evaluations take time too.
      const left = done > 0 ? ((performance.now() - began.at) / 1000 / done) * (updates - moment.update) : null
      const last = epochs.at(-1)
      return [
        `epoch ${Math.min(moment.epoch + 1, planned)}/${planned} ${bar(updates > 0 ? moment.update / updates : 0)}`,
        `loss ${significant(loss)}`,
        ...(last === undefined
          ? []
          : [
              `train ${formatPercent(last.train.accuracy)}`,
              ...(last.validation === null ? [] : [`val ${formatPercent(last.validation.accuracy)}`]),
            ]),
        ...(left === null ? [] : [`${formatClock(left)} left`]),
        ...(speed === null ? [] : [`${formatCount(speed)} images/s`]),
      ].join(' · ')
    },
  }
}
