import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Settings } from '../../../core/protocol'
import { madeLibrary } from '../../cli/built'
import { temporaryFolder } from '../../support/fakeTraining'
import { openApp, type App, type Programs } from '../../soak/app'
import { folderOf, holdsUp, isTidy, listOf, opened, type Told } from '../oracle'
import { programs } from '../programs'
import { pick, type Round, type Scenario } from '../rounds'
import { comes, type Moment } from '../victim'

/** What a person decides about a run. Purged: it is gone for good. */
type Words =
  | {
      readonly name: string
      readonly notes: string
      readonly tags: readonly string[]
      readonly starred: boolean
      readonly isRemoved: boolean
    }
  | 'purged'
type Theme = Settings['theme']

const wordsOf = ({ name, notes, tags, starred, removedAt }: Told): Words => ({
  name,
  notes,
  tags: [...tags],
  starred,
  isRemoved: removedAt !== null,
})

/** What was acknowledged of a thing, and what has been asked for since, which may be there or not. */
interface Possible<T> {
  acknowledged: T
  asked: T | null
}

const killsPerRound = 4

class Person {
  readonly runs = new Map<string, Possible<Words>>()
  readonly settings: Possible<{ readonly theme: Theme; readonly smoothing: number }>

  constructor(
    runs: readonly Told[],
    private readonly random: () => number,
    private readonly note: (what: string) => void,
  ) {
    for (const run of runs) this.runs.set(run.id, { acknowledged: wordsOf(run), asked: null })
    this.settings = { acknowledged: { theme: 'system', smoothing: 0.6 }, asked: null }
  }

  /** Changes one thing after the other, without an end, as fast as they are acknowledged. */
  async changeRuns(app: App, ids: readonly string[], isOver: () => boolean): Promise<void> {
    for (let n = 0; !isOver(); n++) {
      const id = pick(this.random, ids)
      const possible = this.runs.get(id)
      if (possible === undefined || possible.acknowledged === 'purged') continue
      const before = possible.acknowledged
      const { asked, send } = this.change(app, id, before, n)
      possible.asked = asked
      if (!(await send()).ok) {
        // Gone in the middle of it, or refused: it may have been done all the same only where the app is gone.
        if (!isOver()) throw new Error(`${JSON.stringify(asked)} was refused`)
        return
      }
      possible.acknowledged = asked
      possible.asked = null
    }
  }

  private change(
    app: App,
    id: string,
    before: Exclude<Words, 'purged'>,
    n: number,
  ): { readonly asked: Words; readonly send: () => ReturnType<App['request']> } {
    const dice = this.random()
    if (dice < 0.15) return { asked: { ...before, isRemoved: true }, send: () => app.request('runs.remove', [id]) }
    if (before.isRemoved && dice < 0.35)
      return { asked: { ...before, isRemoved: false }, send: () => app.request('runs.restore', [id]) }
    if (before.isRemoved && dice < 0.42) return { asked: 'purged', send: () => app.request('runs.purge', [id]) }
    const words = {
      notes: `note ${n} ${'x'.repeat(Math.floor(this.random() * 2000))}`,
      name: `name ${n}`,
      tags: [`tag ${n}`, 'kept'],
      starred: n % 2 === 0,
    }
    return { asked: { ...before, ...words }, send: () => app.request('runs.annotate', { id, ...words }) }
  }

  async changeSettings(app: App, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const asked = {
        theme: pick(this.random, ['system', 'light', 'dark'] as const),
        smoothing: Math.round(this.random() * 90) / 100,
      }
      this.settings.asked = asked
      if (!(await app.request('settings.change', asked)).ok) return
      this.settings.acknowledged = asked
      this.settings.asked = null
    }
  }

  /** Holds a library to what it acknowledged, and takes what was on its way for what it became. */
  holds(library: string, runs: readonly Told[]): void {
    const found = new Map(runs.map((run) => [run.id, wordsOf(run)]))
    for (const [id, possible] of this.runs) {
      const is = found.get(id) ?? 'purged'
      expect([possible.acknowledged, ...(possible.asked === null ? [] : [possible.asked])], `run ${id}`).toContainEqual(
        is,
      )
      if (is === 'purged') expect(existsSync(folderOf(library, id))).toBe(false)
      possible.acknowledged = is
      possible.asked = null
      this.note(`${id} is ${is === 'purged' ? is : 'there'}`)
    }
    expect(found.size).toBe([...this.runs.values()].filter(({ acknowledged }) => acknowledged !== 'purged').length)
    this.holdsSettings(library)
  }

  private holdsSettings(library: string): void {
    const path = join(library, 'settings.json')
    const read = (): typeof this.settings.acknowledged => {
      const {
        data: { theme, smoothing },
      } = JSON.parse(readFileSync(path, 'utf8')) as { data: { theme: Theme; smoothing: number } }
      return { theme, smoothing }
    }
    const is = existsSync(path) ? read() : this.settings.acknowledged
    expect(
      [this.settings.acknowledged, ...(this.settings.asked === null ? [] : [this.settings.asked])],
      'settings',
    ).toContainEqual(is)
    this.settings.acknowledged = is
    this.settings.asked = null
  }
}

async function play(
  { random, folder, isCompound, killed, note }: Round,
  built: Programs,
  template: string,
): Promise<void> {
  const library = join(folder, 'library')
  mkdirSync(library)
  cpSync(template, library, { recursive: true })
  const person = new Person(listOf(library), random, () => undefined)
  for (let kill = 0; kill < killsPerRound; kill++) {
    const app = await openApp(library, built)
    const ids = [...person.runs.keys()]
    let isOver = false
    // Runs of different halves are changed at the same time.
    const half = Math.ceil(ids.length / 2)
    const isDone = (): boolean => isOver
    const changing = Promise.all([
      person.changeRuns(app, ids.slice(0, half), isDone),
      person.changeRuns(app, ids.slice(half), isDone),
      person.changeSettings(app, isDone),
    ])
    changing.catch(() => undefined)
    const moment: Moment =
      random() < 0.5
        ? { type: 'time', ms: random() * 300 }
        : { type: 'change', count: 1 + Math.floor(random() * 200), afterMs: 0 }
    note(`kill ${kill + 1}`)
    await comes(moment, library, changing)
    isOver = true
    await app.kill()
    await changing
    killed('main')
    await holdsUp(library)
    // The one that opens it anew is killed too, before it has said anything.
    if (isCompound) {
      const opening = openApp(library, built)
      opening.catch(() => undefined)
      await comes(
        { type: 'time', ms: 60 + random() * 150 },
        library,
        opening.catch(() => undefined),
      )
      await (await opening).kill()
      killed('main, opening')
    }
    person.holds(library, await opened(library))
  }
  await isTidy(library)
}

/** What a person writes about runs, and settings: removed, restored, deleted, annotated, as fast as it goes. */
export const changes: Scenario = {
  name: 'annotate, remove, restore, purge, settings',
  share: 24,
  isSampled: true,
  prepare: async () => {
    const built = await programs()
    const template = join(temporaryFolder(), 'library')
    mkdirSync(template)
    await madeLibrary(
      template,
      Array.from({ length: 8 }, (_, n) => ({ name: `made ${n}` })),
    )
    return async (round) => {
      await play(round, built, template)
    }
  },
}
