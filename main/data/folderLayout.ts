import type { Split } from '../../core/facts'
import { DataRefused, sourcePath } from './refusal'

/** Which split and class an image belongs to by the folders it lies in. */
export interface Place {
  readonly split: Split
  readonly className: string
}

/** Places by path, and the class names in order. */
export interface FolderLayout {
  readonly places: ReadonlyMap<string, Place>
  readonly classes: readonly string[]
}

const splitNames: ReadonlyMap<string, Split> = new Map([
  ['train', 'train'], ['training', 'train'], ['val', 'validation'], ['valid', 'validation'], ['validation', 'validation'], ['test', 'test'], ['testing', 'test'],
])
const mostClasses = 10_000
const quoted = (names: Iterable<string>): string => [...names].slice(0, 10).map((name) => `“${name}”`).join(', ')

/** How many folders around the whole set mean nothing, such as the one that an archive was made of. */
function wrapperDepth(paths: readonly (readonly string[])[]): number {
  const first = paths[0] ?? []
  let depth = 0
  while (paths.every((segments) => segments.length > depth + 2 && segments[depth] === first[depth])) depth++
  return depth
}

/**
 * Reads class and split off the paths of all images: `class/…` or, where the folders at the top are train, val and test, `split/class/…`.
 * Classes are numbered in the order of their names (code units), as the common training libraries do.
 */
export function folderLayout(where: string, paths: readonly string[], folders: readonly string[]): FolderLayout {
  const refuse = (message: string): never => {
    throw new DataRefused(sourcePath, `${where}: ${message}`)
  }
  if (paths.length === 0) refuse('expected folders of PNG or JPEG images, one for each class, found no such image')
  const split = paths.map((path) => path.split('/'))
  const outer = wrapperDepth(split)
  const tops = new Set(split.map((segments) => segments[outer] ?? ''))
  const isSplit = [...tops].every((top) => splitNames.has(top.toLowerCase())) && split.every((segments) => segments.length > outer + 2)
  const classAt = outer + (isSplit ? 1 : 0)
  const places = new Map<string, Place>()
  const withImages = new Set<string>()
  split.forEach((segments, i) => {
    if (segments.length < classAt + 2) refuse(`expected every image in the folder of its class, found ${paths[i]} in none`)
    const name = isSplit ? (splitNames.get((segments[outer] ?? '').toLowerCase()) ?? 'train') : 'train'
    places.set(paths[i] ?? '', { split: name, className: segments[classAt] ?? '' })
    withImages.add(segments.slice(0, classAt + 1).join('/'))
  })
  const wrapper = (split[0] ?? []).slice(0, outer)
  const isClass = (segments: readonly string[]): boolean => segments.length === classAt + 1 && wrapper.every((name, i) => segments[i] === name)
  const empty = folders.filter((folder) => isClass(folder.split('/')) && !withImages.has(folder))
  if (empty.length > 0) refuse(`expected at least one PNG or JPEG image in each class, found none in ${quoted(empty)}`)
  return { places, classes: classesOf(places, isSplit ? tops : null, refuse) }
}

function classesOf(places: ReadonlyMap<string, Place>, splitFolders: ReadonlySet<string> | null, refuse: (message: string) => never): readonly string[] {
  const namesIn: Record<Split, Set<string>> = { train: new Set(), validation: new Set(), test: new Set() }
  for (const { split, className } of places.values()) namesIn[split].add(className)
  const classes = [...namesIn.train].sort((a, b) => (a < b ? -1 : 1))
  if (splitFolders !== null && classes.length === 0) refuse(`expected a train folder with images beside ${quoted(splitFolders)}, found none`)
  if (classes.length < 2 || classes.length > mostClasses) refuse(`expected 2 to ${mostClasses} class folders, found ${classes.length}: ${quoted(classes)}`)
  for (const split of ['validation', 'test'] as const) {
    const unknown = [...namesIn[split]].filter((name) => !namesIn.train.has(name))
    if (unknown.length > 0) refuse(`expected the classes of the ${split} folder to be those of train, found ${quoted(unknown)} besides`)
  }
  return classes
}
