import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { AppEvent, Input, RequestName } from '../../core/protocol'
import type { Run, RunId } from '../../core/run'
import { applyEvent, noRecords, withRuns, type MirroredRecords } from '../../renderer/records'
import type { Answer, Ask } from './appProcess'

export type Reply = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string }

/** Programs and folders that an app is started with. */
export interface Programs {
  readonly app: string
  readonly resources: string
  readonly trainerThread: string
}

/** A running app, seen as its window sees it. */
export interface App {
  readonly request: <N extends RequestName>(name: N, input: Input<N>) => Promise<Reply>
  /** What the next dialog answers. */
  readonly choose: (path: string) => Promise<Reply>
  /** Settles when nothing trains and nothing waits. */
  readonly rest: () => Promise<Reply>
  readonly quit: () => Promise<void>
  /** Ends it as a power cut does. */
  readonly kill: () => Promise<void>
  /** The window's mirror of the runs, folded from the events alone since it was opened. */
  readonly mirror: () => MirroredRecords['runs']
}

/** Starts an app in a process of its own and opens its window. */
export async function openApp(library: string, { app, resources, trainerThread }: Programs): Promise<App> {
  const child = spawn(process.execPath, [app, library, resources, trainerThread], { stdio: ['pipe', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  const waiting = new Map<number, (reply: Reply) => void>()
  const early: AppEvent[] = []
  let records: MirroredRecords | null = null
  let said = ''
  let next = 1
  child.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString()
  })
  // A request on its way when the process is killed.
  child.stdin.on('error', () => undefined)

  const isOpen = new Promise<Reply>((resolve) => {
    waiting.set(0, resolve)
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer
    if ('event' in answer) {
      if (records === null) early.push(answer.event)
      else records = applyEvent(records, answer.event)
      return
    }
    const { id, ...reply } = answer
    waiting.get(id)?.(reply as Reply)
    waiting.delete(id)
  })
  void closed.then(() => {
    for (const resolve of waiting.values()) resolve({ ok: false, message: `the app is gone: ${said}` })
  })

  const ask = async (
    what: Ask extends infer A ? (A extends { id: number } ? Omit<A, 'id'> : never) : never,
  ): Promise<Reply> => {
    const id = next++
    const reply = new Promise<Reply>((resolve) => {
      waiting.set(id, resolve)
    })
    child.stdin.write(`${JSON.stringify({ id, ...what })}\n`)
    return await reply
  }

  const opened = await isOpen
  if (!opened.ok) throw new Error(opened.message)
  const list = await ask({ name: 'runs.list', input: null })
  if (!list.ok) throw new Error(list.message)
  records = early.reduce(applyEvent, withRuns(noRecords, JSON.parse(String(list.value)) as readonly Run[]))

  return {
    request: async (name, input) => await ask({ name, input }),
    choose: async (path) => await ask({ choose: path }),
    rest: async () => await ask({ rest: true }),
    quit: async () => {
      await ask({ quit: true })
      await closed
    },
    kill: async () => {
      child.kill('SIGKILL')
      await closed
    },
    mirror: () => records?.runs ?? {},
  }
}

/** The runs as a window that opens now is told them. */
export async function listed(app: App): Promise<ReadonlyMap<RunId, Run>> {
  const reply = await app.request('runs.list', null)
  if (!reply.ok) throw new Error(reply.message)
  return new Map((JSON.parse(String(reply.value)) as readonly Run[]).map((run) => [run.id, run]))
}
