import { classLayout } from './classFolders'
import { childrenOf, folderTree, isFlat, onlyChild, type Folder } from './folderTree'
import {
  asClasses,
  copied,
  copyIn,
  expectedLayout,
  type LayoutChoice,
  type LeftOutFolder,
  type LayoutVerdict,
} from './layoutVerdict'
import { listed, quoted } from './dataError'
import { isAnnotation, isFold, isNeverClass, pairOf, roleOf, type Role } from './splitNames'
import { splitLayout } from './splitFolders'

/**
 * Reads class and split off the paths of all images: `class/…`, or `split/class/…` where the folders at the top are
 * named for splits. A top level that mixes splits with anything else is refused, because the splits would become
 * classes and the accuracy that of telling them apart. `folders` are all folders, those without images too. Pure: knows
 * nothing but names.
 */
export function folderLayout(
  paths: readonly string[],
  folders: readonly string[],
  choice: LayoutChoice,
): LayoutVerdict {
  if (paths.length === 0) return { refused: 'expected folders of images, one for each class, found no image' }
  let top = folderTree(paths)
  for (let child = onlyChild(top); child !== null && child.images.length === 0; child = onlyChild(top)) top = child
  if (choice === 'classes') return classLayout(top, folders, [])
  const named = new Map(
    childrenOf(top).flatMap((folder) => {
      const role = roleOf(folder.name)
      return role === null || isOrdinary(folder, top) ? [] : [[folder, role] as const]
    }),
  )
  if (named.size > 0) return splitLayout(top, named, folders)
  const { copies, rest } = withoutCopies(top)
  const suspicion = hiddenSplits(rest)
  if (suspicion !== null) return { refused: suspicion }
  return classLayout(rest, folders, copies)
}

/**
 * A split's word that is a class here: valid beside invalid, or train beside at least three vehicles of as many images.
 */
function isOrdinary(folder: Folder, top: Folder): boolean {
  const others = childrenOf(top).filter((other) => other !== folder)
  if (roleOf(folder.name) === 'validation' && others.some(({ name }) => /^(in|not?)[ _-]?valid$/i.test(name)))
    return true
  const most = Math.max(0, ...others.map(({ images }) => images.length))
  return (
    /^trains?$/i.test(folder.name) &&
    isFlat(folder) &&
    others.length >= 3 &&
    others.every((other) => isFlat(other) && roleOf(other.name) === null) &&
    folder.images.length <= 4 * most
  )
}

/** Takes out a folder that holds all that lies beside it once more, as some archives do. */
function withoutCopies(top: Folder): { readonly copies: readonly LeftOutFolder[]; readonly rest: Folder } {
  const copy = copyIn(top)
  if (copy === null) return { copies: [], rest: top }
  return {
    copies: [copied(copy)],
    rest: { ...top, children: new Map([...top.children].filter(([, child]) => child !== copy)) },
  }
}

const shared = (folders: readonly Folder[]): readonly string[] =>
  [...(folders[0]?.children.keys() ?? [])].filter((name) => folders.every(({ children }) => children.has(name)))

/**
 * What speaks against the folders at the top being classes, as a refusal; null where nothing does. Each row is a kind
 * of set that is met in public.
 */
function hiddenSplits(top: Folder): string | null {
  const folders = childrenOf(top)
  const names = folders.map(({ name }) => name)
  if (folders.length < 2) return null
  const found = `found ${quoted(names)}`
  const nested = folders.find(
    (folder) =>
      new Set(
        childrenOf(folder)
          .map(({ name }) => roleOf(name))
          .filter((role) => role !== null),
      ).size >= 2,
  )
  if (nested !== undefined) {
    return (
      `${expectedLayout}, ${found}, of which “${nested.name}” holds splits itself: ` +
      `${quoted(nested.children.keys())}. Choose the one folder that holds the splits of one set`
    )
  }
  if (names.every(isFold))
    return (
      `${expectedLayout}, ${found}, which look like parts of one set. Put the images of each class together. ` +
      `${asClasses}`
    )
  const container = names.find((name) => isNeverClass(name))
  if (container !== undefined)
    return (
      `${expectedLayout}, ${found}, of which “${container}” does not look like a class. Choose the folder that ` +
      `holds the class folders. ${asClasses}`
    )
  const annotation = names.find((name) => isAnnotation(name))
  if (annotation !== undefined && folders.some(({ name, images }) => name !== annotation && images.length === 0)) {
    return (
      `${expectedLayout}, ${found}, of which “${annotation}” looks like annotations. Choose the folder that ` +
      `holds the class folders. ${asClasses}`
    )
  }
  const pairs = pairedNames(names)
  if (pairs !== null) return `${expectedLayout}, ${found}, of which ${quoted(pairs)} look like splits. ${asClasses}`
  const repeated = folders.every(({ images }) => images.length === 0) ? shared(folders) : []
  if (repeated.length >= 2) {
    return (
      `${expectedLayout}, found the same folders (${listed(repeated, 4)}) in each of ${quoted(names)}, so these ` +
      `may be splits or versions rather than classes. Choose one of them. ${asClasses}`
    )
  }
  const twice = folders.find(
    ({ children }) => [...children.keys()].filter((name) => top.children.has(name)).length >= 2,
  )
  if (twice !== undefined)
    return (
      `${expectedLayout}, ${found}, of which “${twice.name}” holds folders with the names of those beside it. ` +
      `Leave one of the two. ${asClasses}`
    )
  return null
}

/** Names that differ only in a split's word, such as cats_train and cats_test. */
function pairedNames(names: readonly string[]): readonly string[] | null {
  const byRest = new Map<string, { name: string; role: Role }[]>()
  for (const name of names) {
    const pair = pairOf(name)
    if (pair !== null) byRest.set(pair.rest, [...(byRest.get(pair.rest) ?? []), { name, role: pair.role }])
  }
  for (const own of byRest.values())
    if (new Set(own.map(({ role }) => role)).size > 1) return own.map(({ name }) => name)
  return null
}
