import { existsSync, readdirSync, renameSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { parseConfig } from '../../core/config/parse'
import type { RunConfig } from '../../core/config/config'
import type { Run, RunId } from '../../core/run'
import { listed, type App, type Reply } from './app'
import {
  chances,
  configFor,
  epochOfStop,
  expected,
  firstEpochs,
  isBusy,
  moreEpochs,
  mostEpochs,
  settings,
  type Known,
  type Wish,
} from './model'
import { checkpointAt, checkpointFiles, linesOf, storyOf, type Story } from './truth'

/** An undisturbed training: its log's story and a digest of the tensors that it ended with. */
export interface Truth {
  readonly story: Story
  readonly final: string
}

interface Options {
  readonly seed: number
  readonly library: string
  readonly images: string
  readonly open: (library: string) => Promise<App>
  /** By kind and epochs, such as "plain 12". */
  readonly truths: ReadonlyMap<string, Truth>
}

const wishes: readonly Wish[] = [
  'pause',
  'pause',
  'resume',
  'resume',
  'stop',
  'save',
  'kill',
  'extend',
  'extend',
  'fork',
  'remove',
  'restore',
  'purge',
]

/** One random sequence: plays requests against an app, remembers what it was told, and holds the library to that. */
export class Sequence {
  /** What was done, for a person who has to play it again. */
  readonly steps: string[] = []
  readonly #known = new Map<RunId, Known>()
  readonly #purged = new Set<RunId>()
  readonly #random: () => number
  #app: App | null = null
  /** Where the images are now. */
  #place: string

  constructor(private readonly options: Options) {
    this.#random = chances(options.seed)
    this.#place = options.images
  }

  async play(steps: number): Promise<void> {
    this.#app = await this.options.open(this.options.library)
    await this.#start()
    for (let step = 1; step < steps; step++) {
      await this.#any()
      if (this.#random() < 0.12) await this.#verify()
    }
  }

  /** Brings everything to an end: the images back, every run resumed, the app opened anew; and looks at all of it. */
  async end(): Promise<void> {
    await this.#bringBack()
    await this.#verify()
    for (const [id, known] of this.#known) if (known.path !== this.#place && !known.isRemoved) await this.#locate(id)
    for (const [id, run] of await listed(this.#window)) {
      if (!this.#known.get(id)?.isRemoved && (run.status === 'paused' || run.status === 'interrupted')) {
        this.#accept(await this.#window.request('runs.resume', id))
        this.steps.push(`resume ${run.name} at the end`)
      }
    }
    await this.#verify()
    for (const [id, run] of await listed(this.#window))
      if (!this.#known.get(id)?.isRemoved)
        expect(['finished', 'earlyStopped', 'stopped'], run.message).toContain(run.status)
    await this.#window.quit()
    this.#app = await this.options.open(this.options.library)
    await this.#verify()
    // Of runs at rest they are cleared when the window has its list.
    await vi.waitFor(
      () => {
        expect(unfinishedIn(join(this.options.library, 'runs'))).toEqual([])
      },
      { timeout: 20_000, interval: 100 },
    )
    await this.#window.quit()
  }

  get #window(): App {
    if (this.#app === null) throw new Error('the app is not open')
    return this.#app
  }

  #pick<T>(from: readonly T[]): T {
    const found = from[Math.floor(this.#random() * from.length)]
    if (found === undefined) throw new Error('there is nothing to pick from')
    return found
  }

  async #any(): Promise<void> {
    const dice = this.#random()
    if (dice < 0.15 || this.#known.size === 0) return await this.#start()
    if (dice < 0.62) return await this.#wish(this.#pick(wishes), this.#pick([...this.#known.keys()]))
    if (dice < 0.75) return await this.#pass()
    if (dice < 0.82) return await this.#crash()
    if (dice < 0.86) return await this.#again()
    if (dice < 0.9) return this.#place === this.options.images ? await this.#moveAway() : await this.#bringBack()
    if (dice < 0.94) return await this.#locate(this.#pick([...this.#known.keys()]))
    await this.#compare()
  }

  #accept(reply: Reply): unknown {
    if (!reply.ok) throw new Error(reply.message)
    return reply.value
  }

  #config(kind: string, epochs: number): RunConfig {
    const parsed = parseConfig(configFor(kind, this.options.images, epochs))
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
    return parsed.value
  }

  async #start(): Promise<void> {
    const kind = this.#pick(Object.keys(settings))
    // Two equal requests within a second are one.
    const config = { ...this.#config(kind, firstEpochs), name: `${kind} ${this.steps.length}` }
    this.steps.push(`start ${config.name}`)
    const reply = await this.#window.request('runs.start', { config, weights: null })
    if (this.#place !== this.options.images) return expect(reply.ok, 'a start without images').toBe(false)
    this.#known.set(String(this.#accept(reply)), {
      kind,
      from: 0,
      path: this.options.images,
      epochs: firstEpochs,
      isRemoved: false,
      lackedImages: false,
      extensions: [],
    })
  }

  async #wish(wish: Wish, id: RunId): Promise<void> {
    const known = this.#known.get(id)
    const run = (await listed(this.#window)).get(id)
    if (known === undefined || run === undefined) throw new Error(`${id} is not there`)
    if (wish === 'extend' && known.epochs >= mostEpochs) return
    this.steps.push(`${wish} ${run.name} (${run.status}${run.removedAt === null ? '' : ', removed'})`)
    const reply = await this.#perform(wish, run, known)
    const hasCheckpoint = run.checkpoints.length > 0
    const right = expected(wish, run.status, known, { hasCheckpoint, hasImages: known.path === this.#place })
    if (right !== null) expect(reply.ok, reply.ok ? `${wish} was done` : reply.message).toBe(right)
    if (!reply.ok) {
      expect(reply.message).not.toBe('')
      if (!isBusy(run.status))
        expect(await this.#statusOf(id), 'a refusal changes nothing').toEqual([run.status, known.epochs])
      return
    }
    if (wish === 'extend') {
      known.epochs += moreEpochs
      known.extensions.push({ status: run.status, epoch: run.moment.epoch })
    }
    if (wish === 'fork') await this.#remember(String(reply.value), known)
    if (wish === 'remove') known.isRemoved = true
    if (wish === 'restore') known.isRemoved = false
    if (wish === 'purge') {
      this.#known.delete(id)
      this.#purged.add(id)
    }
    if (wish === 'remove' && isBusy(run.status)) expect(run.status).toBe('queued')
  }

  /** A fork of a run that trains began from what its checkpoint was at that moment, which the fork's origin tells. */
  async #remember(id: RunId, { kind, epochs, path }: Known): Promise<void> {
    const origin = (await listed(this.#window)).get(id)?.origin
    if (origin?.type !== 'fork') throw new Error(`${id} is no fork`)
    this.#known.set(id, {
      kind,
      from: origin.update,
      path,
      epochs,
      isRemoved: false,
      lackedImages: false,
      extensions: [],
    })
  }

  async #statusOf(id: RunId): Promise<unknown> {
    const run = (await listed(this.#window)).get(id)
    return [run?.status, run?.config.epochs]
  }

  async #perform(wish: Wish, run: Run, known: Known): Promise<Reply> {
    const { id } = run
    const window = this.#window
    switch (wish) {
      case 'extend':
        return await window.request('runs.extend', { id, epochs: known.epochs + moreEpochs, schedule: null })
      case 'fork':
        return await window.request('runs.fork', {
          id,
          checkpoint: run.checkpoints[0]?.name ?? 'none',
          config: { ...run.config, name: `fork ${this.steps.length}` },
        })
      case 'remove':
      case 'restore':
      case 'purge':
        return await window.request(`runs.${wish}`, [id])
      case 'pause':
      case 'resume':
      case 'stop':
      case 'save':
      case 'kill':
        return await window.request(`runs.${wish}`, id)
    }
  }

  async #pass(): Promise<void> {
    const ms = Math.floor(this.#random() * 600)
    this.steps.push(`wait ${ms} ms`)
    await wait(ms)
  }

  async #crash(): Promise<void> {
    this.steps.push('kill the app')
    await this.#window.kill()
    this.#app = await this.options.open(this.options.library)
  }

  async #again(): Promise<void> {
    this.steps.push('quit and open')
    await this.#window.quit()
    this.#app = await this.options.open(this.options.library)
  }

  async #moveAway(): Promise<void> {
    this.steps.push('move the images away')
    for (const [id, run] of await listed(this.#window)) {
      const known = this.#known.get(id)
      if (known !== undefined && isBusy(run.status)) known.lackedImages = true
    }
    this.#moveTo(`${this.options.images} elsewhere`)
  }

  #moveTo(place: string): void {
    renameSync(this.#place, place)
    this.#place = place
  }

  async #bringBack(): Promise<void> {
    if (this.#place === this.options.images) return
    this.steps.push('bring the images back')
    for (const [id, run] of await listed(this.#window)) {
      const known = this.#known.get(id)
      if (known?.path === this.#place && isBusy(run.status)) known.lackedImages = true
    }
    this.#moveTo(this.options.images)
  }

  /** Tells a run at rest where its images are. */
  async #locate(id: RunId): Promise<void> {
    await this.#window.rest()
    const known = this.#known.get(id)!
    const run = (await listed(this.#window)).get(id)!
    this.steps.push(`locate ${run.name} (${run.status}${known.isRemoved ? ', removed' : ''})`)
    await this.#window.choose(this.#place)
    const reply = await this.#window.request('runs.locate', { id, what: 'folder' })
    // In the trash it may be told or refused.
    if (!known.isRemoved) this.#accept(reply)
    if (reply.ok) known.path = this.#place
  }

  async #compare(): Promise<void> {
    await this.#window.rest()
    const able = [...(await listed(this.#window))]
      .map(([, run]) => run)
      .filter(
        ({ status, checkpoints, removedAt }) =>
          removedAt === null && status === 'finished' && checkpoints.some(({ name }) => name === 'final'),
      )
    if (able.length === 0) return
    const [a, b] = [this.#pick(able), this.#pick(able)]
    this.steps.push(`compare ${a.name} with ${b.name}`)
    const reply = await this.#window.request('checkpoints.compare', {
      a: { run: a.id, checkpoint: 'final' },
      b: { run: b.id, checkpoint: 'final' },
      split: 'test',
      unseen: false,
    })
    if (this.#known.get(a.id)?.path !== this.#place) return expect(reply.ok, 'a comparison without images').toBe(false)
    const found = this.#accept(reply) as { a: { score: unknown }; b: { score: unknown } }
    for (const [side, run] of [
      [found.a, a],
      [found.b, b],
    ] as const)
      expect(side.score, run.name).toEqual(storyOf(linesOf(this.#folderOf(run.id))).tests['last']?.test)
  }

  #folderOf(id: RunId): string {
    return join(this.options.library, 'runs', id)
  }

  /** Waits until nothing trains, and holds every run to what is known of it. */
  async #verify(): Promise<void> {
    await this.#window.rest()
    const runs = await listed(this.#window)
    expect([...runs.keys()].sort(), 'the runs that were asked for').toEqual([...this.#known.keys()].sort())
    for (const id of this.#purged) expect(existsSync(this.#folderOf(id))).toBe(false)
    for (const [id, run] of runs) {
      // The window is told at most ten times a second: it may be a moment behind, and no longer.
      await vi.waitFor(
        () => {
          expect(told(this.#window.mirror()[id]), `the window's ${run.name}`).toEqual(told(run))
        },
        { timeout: 10_000, interval: 20 },
      )
      this.#verifyRun(run, this.#known.get(id)!)
    }
  }

  #verifyRun(run: Run, known: Known): void {
    const folder = this.#folderOf(run.id)
    const story = storyOf(linesOf(folder))
    const truth = this.options.truths.get(`${known.kind} ${known.epochs}`)!
    expect(run.config.epochs, run.name).toBe(known.epochs)
    expect(run.config.data.source, run.name).toMatchObject({ path: known.path })
    expect(run.removedAt !== null, run.name).toBe(known.isRemoved)
    if (run.status === 'failed') expect(known.lackedImages, `${run.name}: ${run.message}`).toBe(true)
    // A run that was extended waits to go on.
    else if (story.last === 'extended') expect(['paused', 'interrupted', 'stopped'], run.name).toContain(run.status)
    else if (run.status !== 'interrupted' && story.last !== '') expect(story.last, run.name).toBe(run.status)

    // The trace: without a gap, and in each update the undisturbed training's numbers.
    const updates = [...story.loss.keys()].sort((a, b) => a - b)
    expect(updates, run.name).toEqual(updates.map((_, i) => known.from + i + 1))
    for (const [update, loss] of story.loss)
      expect(loss, `${run.name}, loss of update ${update}`).toBe(truth.story.loss.get(update))
    for (const [update, rate] of story.rate)
      expect(rate, `${run.name}, rate of update ${update}`).toBe(truth.story.rate.get(update))
    for (const [epoch, line] of story.epochs) {
      const right = truth.story.epochs.get(epoch)!
      // A fork begins its first epoch in the middle, where the sums of the parent's half are taken over.
      expect([line.validation, line.train], `${run.name}, epoch ${epoch}`).toEqual([right.validation, right.train])
    }
    // A fork that never began has not been at its parent's moment yet.
    if (run.status !== 'interrupted')
      expect(run.moment.update, run.name).toBe(run.startedAt === null ? 0 : Math.max(known.from, ...updates))

    this.#verifyCheckpoints(run, folder)
    if (run.status === 'finished') {
      expect(run.moment.epoch).toBe(known.epochs)
      expect(story.tests['last']?.test, `${run.name}, test`).toEqual(truth.story.tests['last']?.test)
      if (known.from === 0)
        expect(story.tests['best'], `${run.name}, test with the chosen weights`).toEqual(truth.story.tests['best'])
      expect(checkpointAt(join(folder, 'checkpoints', 'final.safetensors')).tensors, `${run.name}, last weights`).toBe(
        truth.final,
      )
    }
    // Patience begins anew where a run that had ended was extended.
    if (
      known.kind === 'stopping' &&
      known.from === 0 &&
      known.extensions.every(({ status }) => status === 'earlyStopped' || status === 'finished')
    ) {
      const losses = [...truth.story.epochs.values()].map(({ validation }) => validation.loss)
      const stop = epochOfStop(
        losses,
        2,
        known.extensions.map(({ epoch }) => epoch),
      )
      if (run.status === 'earlyStopped') expect(run.moment.epoch, run.name).toBe(stop)
      if (run.status === 'finished') expect(stop, run.name).toBeNull()
    }
  }

  #verifyCheckpoints(run: Run, folder: string): void {
    for (const { name, moment, bytes } of run.checkpoints) {
      const path = join(folder, 'checkpoints', `${name}.safetensors`)
      expect(existsSync(path), `${run.name}: ${name}`).toBe(true)
      // What was written right before a kill is put on record when the run goes on.
      if (run.status === 'interrupted')
        expect(checkpointAt(path).moment.update, `${run.name}: ${name}`).toBeGreaterThanOrEqual(moment.update)
      else expect(checkpointAt(path).moment, `${run.name}: ${name}`).toEqual(moment)
      expect(bytes).toBeGreaterThan(0)
    }
    // After a kill, what is on no record is taken in when the run goes on.
    if (run.status !== 'interrupted')
      expect([...checkpointFiles(folder)].sort(), run.name).toEqual(run.checkpoints.map(({ name }) => name).sort())
  }
}

const told = (run: Run | undefined): unknown =>
  run && {
    status: run.status,
    message: run.message,
    name: run.name,
    starred: run.starred,
    removed: run.removedAt,
    epochs: run.config.epochs,
    moment: run.moment,
    checkpoints: run.checkpoints,
    test: run.test,
    last: run.epochs.at(-1),
    origin: run.origin,
  }

const unfinishedIn = (folder: string): readonly string[] =>
  (existsSync(folder) ? readdirSync(folder, { recursive: true }) : [])
    .map(String)
    .filter((name) => name.endsWith('.unfinished'))
