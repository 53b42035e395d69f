import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { RunConfig } from '../../../core/config/config'
import { errorText } from '../../../core/errorText'
import { configFields } from '../../../core/fields'
import { plainLine } from '../../../core/plain'
import { publishedBytes, publishedData } from '../../../content/publishedData'
import { formatBytes, formatCount, formatCounted, significant } from '../../../core/numbers'
import { loadDataset } from '../../data/dataset'
import { inspected } from '../../data/inspected'
import { datasetFolder, pathIn } from '../../data/downloadSet'
import { readPack } from '../../data/pack'
import { diskFs } from '../../files/fs'
import { defineCommand } from '../command'
import { configOptions, withSettings } from '../configInput'
import { badInput, type ExitCode } from '../failure'
import { libraryOptions } from '../libraryAccess'
import { foldersFor, libraryFolder } from '../paths'
import { cutToWidth, type Terminal } from '../terminal'
import { table } from '../format'
import { downloadData } from './dataDownload'

/** The kinds of source, from the schema. */
const sources = () =>
  configFields()
    .find(({ path }) => path === 'data')
    ?.fields.find(({ path }) => path === 'data.source')?.options ?? []

interface Pack {
  readonly file: string
  readonly bytes: number
}

async function packsIn(folder: string): Promise<readonly Pack[]> {
  const names = existsSync(folder) ? (await diskFs.list(folder)).filter((name) => name.endsWith('.pack')).sort() : []
  return await Promise.all(
    names.map(async (name) => ({ file: join(folder, name), bytes: (await diskFs.stat(join(folder, name))).bytes })),
  )
}

/** What can be downloaded, and what has been into the folder that is meant for it. */
const downloads = (library: string) =>
  publishedData.map((set) => {
    const folder = datasetFolder(library, set.name)
    const isHere = set.files.every(
      ({ name, bytes }) => statSync(join(folder, name), { throwIfNoEntry: false })?.size === bytes,
    )
    return {
      name: set.name,
      title: set.title,
      holds: set.holds,
      bytes: publishedBytes(set),
      terms: set.terms,
      path: isHere ? pathIn(folder, set) : null,
    }
  })

async function list(library: string, cache: string, json: boolean, terminal: Terminal): Promise<ExitCode> {
  const kinds = sources().map(({ value, label, help, fields }) => ({
    type: String(value),
    label,
    help,
    settings: fields.map(({ path }) => path),
  }))
  const packs = await packsIn(cache)
  if (json) terminal.printJson({ sources: kinds, downloads: downloads(library), cache, packs })
  else {
    terminal.print(
      table(
        ['type', 'data set', 'settings'],
        kinds.map(({ type, label, settings }) => [
          type,
          label,
          settings.map((path) => path.replace('data.source.', '')).join(', '),
        ]),
      ),
    )
    terminal.print(
      `\n${table(
        ['to download', 'data set', 'size#', ''],
        downloads(library).map(({ name, title, bytes, path }) => [
          name,
          title,
          formatBytes(bytes),
          path === null ? '' : 'here',
        ]),
      )}`,
    )
    const bytes = packs.reduce((sum, pack) => sum + pack.bytes, 0)
    const contents =
      packs.length === 0 ? 'empty' : `${formatCounted(packs.length, 'packed data set')}, ${formatBytes(bytes)}`
    terminal.print(`\nCache ${cache}: ${contents}`)
  }
  return 0
}

async function importData(
  words: readonly string[],
  set: readonly string[],
  folder: string,
  json: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const [type, path] = words
  const foreign = set.find((one) => !one.startsWith('data.'))
  if (foreign !== undefined) throw badInput(`--set ${foreign.slice(0, 60)}: only settings of data can be changed here`)
  const named = [
    ...(type === undefined ? [] : [`data.source.type=${type}`]),
    ...(path === undefined ? [] : [`data.source.path=${path}`]),
  ]
  const { data } = withSettings(RunConfig.parse({}), [...named, ...set])
  const { cache, resources } = foldersFor(folder)
  const dataset = await loadDataset(data, {
    cacheFolder: cache,
    resources,
    onProgress: ({ stage, done, total }) => terminal.status(`${stage} ${formatCount(done)} of ${formatCount(total)}`),
  })
  terminal.status('')
  const { info, skipped, about, notes } = dataset
  for (const note of notes) terminal.say(note)
  if (json) {
    const { classCounts } = inspected(dataset)
    terminal.printJson({ facts: info, about, skipped, classCounts })
    return 0
  }
  const { counts, shape, classes, mean, std } = info
  const channels = (values: readonly number[]): string => values.map((value) => significant(value)).join(', ')
  terminal.print(
    [
      `${plainLine(info.name)}: ${formatCount(counts.train)} training, ${formatCount(counts.validation)} validation, ` +
        `${formatCount(counts.test)} test images of ${shape.join('×')}`,
      ...about.map(plainLine),
      `${classes.length} classes: ${classes
        .slice(0, 20)
        .map((name) => cutToWidth(plainLine(name), 60))
        .join(', ')}${classes.length > 20 ? ' …' : ''}`,
      `mean ${channels(mean)}; standard deviation ${channels(std)}`,
      `fingerprint ${info.fingerprint}`,
      ...(skipped.length === 0
        ? []
        : [
            `${formatCounted(skipped.length, 'file')} left out:`,
            ...skipped.map(({ file, reason }) => `  ${plainLine(file)}: ${plainLine(reason)}`),
          ]),
    ].join('\n'),
  )
  return 0
}

async function verifyCache(cache: string, json: boolean, terminal: Terminal): Promise<ExitCode> {
  const results: { file: string; bytes: number; name: string; images: number; problem: string }[] = []
  for (const { file, bytes } of await packsIn(cache)) {
    try {
      const raw = await readPack(file, {
        onProgress: ({ done, total }) => terminal.status(`${file} ${Math.round((100 * done) / total)} %`),
      })
      const images = [raw, raw.validation, raw.test].reduce((sum, part) => sum + (part?.labels.length ?? 0), 0)
      results.push({ file, bytes, name: raw.name, images, problem: '' })
    } catch (error) {
      results.push({
        file,
        bytes,
        name: '',
        images: 0,
        problem: errorText(error),
      })
    }
  }
  terminal.status('')
  const damaged = results.filter(({ problem }) => problem !== '')
  if (json) terminal.printJson({ cache, packs: results })
  else if (results.length === 0) terminal.print(`Nothing is packed in ${cache}`)
  else
    for (const { file, name, images, problem } of results)
      terminal.print(
        problem === ''
          ? `${file}: ${name}, ${formatCount(images)} images, as written`
          : `${file}: ${problem}; it is read anew from its source when it is needed`,
      )
  return damaged.length > 0 ? 1 : 0
}

export const data = defineCommand({
  options: {
    set: configOptions.set,
    from: { type: 'string', value: 'ADDRESS', help: 'Download from this base address instead of the published ones' },
    json: { type: 'boolean', help: 'One JSON value' },
    ...libraryOptions,
  },
  notes: [
    'batchlab data list                    kinds of data sets, and what the cache holds',
    'batchlab data import TYPE [PATH]      read a data set into the cache and say what it holds, such as: data ' +
      'import folder ./images',
    'batchlab data download NAME [FOLDER]  fetch cifar10, cifar100, mnist or fashion-mnist and check that it ' +
      'is the published one',
    'batchlab data verify                  check every packed data set in the cache against its checksum',
  ],
  positionals: ['list|import|download|verify', '[TYPE|NAME]', '[PATH|FOLDER]'],
  run: async ({ set, from, json, dir }, [action = '', ...words], terminal) => {
    const folder = libraryFolder(dir)
    const { cache } = foldersFor(folder)
    if (from !== undefined && action !== 'download') throw badInput('--from belongs to data download')
    if (action === 'download') return await downloadData({ words, from, json, library: folder }, terminal)
    if (action === 'import') return await importData(words, set, folder, json, terminal)
    if (words.length > 0) throw badInput(`“${words[0] ?? ''}” is one argument too many: expected data ${action}`)
    if (action === 'list') return await list(folder, cache, json, terminal)
    if (action === 'verify') return await verifyCache(cache, json, terminal)
    throw badInput(`data expects list, import, download or verify, found “${action.slice(0, 60)}”`)
  },
})
