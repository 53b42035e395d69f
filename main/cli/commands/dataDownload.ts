import { resolve } from 'node:path'
import { publishedBytes, publishedData, type PublishedData } from '../../../content/publishedData'
import { formatBytes, formatClock, formatCount } from '../../../core/numbers'
import { DownloadError } from '../../data/download'
import { datasetFolder, downloadSet, type DownloadedSet } from '../../data/downloadSet'
import { badInput, failed, Failure, type ExitCode } from '../failure'
import { onInterrupt } from '../interrupts'
import { nearest } from '../nearest'
import { bar } from '../progressLine'
import type { Terminal } from '../terminal'

interface Wanted {
  readonly words: readonly string[]
  readonly from: string | undefined
  readonly json: boolean
  readonly library: string
}

/** `data download NAME [FOLDER]`: terms first, then the files, and at the end how to train on them. */
export async function downloadData(
  { words, from, json, library }: Wanted,
  terminal: Terminal,
  sets: readonly PublishedData[] = publishedData,
): Promise<ExitCode> {
  const [name, named] = words
  const set = setNamed(name, sets)
  const folder = named === undefined ? datasetFolder(library, set.name) : resolve(named)
  for (const line of [
    `${set.title}: ${set.holds}; ${formatBytes(publishedBytes(set))}`,
    `  made by  ${set.makers}`,
    `  terms    ${set.terms}`,
    `  cite     ${set.cite}`,
    `  page     ${set.page}`,
    `  from     ${from ?? set.addresses.join(' or ')}`,
    `  into     ${folder}`,
  ])
    terminal.say(line)
  conclude(set, await fetchSet(set, folder, from ?? null, terminal), folder, json, terminal)
  return 0
}

function setNamed(name: string | undefined, sets: readonly PublishedData[]): PublishedData {
  const names = sets.map((set) => set.name)
  const set = sets.find((one) => one.name === name)
  if (set !== undefined) return set
  if (name === undefined) throw badInput(`Which data set? data download expects ${names.join(', ')}`)
  const close = nearest(name, names)
  throw badInput(
    `There is no data set “${name.slice(0, 60)}” to ` +
      `download${close === null ? '' : `; did you mean “${close}”?`}: expected ${names.join(', ')}`,
  )
}

async function fetchSet(
  set: PublishedData,
  folder: string,
  from: string | null,
  terminal: Terminal,
): Promise<DownloadedSet> {
  const stop = new AbortController()
  const off = onInterrupt(() => {
    if (stop.signal.aborted) process.exit(130)
    stop.abort()
  })
  const line = downloadLine()
  try {
    return await downloadSet(set, folder, {
      from,
      signal: stop.signal,
      onNote: (sentence) => terminal.say(sentence),
      onProgress: ({ file, done, total }) => terminal.status(line(file, done, total)),
    })
  } catch (error) {
    terminal.status('')
    if (!(error instanceof DownloadError)) throw error
    switch (error.kind) {
      case 'refused':
        throw badInput(error.message)
      case 'failed':
        throw failed(error.message)
      case 'stopped':
        throw new Failure(130, error.message)
    }
  } finally {
    off()
  }
}

/** The line while it goes on: how far, how fast, and how long it will take at the speed of this call so far. */
function downloadLine(): (file: string, done: number, total: number) => string {
  const began = performance.now()
  let [current, last, fetched] = ['', 0, 0]
  return (file, done, total) => {
    // What an earlier call brought, or another program, says nothing about this connection.
    if (file === current) fetched += Math.max(0, done - last)
    current = file
    last = done
    const seconds = (performance.now() - began) / 1000
    const speed = seconds > 1 ? fetched / seconds : 0
    return [
      `${file} ${bar(done / total)}`,
      `${formatBytes(done)} of ${formatBytes(total)}`,
      ...(speed > 0 ? [`${formatBytes(Math.round(speed))}/s`, `${formatClock((total - done) / speed)} left`] : []),
    ].join(' · ')
  }
}

// A path as a shell takes it.
function quoted(path: string): string {
  if (/^[\w./:@%+,-]+$/.test(path)) return path
  return process.platform === 'win32' ? `"${path}"` : `'${path.replaceAll("'", "'\\''")}'`
}

function conclude(
  set: PublishedData,
  { path, files }: DownloadedSet,
  folder: string,
  json: boolean,
  terminal: Terminal,
): void {
  terminal.status('')
  if (json) {
    terminal.printJson({
      name: set.name,
      folder,
      path,
      settings: { 'data.source.type': set.source, 'data.source.path': path },
      files,
      terms: set.terms,
      cite: set.cite,
    })
    return
  }
  for (const { name, bytes, md5, from } of files)
    terminal.print(
      `${name}: ${formatCount(bytes)} bytes, md5 ${md5} as published${from === null ? ', here already' : ''}`,
    )
  terminal.print(
    `${path}\nTrain on it with: --set data.source.type=${set.source} --set data.source.path=${quoted(path)}`,
  )
}
