// A tiny Electron app that starts trainers for a test in another process and repeats what they say.
import { app } from 'electron'
import { join } from 'node:path'
import type { TrainerHandle } from '../../core/host'
import type { Job, TrainCommand } from '../../core/job'
import { createOutputLog } from '../../main/electron/outputLog'
import { utilityHost } from '../../main/hosts/utilityHost'

type Ask =
  | { readonly type: 'start'; readonly id: number; readonly job: Job }
  | { readonly type: 'post'; readonly id: number; readonly command: TrainCommand }
  | { readonly type: 'kill'; readonly id: number }
  | { readonly type: 'quit' }

const say = (message: object): void => {
  process.send?.(message)
}
const thread = join(__dirname, 'thread.js')
const host = utilityHost({
  script: join(__dirname, 'utilityProcess.js'),
  thread,
  onOutput: createOutputLog((line) => console.error(line)),
})
const handles = new Map<number, TrainerHandle>()

function start(id: number, job: Job): void {
  const handle = host.start(job, (message) => say({ type: 'message', id, message, pid: handle.pid }))
  handles.set(id, handle)
  void handle.closed.then((exit) => say({ type: 'closed', id, exit }))
}

process.on('message', (ask: Ask) => {
  switch (ask.type) {
    case 'start':
      start(ask.id, ask.job)
      break
    case 'post':
      handles.get(ask.id)?.post(ask.command)
      break
    case 'kill':
      handles.get(ask.id)?.kill()
      break
    case 'quit':
      app.quit()
  }
})
app.on('window-all-closed', () => undefined)
void app.whenReady().then(() => say({ type: 'ready' }))
