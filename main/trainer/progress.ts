import type { HostMessage } from '../../core/job'
import type { LoadProgress, OnProgress } from '../data/rawImages'

const everyMs = 250
const stages: Readonly<Record<LoadProgress['stage'], string>> = {
  checking: 'Checking the images', reading: 'Reading the images', packing: 'Packing the images', unpacking: 'Unpacking the images',
}

/** Says how far loading is, at most four times a second. */
export function progressOf(say: (message: HostMessage) => void): OnProgress {
  let said = -Infinity
  return ({ stage, done, total }) => {
    const now = performance.now()
    if (now - said < everyMs) return
    said = now
    say({ type: 'progress', message: stages[stage], fraction: total > 0 ? done / total : null })
  }
}
