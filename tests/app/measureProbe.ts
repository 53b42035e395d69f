import type { CDPSession, ElectronApplication, Page } from '@playwright/test'
import { readFileSync, rmSync } from 'node:fs'

/**
 * What some work cost the window's main thread. Milliseconds; `Cpu` is time of the thread itself, which other programs
 * do not lengthen.
 */
export interface Cost {
  /** From the first event until the result is painted. */
  readonly wallMs: number
  readonly scriptCpuMs: number
  readonly layoutCpuMs: number
  readonly longestTaskCpuMs: number
  readonly longestTaskMs: number
}

interface TraceEvent {
  readonly ph: string
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly dur?: number
  readonly tdur?: number
  readonly args?: { readonly name?: string }
}

const rounded = (value: number): number => Math.round(value * 10) / 10

/** Tasks of the page's main thread in a trace; the page is the renderer that worked most. */
function longestTask(events: readonly TraceEvent[]): Pick<Cost, 'longestTaskCpuMs' | 'longestTaskMs'> {
  const mains = new Set(
    events
      .filter(({ ph, name, args }) => ph === 'M' && name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${String(pid)} ${String(tid)}`),
  )
  const tasks = events.filter(
    ({ ph, name, pid, tid }) => ph === 'X' && /RunTask$/.test(name) && mains.has(`${String(pid)} ${String(tid)}`),
  )
  const longest = (lasted: (task: TraceEvent) => number): number =>
    rounded(tasks.reduce((most, task) => Math.max(most, lasted(task)), 0) / 1000)
  return { longestTaskCpuMs: longest(({ tdur = 0 }) => tdur), longestTaskMs: longest(({ dur = 0 }) => dur) }
}

/** Measures work in the window: Chromium's own trace for single tasks, its counters of thread time for sums. */
export interface Probe {
  readonly cost: (work: () => Promise<number>) => Promise<Cost>
  /** How late main's timers come during some work. */
  readonly mainDelay: (work: () => Promise<void>) => Promise<{ readonly p99Ms: number; readonly maxMs: number }>
}

export async function probe(app: ElectronApplication, page: Page): Promise<Probe> {
  const session: CDPSession = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const counters = async (): Promise<{ readonly script: number; readonly layout: number }> => {
    const { metrics } = await session.send('Performance.getMetrics')
    const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? NaN
    return { script: of('ScriptDuration') * 1000, layout: (of('LayoutDuration') + of('RecalcStyleDuration')) * 1000 }
  }
  return {
    cost: async (work) => {
      await app.evaluate(({ contentTracing }) =>
        contentTracing.startRecording({ included_categories: ['toplevel', '__metadata'], excluded_categories: ['*'] }),
      )
      const before = await counters()
      const wallMs = await work()
      const after = await counters()
      const path = await app.evaluate(({ contentTracing }) => contentTracing.stopRecording())
      const { traceEvents } = JSON.parse(readFileSync(path, 'utf8')) as { readonly traceEvents: readonly TraceEvent[] }
      rmSync(path, { force: true })
      return {
        wallMs: rounded(wallMs),
        scriptCpuMs: rounded(after.script - before.script),
        layoutCpuMs: rounded(after.layout - before.layout),
        ...longestTask(traceEvents),
      }
    },
    mainDelay: async (work) => {
      await app.evaluate(() => {
        const late: number[] = []
        let expected = performance.now() + 5
        const timer = setInterval(() => {
          const now = performance.now()
          late.push(Math.max(0, now - expected))
          expected = now + 5
        }, 5)
        Object.assign(globalThis, { lateness: { late, timer } })
      })
      await work()
      const late = await app.evaluate(() => {
        const { late: all, timer } = Reflect.get(globalThis, 'lateness') as { late: number[]; timer: NodeJS.Timeout }
        clearInterval(timer)
        return all.sort((a, b) => a - b)
      })
      return { p99Ms: rounded(late[Math.floor(late.length * 0.99)] ?? NaN), maxMs: rounded(late.at(-1) ?? NaN) }
    },
  }
}

/**
 * Does something in the page, waits until a test of the page holds and the frame after it is painted; returns how long
 * that took.
 */
export const paintedAfter = (page: Page, act: string, isDone: string): Promise<number> =>
  // Both are functions as text: what is called inside a page must be sent into it whole.
  page.evaluate<number>(`(async () => {
    const frame = () => new Promise((resolve) => { requestAnimationFrame(resolve) })
    const began = performance.now()
    ;(${act})()
    do await frame()
    while (!(${isDone})() && performance.now() - began < 60000)
    await frame()
    await new Promise((resolve) => { setTimeout(resolve) })
    return performance.now() - began
  })()`)

/**
 * Notes, from now on, how long the page takes from each event to the frame that shows what came of it (Event Timing,
 * W3C; in steps of 8 ms).
 */
export const watchPresented = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const seen: [string, number][] = []
    Reflect.set(window, 'presented', seen)
    new PerformanceObserver((list) => {
      seen.push(...list.getEntries().map(({ name, duration }): [string, number] => [name, duration]))
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit)
  })

/** How long the last event of a kind took; milliseconds. */
export async function presentedAfter(page: Page, event: string): Promise<number> {
  await page.waitForTimeout(300)
  return page.evaluate(
    (name) => (Reflect.get(window, 'presented') as [string, number][]).findLast(([kind]) => kind === name)?.[1] ?? NaN,
    event,
  )
}
