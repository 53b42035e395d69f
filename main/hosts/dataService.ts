import type { Exit, TrainerHandle, TrainerHost } from '../../core/host'
import type { DataJob, Folders, HostMessage, Job } from '../../core/job'

/** A process that nobody asks anything ends after so long; its memory is for a training where there is one. */
export const serviceIdle = { ms: 60_000, besideTrainingMs: 5000 } as const

const byForce: Exit = { code: null, signal: 'SIGKILL', description: 'the trainer process was ended by force' }
const ended: Exit = { code: 0, signal: null, description: 'the trainer ended' }

/** A job that the service is asked for. */
interface Asked {
  readonly id: number
  readonly job: DataJob
  readonly on: (message: HostMessage) => void
  readonly close: (exit: Exit) => void
  service: Service
  /** Whether a service was lost with it before. */
  wasLost: boolean
}

interface Service {
  readonly handle: TrainerHandle
  /** The first is being done. */
  readonly queue: Asked[]
  answered: number
  isOver: boolean
  cancelIdle: () => void
}

const isDataJob = (job: Job): job is DataJob =>
  job.type === 'inspect' || job.type === 'preview' || job.type === 'evaluate'

/**
 * A host whose jobs about data are done by one process, which keeps what it has read and ends when nobody asks it
 * anything. Whoever starts a job sees no difference: the process is started when there is none, a job during an
 * evaluation gets one of its own, and a job that the process was lost with by no fault of its own is done again. All
 * else is the host's own.
 */
export function withDataService(host: TrainerHost, after = afterMs): TrainerHost {
  return new DataService(host, after)
}

function afterMs(ms: number, on: () => void): () => void {
  const timer = setTimeout(on, ms)
  timer.unref()
  return () => clearTimeout(timer)
}

class DataService implements TrainerHost {
  readonly #host: TrainerHost
  readonly #after: typeof afterMs
  #service: Service | null = null
  #trainings = 0
  #ids = 0

  constructor(host: TrainerHost, after: typeof afterMs) {
    this.#host = host
    this.#after = after
  }

  readonly start = (job: Job, on: (message: HostMessage) => void): TrainerHandle => {
    if (job.type === 'train') return this.#train(job, on)
    // Nobody who looks at images waits for an evaluation, which may take minutes.
    const isEvaluating = this.#service?.queue.some((asked) => asked.job.type === 'evaluate') === true
    return isDataJob(job) && !isEvaluating ? this.#ask(job, on) : this.#host.start(job, on)
  }

  #train(job: Job, on: (message: HostMessage) => void): TrainerHandle {
    this.#trainings++
    if (this.#service?.queue.length === 0) this.#retire(this.#service)
    const handle = this.#host.start(job, on)
    void handle.closed.then(() => this.#trainings--)
    return handle
  }

  #ask(job: DataJob, on: (message: HostMessage) => void): TrainerHandle {
    let close: (exit: Exit) => void = () => undefined
    const closed = new Promise<Exit>((resolve) => {
      close = resolve
    })
    const service = this.#service ?? this.#open(job.folders)
    const asked: Asked = { id: ++this.#ids, job, on, close, service, wasLost: false }
    this.#enqueue(service, [asked])
    return {
      get pid() {
        return asked.service.handle.pid
      },
      post: () => undefined,
      kill: () => this.#cancel(asked),
      closed,
    }
  }

  #open(folders: Folders): Service {
    const service: Service = {
      handle: this.#host.start({ type: 'serve', folders }, (message) => this.#hear(service, message)),
      queue: [],
      answered: 0,
      isOver: false,
      cancelIdle: () => undefined,
    }
    void service.handle.closed.then((exit) => this.#lose(service, ({ close }) => close(exit)))
    this.#service = service
    return service
  }

  #enqueue(service: Service, more: readonly Asked[]): void {
    service.cancelIdle()
    const isIdle = service.queue.length === 0
    for (const asked of more) {
      asked.service = service
      service.queue.push(asked)
    }
    if (isIdle) this.#next(service)
  }

  #next(service: Service): void {
    const [asked] = service.queue
    if (asked !== undefined)
      return service.handle.post({ type: 'ask', id: asked.id, job: asked.job, alone: this.#trainings > 0 })
    service.cancelIdle = this.#after(this.#trainings > 0 ? serviceIdle.besideTrainingMs : serviceIdle.ms, () =>
      this.#retire(service),
    )
  }

  #hear(service: Service, message: HostMessage): void {
    if (service.isOver) return
    const [asked] = service.queue
    if (message.type === 'heartbeat') for (const { on } of [...service.queue]) on(message)
    // The thread itself has come to its end.
    else if (message.type === 'done' || message.type === 'failed')
      this.#lose(service, ({ on, close }) => {
        on(message.type === 'failed' ? message : { type: 'failed', message: 'the data service ended' })
        close(ended)
      })
    else if (message.type === 'answer' && asked?.id === message.id) this.#answer(service, asked, message.said)
  }

  #answer(service: Service, asked: Asked, message: Extract<HostMessage, { type: 'answer' }>['said']): void {
    if (message.type === 'progress') return asked.on(message)
    if (message.type === 'declined') return this.#restart(service)
    service.queue.shift()
    service.answered++
    // Where memory has run out, what is held goes first.
    if (message.type === 'failed' && message.shortage !== undefined) this.#restart(service)
    else this.#next(service)
    asked.on(message)
    asked.close(ended)
  }

  /** A fresh process does what there is to do. */
  #restart(service: Service): void {
    const left = service.queue.splice(0)
    this.#retire(service)
    const [first] = left
    if (first !== undefined) this.#enqueue(this.#service ?? this.#open(first.job.folders), left)
  }

  #retire(service: Service): void {
    if (service.isOver) return
    service.isOver = true
    service.cancelIdle()
    if (this.#service === service) this.#service = null
    // It has nothing to write.
    service.handle.kill()
  }

  /** The process is gone by itself. The job that it was at is done again where others were done before it. */
  #lose(service: Service, tell: (asked: Asked) => void): void {
    if (service.isOver) return
    const [asked] = service.queue
    if (asked !== undefined && (asked.wasLost || service.answered === 0)) {
      service.queue.shift()
      tell(asked)
    } else if (asked !== undefined) asked.wasLost = true
    this.#restart(service)
  }

  #cancel(asked: Asked): void {
    const { service } = asked
    const at = service.queue.indexOf(asked)
    if (at < 0) return
    service.queue.splice(at, 1)
    if (at > 0) return asked.close(byForce)
    void service.handle.closed.then(() => asked.close(byForce))
    this.#restart(service)
  }
}
