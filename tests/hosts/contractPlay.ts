import type { DataRequest, HostMessage, Job, TrainCommand } from '../../core/job'

/** What a trainer does in one scene of the contract; the scene's name is the config's. */
export interface Stage {
  readonly say: (message: HostMessage) => void
  readonly onCommand: (on: (command: TrainCommand | DataRequest) => void) => void
  /** Ends the trainer without a word. */
  readonly leave: () => void
}

const moment = (update: number) => ({ update, epoch: 0, position: 0, examples: update, seconds: update })
const points = (update: number) => ({
  update: [update],
  loss: [1],
  accuracy: [0.5],
  learningRate: [0.1],
  batchSize: [1],
  gradientNorm: [1],
  seconds: [update],
  momentum: [0.9],
})

/** Plays a trainer: the same scenes for every host. */
export function play(job: Job, { say, onCommand, leave }: Stage): void {
  const scene = job.type === 'train' ? job.config.name : ''
  switch (scene) {
    case 'finish':
      for (let update = 1; update <= 500; update++)
        say({ type: 'event', event: { type: 'advanced', points: points(update) } })
      say({ type: 'event', event: { type: 'ended', at: '', moment: moment(500), reason: 'finished', message: '' } })
      say({ type: 'done', result: null })
      break
    case 'pause':
      onCommand((command) => {
        say({ type: 'event', event: { type: 'paused', at: '', moment: moment(1), cause: command.type } })
        say({ type: 'done', result: null })
      })
      say({ type: 'progress', message: 'ready', fraction: null })
      break
    case 'echo':
      onCommand((command) => {
        say({ type: 'progress', message: command.type, fraction: null })
        if (command.type === 'stop') say({ type: 'done', result: null })
      })
      break
    case 'chatter':
      say({ type: 'done', result: null })
      say({ type: 'failed', message: 'a second last word' })
      say({ type: 'event', event: { type: 'noted', at: '', update: 0, message: 'more' } })
      break
    case 'fail':
      say({ type: 'event', event: { type: 'noted', at: '', update: 0, message: 'about to fail' } })
      say({ type: 'failed', message: 'the first convolution needs 3 channels, found 1' })
      break
    case 'leave':
      leave()
      break
    case 'hang':
      say({ type: 'progress', message: 'ready', fraction: null })
      break
    case 'answer':
    default:
      say({ type: 'done', result: [] })
  }
}
