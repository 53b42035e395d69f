import { dirname } from 'node:path'
import { parseConfig } from '../../core/config/parse'
import { pathOf } from '../../core/config/place'
import type { RunConfig } from '../../core/config/config'
import { packPoints } from '../../core/packing'
import type { AppState, Handlers, Input } from '../../core/protocol'
import { withFullPath } from '../data/place'
import type { RunQueue } from '../queue/runQueue'
import type { Dialogs, FileFilter } from './dialogs'
import { createDownloads } from './downloads'
import type { NoteFault } from './faultLog'
import { configLimits, parseJsonBytes, readCapped } from '../files/jsonFile'
import type { Library } from '../library/library'
import { networkPaths } from './networkPaths'
import { RequestError } from './requestError'

export interface HandlersOptions {
  readonly library: Library
  readonly queue: RunQueue
  readonly dialogs: Dialogs
  readonly app: Pick<AppState, 'version' | 'versions' | 'platform'> & {
    readonly openDocs: (what: 'readme' | 'licences' | 'library') => Promise<void>
    readonly openAddress: (address: string) => Promise<void>
    readonly noteFault: NoteFault
    readonly enableMenu: (state: Input<'menu.enable'>) => void
  }
}

const filters: Readonly<Record<'config' | 'weights' | 'archive' | 'svg' | 'png' | 'csv', readonly FileFilter[]>> = {
  config: [{ name: 'Config', extensions: ['json'] }],
  weights: [{ name: 'Weights', extensions: ['safetensors'] }],
  archive: [
    { name: 'Archives', extensions: ['tar', 'gz', 'tgz'] },
    { name: 'All files', extensions: ['*'] },
  ],
  svg: [{ name: 'SVG figure', extensions: ['svg'] }],
  png: [{ name: 'PNG figure', extensions: ['png'] }],
  csv: [{ name: 'CSV table', extensions: ['csv'] }],
}

/** A name that somebody typed, as the suggestion of a file name: the person still sees and decides where it goes. */
export function fileNameFrom(name: string, extension: string): string {
  // Control characters, what Windows or a shell forbids, and characters that turn the reading direction around.
  const plain = name
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Cf}<>:"/\\|?*]/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .replace(/^[. ]+/, '')
    .slice(0, 100)
    .replace(/[. ]+$/, '')
  const isReserved = /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(plain)
  return `${plain === '' || isReserved ? 'batchlab' : plain}.${extension}`
}

async function configFrom(file: string): Promise<RunConfig> {
  const parsed = parseConfig(parseJsonBytes(file, await readCapped(file, configLimits.maxBytes), configLimits.maxDepth))
  if (!parsed.ok) throw new RequestError(parsed.issues)
  return parsed.value
}

/** One function per request; each throws a `RequestError` (see `issuesOf`) where it cannot do what was asked. */
export function createHandlers({ library, queue, dialogs, app }: HandlersOptions): Handlers {
  const done = async (work: Promise<unknown>): Promise<null> => {
    await work
    return null
  }
  const downloads = createDownloads(library.folder, { confirm: dialogs.confirm })
  const network = networkPaths(app.platform, (path) =>
    library
      .runs()
      .some(
        ({ config, origin }) =>
          pathOf(config.data.source) === path || (origin.type === 'weights' && origin.file === path),
      ),
  )
  const choose = async (path: Promise<string | null>): Promise<string | null> => {
    network.allow(await path)
    return path
  }
  return {
    'app.state': async () => ({
      version: app.version,
      versions: app.versions,
      platform: app.platform,
      library: library.folder,
      readOnly: library.readOnly,
      notices: library.notices(),
      settings: library.settings(),
    }),
    'app.openDocs': (what) => done(app.openDocs(what)),
    'papers.open': async (address) => {
      // Read when it is first asked for: the explanations are long, and the window waits for this file.
      const { paperAddresses } = await import('../../content/papers')
      if (!paperAddresses().has(address))
        throw new RequestError([{ path: '', message: 'Only papers that the app itself cites are opened in a browser' }])
      return done(app.openAddress(address))
    },
    'app.fault': async (fault) => {
      app.noteFault(fault)
      return null
    },
    'settings.change': (changes) => library.changeSettings(changes),
    'menu.enable': async (state) => {
      app.enableMenu(state)
      return null
    },
    'engines.probe': () => queue.probe(),
    'library.check': () => queue.check(),
    'library.stopCheck': async () => {
      queue.stopCheck()
      return null
    },
    'data.inspect': async (data) => {
      network.checkData(data)
      return queue.inspect(data)
    },
    'data.preview': async (wanted) => {
      network.checkData(wanted.data)
      return queue.preview(wanted)
    },
    'data.choose': async (what) => {
      if (what === 'file') return await choose(dialogs.chooseFile(filters.archive))
      const folder = await choose(dialogs.chooseFolder())
      if (folder !== null) downloads.allow(folder)
      return folder
    },
    'downloads.start': async (wanted) => {
      const path = await downloads.start(wanted)
      network.allow(path)
      return path
    },
    'downloads.stop': async () => {
      downloads.stop()
      return null
    },
    'downloads.state': async (name) => ({ current: downloads.state(), folder: downloads.folderFor(name) }),
    'configs.open': async () => {
      const file = await dialogs.chooseFile(filters.config)
      if (file === null) return null
      const config = withFullPath(await configFrom(file), dirname(file))
      network.allow(pathOf(config.data.source))
      return { file, config }
    },
    'configs.save': (config) =>
      dialogs.saveFile(
        fileNameFrom(config.name, 'json'),
        filters.config,
        new TextEncoder().encode(`${JSON.stringify(config, null, 2)}\n`),
      ),
    'weights.choose': () => choose(dialogs.chooseFile(filters.weights)),
    'runs.list': () => library.listText(),
    'runs.trace': async (id) => {
      // The list holds a run's best and last epochs only; who looks at its trace wants to see all of them.
      await library.show(id)
      return packPoints(await library.readTrace(id))
    },
    'runs.diagnoses': (id) => library.readDiagnoses(id),
    'runs.start': async ({ config, weights }) => {
      network.checkData(config.data)
      network.check(weights)
      return queue.start(config, weights)
    },
    'runs.pause': (id) => done(queue.pause(id)),
    'runs.resume': (id) => done(queue.resume(id)),
    'runs.locate': async ({ id, what }) => {
      const place = what === 'file' ? await dialogs.chooseFile(filters.archive) : await dialogs.chooseFolder()
      if (place !== null) await queue.relocate(id, place)
      return place
    },
    'runs.stop': (id) => done(queue.stop(id)),
    'runs.kill': (id) => done(queue.kill(id)),
    'runs.save': (id) => done(queue.save(id)),
    'runs.extend': ({ id, epochs, schedule }) => done(queue.extend(id, epochs, { schedule })),
    'runs.fork': async ({ id, checkpoint, config }) => {
      network.checkData(config.data)
      return queue.fork(id, checkpoint, config)
    },
    'runs.annotate': ({ id, ...annotations }) => library.annotate(id, annotations),
    'runs.remove': (ids) => done(queue.remove(ids)),
    'runs.restore': (ids) => done(queue.restore(ids)),
    'runs.purge': (ids) => done(queue.purge(ids)),
    'checkpoints.compare': ({ a, b, ...options }) => queue.compare(a, b, options),
    'figures.save': ({ name, format, bytes }) => dialogs.saveFile(fileNameFrom(name, format), filters[format], bytes),
  }
}
