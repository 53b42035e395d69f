import {
  closeSync,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { seal, snapshotOf, unseal } from '../../main/files/envelope'
import { crc32 } from '../../main/files/crc32'
import { openLibrary } from '../../main/library/library'
import { batchlab, pausedId, pipe, runId, scene, snapshot, type Scene } from './making'
import { removeFolder } from '../support/cleanup'

vi.setConfig({ testTimeout: 60_000 })
const isUnix = process.platform !== 'win32'

/** What lies in the place of a file that belongs to the program. */
const things: Readonly<Record<string, (path: string, scene: Scene) => void>> = {
  'a link to a file outside': (path, { diary }) => symlinkSync(diary, path),
  'a link to a file that is not there': (path, { outside }) => symlinkSync(join(outside, 'new.txt'), path),
  'a link to a folder outside': (path, { outside }) => symlinkSync(join(outside, 'folder'), path),
  'a link to an endless device': (path) => symlinkSync('/dev/zero', path),
  'another name of a file outside': (path, { diary }) => linkSync(diary, path),
  'a pipe': (path) => pipe(path),
  'a folder': (path) => mkdirSync(path),
  'a file of 200 GB': (path) => {
    closeSync(openSync(path, 'w'))
    truncateSync(path, 200e9)
  },
}

/**
 * The places, below the library, and whether a sentence about them must name the run: of some the program says nothing,
 * because it needs nothing from them.
 */
const places: Readonly<Record<string, { readonly path: string; readonly says: RegExp | null }>> = {
  'the log': { path: `runs/${runId}/events.ndjson`, says: new RegExp(runId) },
  'the record': { path: `runs/${runId}/run.json`, says: new RegExp(runId) },
  "the trainer's number": { path: `runs/${runId}/trainer.pid`, says: null },
  'the number of a trainer to come': { path: `runs/${pausedId}/trainer.pid`, says: null },
  'the request to pause': { path: `runs/${runId}/pause.request`, says: null },
  'a checkpoint': { path: `runs/${runId}/checkpoints/last.safetensors`, says: new RegExp(runId) },
  'the folder of checkpoints': { path: `runs/${runId}/checkpoints`, says: new RegExp(runId) },
  'a grave': { path: `runs/.purged-${runId}x`, says: null },
  'the list': { path: 'library.json', says: /library\.json/ },
  'its backup': { path: 'library.json.backup-1', says: null },
  'the settings': { path: 'settings.json', says: null },
  'the lock': { path: 'library.lock', says: /library\.lock/ },
  'the cache': { path: 'cache', says: null },
}

/** With these every command is tried, with the others the shortest of it. */
const wholly: ReadonlySet<string> = new Set(['a link to a file outside', 'a pipe'])
/** A lock that says nothing is taken over without a word. */
const isText: ReadonlySet<string> = new Set(['another name of a file outside', 'a file of 200 GB'])

/** Everything that the command line can do with a library, or the shortest of it, and what the app does besides. */
async function useAll({ library, outside }: Scene, isShort = false): Promise<string> {
  const dir = ['--dir', library]
  const said: string[] = []
  const whole = [
    ['list', ...dir],
    ['show', pausedId, ...dir],
    ['pause', runId, '--wait', '0', ...dir],
    ['remove', runId, ...dir],
    ['restore', runId, ...dir],
    ['export', runId, '--format', 'csv', '--out', '-', ...dir],
    ['data', 'verify', ...dir],
  ]
  for (const args of [
    ...(isShort ? [] : whole),
    ['show', runId, ...dir],
    ['verify', library],
    ['remove', runId, ...dir],
  ])
    said.push((await batchlab(...args)).text)
  const opened = await openLibrary(library)
  said.push(...opened.notices().map(({ message }) => message))
  await opened.setTrainer(pausedId, 1).catch((error: unknown) => {
    said.push(String(error))
  })
  await opened.setTrainer(runId, process.pid).catch((error: unknown) => {
    said.push(String(error))
  })
  await opened.setTrainer(runId, null).catch((error: unknown) => {
    said.push(String(error))
  })
  await opened.requestPause(runId).catch((error: unknown) => {
    said.push(String(error))
  })
  await opened.clearPauseRequest(runId).catch((error: unknown) => {
    said.push(String(error))
  })
  await opened.purge([runId]).catch((error: unknown) => {
    said.push(String(error))
  })
  await opened.close()
  expect(existsSync(join(outside, 'new.txt'))).toBe(false)
  return said.join('\n')
}

// Each thing in each place on demand (CONTRIBUTING.md); otherwise a link in each, and of the others a fifth.
const isWhole = process.env['BATCHLAB_EVERY_PLACE'] !== undefined
const placesFor = (thing: string): readonly (readonly [string, (typeof places)[string]])[] => {
  const row = Object.keys(things).indexOf(thing)
  return Object.entries(places).filter((_, column) => isWhole || row === 0 || (row + column) % 5 === 0)
}

describe.skipIf(!isUnix).each(Object.entries(things))('%s', (thing, put) => {
  it.each(placesFor(thing))(
    'in the place of %s changes nothing outside and holds nothing up',
    async (_, { path, says }) => {
      const made = scene()
      const place = join(made.library, path)
      removeFolder(place)
      mkdirSync(dirname(place), { recursive: true })
      put(place, made)
      const hasOtherNames = thing === 'another name of a file outside'
      const before = snapshot(made.outside, hasOtherNames)
      const said = await useAll(made, !wholly.has(thing))
      expect(snapshot(made.outside, hasOtherNames)).toEqual(before)
      if (says !== null && thing !== 'a folder' && !(path === 'library.lock' && isText.has(thing)))
        expect(said).toMatch(says)
    },
  )
})

describe.skipIf(!isUnix)('a library from somebody else', () => {
  it('does not cut a file outside of which the log is another name', async () => {
    const made = scene()
    const log = join(made.run, 'events.ndjson')
    const other = join(made.outside, 'log')
    linkSync(log, other)
    writeFileSync(log, '{"crc":"torn', { flag: 'a' })
    const before = snapshot(made.outside, true)
    await (await openLibrary(made.library)).close()
    expect(snapshot(made.outside, true)).toEqual(before)
    expect(readFileSync(log, 'utf8')).toMatch(/interrupted/)
    expect(readFileSync(other, 'utf8')).not.toMatch(/interrupted/)
  })

  it('does not cut a file that is no log, though it lies in the place of one', async () => {
    const made = scene()
    const log = join(made.run, 'events.ndjson')
    const text = readFileSync(made.diary)
    rmSync(log)
    writeFileSync(log, text)
    const opened = await openLibrary(made.library)
    expect(
      opened
        .notices()
        .map(({ message }) => message)
        .join('\n'),
    ).toContain(`it is no log of this program, so nothing of it was changed. Move it away to go on without it (${log})`)
    await opened.close()
    expect(readFileSync(log)).toEqual(text)
  })

  it.each(['the folder of a run', 'the folder of all runs'])('may not have a link as %s', async (which) => {
    const made = scene()
    const place = which === 'the folder of a run' ? made.run : join(made.library, 'runs')
    rmSync(place, { recursive: true })
    symlinkSync(join(made.outside, 'folder'), place)
    const before = snapshot(made.outside)
    const said = await useAll(made)
    expect(snapshot(made.outside)).toEqual(before)
    expect(said).toContain('a link leads to it, and nothing in a library is opened through a link')
    expect(said).toMatch(which === 'the folder of a run' ? new RegExp(`run ${runId}`) : /runs/)
  })

  it('may be reached through a link that a person names', async () => {
    const made = scene()
    const link = join(made.outside, '..', 'link')
    symlinkSync(made.library, link)
    const { code, text } = await batchlab('show', pausedId, '--dir', link)
    expect(text).toContain('big batch')
    expect(code).toBe(0)
    const opened = await openLibrary(link)
    expect(opened.readOnly).toBe('')
    await opened.close()
  })

  it('changes no object of the program by the names of its fields', async () => {
    const made = scene()
    const poison = '"__proto__":{"poisoned":1},"constructor":{"prototype":{"poisoned":1}},'
    for (const file of ['library.json', 'settings.json', `runs/${runId}/run.json`]) {
      const path = join(made.library, file)
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll('{"', `{${poison}"`))
    }
    const line = Buffer.from(`${poison}"type":"noted","at":"","update":1,"message":"x"}`)
    writeFileSync(
      join(made.run, 'events.ndjson'),
      Buffer.concat([Buffer.from(`{"crc":"${crc32(line).toString(16).padStart(8, '0')}",`), line, Buffer.from('\n')]),
      { flag: 'a' },
    )
    const said = await useAll(made)
    expect('poisoned' in {}).toBe(false)
    expect(said).toContain(`The folder of run ${runId} is damaged and is left alone`)
  })

  it('holds an opening up no longer with many trainers that seem to live than with one', async () => {
    const made = scene()
    const { data } = unseal('library.json', readFileSync(join(made.library, 'library.json')), 32) as {
      readonly data: { readonly runs: readonly { readonly id: string }[] }
    }
    const training = data.runs.find(({ id }) => id === runId)
    // The number of a process that lives as long as this one, and is not of ours.
    const runs = Array.from({ length: 4 }, (_, index) => ({
      ...training,
      id: `0mm7kwzggi1${String(index).padStart(2, '0')}`,
    }))
    for (const { id } of runs) {
      cpSync(made.run, join(made.library, 'runs', id), { recursive: true })
      writeFileSync(join(made.library, 'runs', id, 'trainer.pid'), String(process.ppid))
    }
    writeFileSync(join(made.library, 'library.json'), seal(1, 1, snapshotOf({ runs })).bytes)
    const began = performance.now()
    await (await openLibrary(made.library)).close()
    expect(performance.now() - began).toBeLessThan(15_000)
  })

  it('has its say, but not without end', async () => {
    const made = scene()
    for (let index = 0; index < 3000; index++) writeFileSync(join(made.library, 'runs', `odd name ${index}`), '')
    const opened = await openLibrary(made.library)
    expect(opened.notices()).toHaveLength(1001)
    expect(opened.notices().at(-1)?.message).toMatch(/batchlab verify names every problem/)
    expect(opened.runs()).toHaveLength(4)
    await opened.close()
  })

  it('may have a socket in the place of its list and its lock', async () => {
    for (const name of ['library.json', 'library.lock']) {
      const made = scene()
      rmSync(join(made.library, name), { force: true })
      const server = createServer().listen(join(made.library, name))
      await once(server, 'listening')
      try {
        expect(await useAll(made)).toContain(`${name}: it is not a file`)
        expect(lstatSync(join(made.library, name)).isSocket()).toBe(true)
      } finally {
        server.close()
      }
    }
  })
})
