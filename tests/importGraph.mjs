// Which file imports which, by value or by type. `node tests/importGraph.mjs` prints each file with what it imports,
// then every cycle; `node tests/importGraph.mjs core main/queue` prints the files of these folders only.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, posix, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'

const root = resolve(import.meta.dirname, '..')
const endings = ['', '.ts', '.tsx', '.mts', '.d.ts', '.d.mts']

const isFile = (path) => existsSync(path) && statSync(path).isFile()

/** The file that a relative import names, from the project's root; null for a package or a file of another kind. */
function importedFile(from, name) {
  if (!name.startsWith('.')) return null
  const path = posix.join(posix.dirname(from), name.replace(/\?.*$/, ''))
  const ending = endings.find((one) => isFile(join(root, path + one)))
  return ending === undefined ? null : path + ending
}

/** Every source file with the files that it imports, statically, dynamically or by type, in alphabetical order. */
export function importGraph() {
  const files = execFileSync('git', ['ls-files', '*.ts', '*.tsx', '*.mts', '*.mjs', '*.cjs'], {
    cwd: root,
    encoding: 'utf8',
  })
  const sources = files.split('\n').filter((file) => file !== '' && isFile(join(root, file)))
  return new Map(
    sources.sort().map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true)
      const targets = importedFiles.map(({ fileName }) => importedFile(file, fileName))
      return [file, [...new Set(targets.filter((target) => target !== null))].sort()]
    }),
  )
}

/**
 * The cycles of a graph, each as its files in the order of their imports, the first repeated at the end: for every file
 * that can reach itself, the shortest way back that shares no import with a cycle listed before.
 */
export function importCycles(graph) {
  const listed = new Set()
  const cycles = []
  for (const start of graph.keys()) {
    const cycle = shortestCycle(graph, start)
    if (cycle === null) continue
    const steps = cycle.slice(1).map((file, index) => `${cycle[index]} ${file}`)
    if (steps.some((step) => listed.has(step))) continue
    for (const step of steps) listed.add(step)
    cycles.push(cycle)
  }
  return cycles
}

function shortestCycle(graph, start) {
  const cameFrom = new Map()
  const waiting = [start]
  for (const file of waiting) {
    for (const target of graph.get(file) ?? []) {
      if (target === start) {
        const way = [start]
        for (let at = file; at !== start; at = cameFrom.get(at)) way.unshift(at)
        return [start, ...way]
      }
      if (cameFrom.has(target)) continue
      cameFrom.set(target, file)
      waiting.push(target)
    }
  }
  return null
}

function print(folders) {
  const graph = importGraph()
  const isShown = (file) => folders.length === 0 || folders.some((folder) => file.startsWith(folder))
  for (const [file, targets] of graph) {
    if (isShown(file)) console.log([file, ...targets.map((target) => `  ${target}`)].join('\n'))
  }
  const cycles = importCycles(graph)
  for (const cycle of cycles) console.log(`Cycle: ${cycle.join(' → ')}`)
  console.log(`${graph.size} files, ${[...graph.values()].flat().length} imports, ${cycles.length} cycles`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) print(process.argv.slice(2))
