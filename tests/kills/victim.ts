import { spawn, type ChildProcess } from 'node:child_process'
import { watch, statSync, readdirSync, type FSWatcher } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import { descendants, isAlive } from '../app/processes'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A real process at work, in a process group of its own. */
export interface Victim {
  readonly pid: number
  readonly child: ChildProcess
  /** When it is gone; what it said until then. */
  readonly done: Promise<Ended>
  /** Every whole line of its standard output so far: a torn last one was not said. */
  readonly lines: () => readonly string[]
}

/** What a kill hits: the process that was started, one that it started, or all of them at once. */
export type Target = 'process' | 'child' | 'group'

/** When a kill comes: so long after the start, or so long after the so manyth change of a file. */
export type Moment =
  | { readonly type: 'time'; readonly ms: number }
  | { readonly type: 'change'; readonly count: number; readonly afterMs: number }

const started = new Set<number>()

export function launch(
  command: string,
  args: readonly string[],
  { env = {}, input = '' }: { readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Victim {
  const child = spawn(command, args, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', ...env },
  })
  const pid = child.pid ?? 0
  started.add(pid)
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.stdin.on('error', () => undefined).end(input)
  const done = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    // Not its streams' end: a child of its own may hold them longer than it lives.
    child.once('exit', (code, signal) =>
      setImmediate(() => {
        resolve({ code, signal, stdout, stderr })
      }),
    )
  })
  return { pid, child, done, lines: () => stdout.split('\n').slice(0, -1) }
}

/** Ends whatever is left of the processes that were started here. */
export function endAll(): void {
  for (const pid of started) killGroup(pid)
  started.clear()
}

/** Follows which processes there are below one, until it is asked for those that it has seen. */
export function followChildren({ pid }: Victim): () => readonly number[] {
  const seen = new Set<number>()
  // Those of now may not be those at the kill.
  const looking = setInterval(() => {
    for (const one of descendants(pid)) seen.add(one.pid)
  }, 20)
  return () => {
    clearInterval(looking)
    return [...seen]
  }
}

/** Nobody trains or draws for a process that is gone: what it had started is gone soon after it. */
export async function areGone(pids: readonly number[], withinMs: number): Promise<void> {
  for (const began = performance.now(); performance.now() - began < withinMs && pids.some(isAlive); await wait(50));
  expect(pids.filter(isAlive), `processes that outlive what started them by ${String(withinMs / 1000)} s`).toEqual([])
}

function isGroupAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0)
    return true
  } catch {
    return false
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    /* Nothing is left of it. */
  }
}

/** Settles with true when the moment has come, and with false where the work is over sooner. */
export async function comes(moment: Moment, folder: string, over: Promise<unknown>): Promise<boolean> {
  const stop = new AbortController()
  const due =
    moment.type === 'time'
      ? wait(moment.ms, undefined, { signal: stop.signal })
      : changes(folder, moment.count, stop.signal).then(() => wait(moment.afterMs, undefined, { signal: stop.signal }))
  const hasCome = await Promise.race([
    due.then(
      () => true,
      () => false,
    ),
    over.then(() => false),
  ])
  stop.abort()
  return hasCome
}

/** Kills when the moment has come, and says whether anything was there to be killed. */
export async function killAt(
  { pid, child, done }: Victim,
  moment: Moment,
  folder: string,
  target: Target,
  random: () => number,
): Promise<boolean> {
  if (!(await comes(moment, folder, done)) || child.exitCode !== null) return false
  const children = target === 'child' ? descendants(pid) : []
  const one = children[Math.floor(random() * children.length)]
  if (target === 'child' && one === undefined) return false
  try {
    process.kill(target === 'group' ? -pid : (one?.pid ?? pid), 'SIGKILL')
  } catch {
    return false
  }
  if (one !== undefined) while (isAlive(one.pid)) await wait(10)
  else await done
  if (target === 'group') while (isGroupAlive(pid)) await wait(10)
  return true
}

/** Settles with the so manyth change below a folder. */
async function changes(folder: string, count: number, signal: AbortSignal): Promise<void> {
  let seen = 0
  await new Promise<void>((resolve) => {
    const close = watchTree(folder, () => {
      seen++
      if (seen === count) resolve()
    })
    signal.addEventListener('abort', close, { once: true })
  })
}

/** Hears every change of a file below a folder; folders that are made meanwhile are looked at from then on. */
function watchTree(root: string, on: () => void): () => void {
  const watchers = new Map<string, FSWatcher>()
  const add = (folder: string): void => {
    if (watchers.has(folder)) return
    try {
      const watcher = watch(folder, (type, name) => {
        on()
        if (type === 'rename' && name !== null) inspectPath(join(folder, name))
      })
      watcher.on('error', () => undefined)
      watchers.set(folder, watcher)
      for (const name of readdirSync(folder)) inspectPath(join(folder, name))
    } catch {
      /* It is gone already. */
    }
  }
  const inspectPath = (path: string): void => {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) add(path)
  }
  add(root)
  return () => {
    for (const watcher of watchers.values()) watcher.close()
  }
}

/** How long some work takes when nobody disturbs it, and how many changes of files it makes. */
export interface Extent {
  readonly ms: number
  readonly changes: number
}

export async function measure<T>(
  folder: string,
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly extent: Extent }> {
  let changes = 0
  const close = watchTree(folder, () => {
    changes++
  })
  const began = performance.now()
  const value = await work()
  const ms = performance.now() - began
  close()
  return { value, extent: { ms, changes } }
}

/** A moment within an extent: half of them any time, half right after a file has changed. */
export const momentIn = ({ ms, changes: count }: Extent, random: () => number): Moment =>
  random() < 0.5 || count === 0
    ? { type: 'time', ms: 10 + random() * ms }
    : { type: 'change', count: 1 + Math.floor(random() * count), afterMs: Math.floor(random() * 4) }

export const momentText = (moment: Moment): string =>
  moment.type === 'time'
    ? `${Math.round(moment.ms)} ms after its start`
    : `${moment.afterMs} ms after change ${moment.count}`
