import type { RunConfig } from '../../core/config/config'
import { errorText } from '../../core/errorText'
import { fold, foldTraced } from '../../core/fold'
import { noPoints } from '../../core/events'
import type { TrainEvent } from '../../core/events'
import { packPoints } from '../../core/packing'
import { planExtension } from '../../core/plan/extension'
import { planRun } from '../../core/plan/plan'
import type { Api, AppEvent, DownloadState, Handlers, Input, Outputs, Reply, RequestName } from '../../core/protocol'
import { changedSettings, checkProgress, Settings } from '../../core/protocol'
import { randomFor } from '../../core/random'
import type { Run, RunId, TracedRun } from '../../core/run'
import { newRun } from '../../core/run'
import { fakeComparison, fakeDiagnoses, fakeEngines, fakeImages, fakeReport } from './fakeAnswers'
import { fakeInspection } from './fakeInspection'
import type { Recipe } from './fakeRuns'
import { addFakePoint, infoFor, makeEpoch, makeRun } from './fakeRuns'

/** What a made-up library shall be like. */
export interface FakeOptions {
  readonly recipes: readonly Recipe[]
  /** Milliseconds between messages of running runs; 0 keeps them still. */
  readonly tickMs: number
  readonly theme: Settings['theme']
  readonly refuse: Readonly<Partial<Record<RequestName, string>>>
  readonly notices: Outputs['app.state']['notices']
  /** Whether a check of the library finds anything. */
  readonly damaged: boolean
}

/**
 * An Api without a main process, for working on the window and for its tests: nothing is trained and nothing is kept.
 */
export function fakeApi(options: FakeOptions): Api {
  const runs = new Map<RunId, TracedRun>(
    options.recipes.map((recipe, index) => makeRun(recipe, index)).map((traced) => [traced.run.id, traced]),
  )
  const recipes = new Map<RunId, Recipe>(
    options.recipes.map((recipe, index) => [[...runs.keys()][index] ?? '', recipe]),
  )
  const listeners = new Set<(event: AppEvent) => void>()
  let settings: Settings = { ...Settings.parse({}), theme: options.theme }
  let nextId = runs.size

  const say = (event: AppEvent): void => listeners.forEach((on) => on(structuredClone(event)))
  const change = (id: RunId, next: (run: Run) => Run): Run => {
    const traced = runs.get(id)
    if (traced === undefined) throw new Error(`There is no run ${id}`)
    const run = next(traced.run)
    runs.set(id, { ...traced, run })
    say({ type: 'runChanged', run })
    return run
  }
  const train = (id: RunId, events: readonly TrainEvent[]): void => {
    const traced = runs.get(id)
    if (traced === undefined) return
    runs.set(id, events.reduce(foldTraced, traced))
    say({ type: 'run', id, events })
  }
  const at = (): string => new Date().toISOString()
  const add = (config: RunConfig, origin: Run['origin']): RunId => {
    const id = `run${String(nextId++).padStart(9, '0')}`
    recipes.set(id, { config, status: 'running', done: 0, finalAccuracy: 0.97, secondsPerEpoch: 3, hoursAgo: 0 })
    runs.set(id, { run: newRun(id, at(), config, origin), trace: noPoints() })
    change(id, (run) => ({ ...run, status: 'starting' }))
    setTimeout(() => {
      const run = runs.get(id)?.run
      if (run === undefined) return
      const plan = planRun(config, infoFor(run))
      train(id, [
        {
          type: 'started',
          at: at(),
          moment: run.moment,
          engine: { name: 'wasm', device: 'CPU, WebAssembly SIMD', versions: {}, captured: false, note: '' },
          facts: infoFor(run),
          parameters: plan.network.parameters,
          updates: plan.updates,
          epochs: config.epochs,
          from: null,
        },
      ])
    }, 400)
    return id
  }
  const tick = (): void => {
    for (const [id, { run }] of runs) if (run.status === 'running') advance(id, run)
  }
  const advance = (id: RunId, run: Run): void => {
    const recipe = recipes.get(id)
    if (recipe === undefined) return
    const info = infoFor(run)
    const plan = planRun(run.config, info)
    const random = randomFor(run.moment.update, 'noise', 1, 0)
    const points = noPoints()
    const seconds = recipe.secondsPerEpoch / plan.updatesPerEpoch
    let moment = run.moment
    const until = Math.min(plan.updates, moment.update + Math.max(1, Math.round(options.tickMs / 1000 / seconds)))
    const events: TrainEvent[] = [{ type: 'advanced', points }]
    while (moment.update < until) {
      const { update } = moment
      moment = addFakePoint(points, recipe, plan.updates, moment, {
        noise: random.normal(),
        learningRate: plan.learningRate(update),
        momentum: plan.momentum(update),
        batchSize: plan.batchSize(update),
        seconds,
      })
      if ((update + 1) % plan.updatesPerEpoch !== 0) continue
      moment = { ...moment, epoch: moment.epoch + 1, position: 0 }
      events.push({
        type: 'epochEnded',
        epoch: makeEpoch(
          recipe,
          run.config.epochs,
          moment,
          info,
          random.normal(),
          plan.learningRate(update),
          run.config.batchSize,
        ),
      })
    }
    if (moment.update >= plan.updates) events.push({ type: 'ended', at: at(), moment, reason: 'finished', message: '' })
    train(id, events)
    say({ type: 'load', id, rssBytes: 1.31e9, cpuFraction: 0.93, gpu: null, stalled: false })
  }
  if (options.tickMs > 0) setInterval(tick, options.tickMs)

  const folder = '/home/kim/.config/Batchlab/library'
  const check = { isStopped: false }
  const downloads: { current: DownloadState | null; isStopped: boolean } = { current: null, isStopped: false }
  const handlers: Handlers = {
    'app.state': async () => ({
      version: '0.1.0',
      versions: { electron: '45.4.1', chrome: '148.0', node: '24.1.0' },
      library: folder,
      readOnly: '',
      notices: options.notices,
      settings,
      platform: 'linux',
    }),
    'app.openDocs': async () => null,
    'app.fault': async () => null,
    'papers.open': async (address) => (window.open(address, '_blank', 'noopener'), null),
    'settings.change': async (some) => (settings = changedSettings(settings, some)),
    'menu.enable': async () => null,
    'engines.probe': async () => fakeEngines,
    'library.check': async () => {
      check.isStopped = false
      for (let read = 0; read < 20 && !check.isStopped; read++) {
        const at = Math.floor((read / 20) * runs.size)
        say({ type: 'progress', id: checkProgress, message: `run ${at + 1} of ${runs.size}`, fraction: read / 20 })
        await new Promise((next) => setTimeout(next, 100))
      }
      say({ type: 'progress', id: checkProgress, message: '', fraction: 1 })
      if (check.isStopped) throw new Error('It was stopped')
      return fakeReport(
        folder,
        [...runs.values()].map(({ run }) => run),
        options.damaged,
      )
    },
    'library.stopCheck': async () => {
      check.isStopped = true
      return null
    },
    'data.inspect': async (data) => {
      if ('path' in data.source && data.source.path.includes('missing'))
        throw new Error(`data.source.path: expected a folder or archive, found nothing at ${data.source.path}`)
      return fakeInspection(data)
    },
    'data.preview': async ({ data, indices }) => fakeImages(fakeInspection(data).info, indices),
    'data.choose': async () => '/home/kim/data/cifar-10-binary.tar.gz',
    'downloads.start': async ({ name, folder }) => {
      for (let done = 0; done < 170_052_171 && !downloads.isStopped; done += 4_000_000) {
        downloads.current = { name, file: 'cifar-10-binary.tar.gz', done, total: 170_052_171, note: '' }
        await new Promise((next) => setTimeout(next, 100))
      }
      const { isStopped } = downloads
      Object.assign(downloads, { current: null, isStopped: false })
      if (isStopped) throw new Error('The download was stopped; what is here is kept, and the next one goes on from it')
      return `${folder ?? `/home/kim/.config/Batchlab/library/datasets/${name}`}/cifar-10-binary.tar.gz`
    },
    'downloads.stop': async () => {
      downloads.isStopped = true
      return null
    },
    'downloads.state': async (name) => ({
      current: downloads.current,
      folder: `/home/kim/.config/Batchlab/library/datasets/${name}`,
    }),
    'configs.open': async () => null,
    'configs.save': async () => '/home/kim/config.json',
    'runs.list': async () => JSON.stringify([...runs.values()].map(({ run }) => run)),
    'runs.trace': async (id) => packPoints(runs.get(id)?.trace ?? noPoints()),
    'runs.diagnoses': async (id) => {
      const traced = runs.get(id)
      return traced === undefined ? [] : fakeDiagnoses(traced)
    },
    'runs.start': async ({ config }) => add(config, { type: 'new' }),
    'weights.choose': async () => '/home/kim/weights/initial.safetensors',
    'runs.pause': async (id) => (
      train(id, [
        {
          type: 'paused',
          at: at(),
          moment: runs.get(id)?.run.moment ?? newRun(id, '', {} as RunConfig, { type: 'new' }).moment,
          cause: '',
        },
      ]),
      null
    ),
    'runs.resume': async (id) => (change(id, (run) => ({ ...run, status: 'running', message: '' })), null),
    'runs.locate': async ({ id, what }) => {
      const to = what === 'file' ? '/home/kim/data/cifar-10-binary.tar.gz' : '/home/kim/data/images'
      change(id, (run) =>
        'path' in run.config.data.source
          ? fold(run, { type: 'relocated', at: at(), from: run.config.data.source.path, to, because: 'same' })
          : run,
      )
      return to
    },
    'runs.stop': async (id) => (
      change(id, (run) => fold(run, { type: 'ended', at: at(), moment: run.moment, reason: 'stopped', message: '' })),
      null
    ),
    'runs.kill': async (id) => (
      change(id, (run) => fold(run, { type: 'interrupted', at: at(), cause: 'Ended by hand' })),
      null
    ),
    'runs.save': async (id) => (
      change(id, (run) =>
        fold(run, {
          type: 'saved',
          removed: [],
          checkpoint: {
            name: `manual-${run.moment.update}.safetensors`,
            kinds: ['manual'],
            moment: run.moment,
            bytes: 2_400_000,
            validation: null,
          },
        }),
      ),
      null
    ),
    'runs.extend': async ({ id, epochs, schedule }) => (
      change(id, (run) => ({
        ...fold(run, {
          type: 'extended',
          at: at(),
          epochs,
          plan: planExtension(run, infoFor(run), epochs, schedule ?? 'replan').plan,
        }),
        status: 'running',
      })),
      null
    ),
    'runs.fork': async ({ id, checkpoint, config }) =>
      add(config, { type: 'fork', run: id, checkpoint, update: runs.get(id)?.run.moment.update ?? 0 }),
    'runs.annotate': async ({ id, ...some }) =>
      change(id, (run) => ({
        ...run,
        ...Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined)),
      })),
    'runs.remove': async (ids) => (ids.forEach((id) => change(id, (run) => ({ ...run, removedAt: at() }))), null),
    'runs.restore': async (ids) => (ids.forEach((id) => change(id, (run) => ({ ...run, removedAt: null }))), null),
    'runs.purge': async (ids) => (
      ids.forEach((id) => {
        runs.delete(id)
        say({ type: 'runPurged', id })
      }),
      null
    ),
    'checkpoints.compare': async ({ a, b, split, unseen }) =>
      fakeComparison(runs.get(a.run)?.run, runs.get(b.run)?.run, split, unseen),
    'figures.save': async ({ name, format }) => `/home/kim/${name}.${format}`,
  }
  return {
    call: async <N extends RequestName>(name: N, input: Input<N>): Promise<Reply<N>> => {
      await new Promise((done) => setTimeout(done, 20))
      const refused = options.refuse[name]
      if (refused !== undefined) return { ok: false, issues: [{ path: '', message: refused }] }
      try {
        return { ok: true, value: structuredClone(await handlers[name](structuredClone(input) as never)) as Outputs[N] }
      } catch (error) {
        return { ok: false, issues: [{ path: '', message: errorText(error) }] }
      }
    },
    listen: (on) => {
      listeners.add(on)
      return () => void listeners.delete(on)
    },
    pathOf: (file) => `/home/kim/${file.name}`,
  }
}
