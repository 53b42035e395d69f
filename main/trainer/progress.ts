import type { HostMessage } from '../../core/job'
import type { LoadProgress, OnProgress } from '../data/rawImages'

const everyMs = 250
const stages: Readonly<Record<LoadProgress['stage'], string>> = {
  checking: 'Checking the images',
  reading: 'Reading the images',
  packing: 'Packing the images',
  unpacking: 'Unpacking the images',
}

/**
 * Says how far loading is, at most four times a second; a stage's first word and its last are always told, so that
 * nobody is left at 75 %.
 */
export function progressOf(post: (message: HostMessage) => void): OnProgress {
  let said = -Infinity
  let last: LoadProgress['stage'] | null = null
  let isOver = false
  return ({ stage, done, total }) => {
    const now = performance.now()
    const isLast = done >= total
    if (stage === last && (isOver || (!isLast && now - said < everyMs))) return
    said = now
    last = stage
    isOver = isLast
    post({ type: 'progress', message: stages[stage], fraction: total > 0 ? done / total : null })
  }
}
