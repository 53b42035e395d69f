import type { DataSplit } from '../../core/datasetInfo'
import type { LeftOutFolder, FolderPlace, LayoutVerdict } from './layoutVerdict'
import { childrenOf, imagesBelow, type Folder } from './folderTree'
import { quoted } from './dataError'

const mostClasses = 10_000

/**
 * A class of one split by the folder of its images, or by more than one where their names are the same text in two ways
 * of writing it.
 */
export interface ClassFolder {
  readonly name: string
  readonly folders: readonly Folder[]
}

/**
 * One text is one class, whichever way its accents are written down: macOS archives decompose what other systems
 * compose.
 */
export const classKey = (name: string): string => name.normalize('NFC')

/**
 * Names that differ in case only look alike, and on many disks are one folder. Single letters may well be two classes.
 */
export const looseKey = (name: string): string => (name.length === 1 ? name : classKey(name).trim().toLowerCase())

/** The class folders below a folder, in the order of their names. */
export function classFolders(parent: Folder): readonly ClassFolder[] {
  const found = new Map<string, Folder[]>()
  for (const folder of [...childrenOf(parent)].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const key = classKey(folder.name)
    found.set(key, [...(found.get(key) ?? []), folder])
  }
  return [...found.values()].map((folders) => ({ name: folders[0]?.name ?? '', folders }))
}

/** Why these cannot be the classes of a training split; null where they can. */
export function refusedClasses(classes: readonly ClassFolder[]): string | null {
  if (classes.length < 2 || classes.length > mostClasses)
    return (
      `expected 2 to ${mostClasses} class folders, found ${classes.length}: ` +
      `${quoted(classes.map(({ name }) => name))}`
    )
  const byLoose = new Map<string, string>()
  for (const { name } of classes) {
    const other = byLoose.get(looseKey(name))
    if (other !== undefined)
      return (
        `expected class folders that differ in more than upper and lower case, found ${quoted([other, name])}. ` +
        'Put their images together, or rename one'
      )
    byLoose.set(looseKey(name), name)
  }
  return null
}

/** Folders right below `parent` that hold no image. */
export const emptyFolders = (parent: Folder, folders: readonly string[]): readonly string[] =>
  folders.filter((folder) => {
    const cut = folder.lastIndexOf('/')
    return folder.slice(0, Math.max(0, cut)) === parent.path && !parent.children.has(folder.slice(cut + 1))
  })

export const refusedEmpty = (empty: readonly string[]): string =>
  `expected at least one image in each class, found none in ${quoted(empty)}`

/**
 * The places of all images of a split's classes; `nameOf` gives a class the name that the training split has for it.
 */
export const placesOf = (
  split: DataSplit,
  classes: readonly ClassFolder[],
  nameOf: (name: string) => string,
): readonly (readonly [string, FolderPlace])[] =>
  classes.flatMap(({ name, folders }) =>
    folders.flatMap(imagesBelow).map((path) => [path, { split, className: nameOf(name) }] as const),
  )

/** What people may not expect of class folders: two ways of writing one name, and folders in them. */
export function classNotes(classes: readonly ClassFolder[]): readonly string[] {
  const twice = classes.filter(({ folders }) => folders.length > 1)
  const deep = classes.flatMap(({ folders }) => folders.flatMap(childrenOf))
  const isPlain = new Set(deep.map(({ name }) => name)).size === 1
  return [
    ...(twice.length === 0
      ? []
      : [
          `${quoted(twice.map(({ name }) => name))} ${twice.length === 1 ? 'is the name' : 'are the names'} of ` +
            'two folders each, written with composed and with decomposed accents; they are one class.',
        ]),
    ...(deep.length === 0 || isPlain
      ? []
      : [
          'Folders inside a class folder count as that class ' +
            `(${quoted(deep.slice(0, 3).map(({ path }) => path))}${deep.length > 3 ? ' …' : ''}).`,
        ]),
  ]
}

/** `class/…`: the folders at the top are the classes. */
export function classLayout(top: Folder, folders: readonly string[], leftOut: readonly LeftOutFolder[]): LayoutVerdict {
  const classes = classFolders(top)
  const [loose] = top.images
  if (classes.length === 0 && loose !== undefined) {
    return {
      refused:
        `expected folders of images, one for each class, found ${top.images.length} images in no folder, such as ` +
        `${loose}. Labels in file names or in a table are not read: put the images of each class into a folder ` +
        'of its own',
    }
  }
  if (loose !== undefined) return { refused: `expected every image in the folder of its class, found ${loose} in none` }
  const [single] = classes
  const refused = refusedClasses(classes)
  if (refused !== null) {
    const hint =
      single !== undefined && single.folders.length > 1
        ? '. It is the name of two folders, written with composed and with decomposed accents'
        : classes.length === 1 && single !== undefined
          ? `. Its ${single.folders.flatMap(imagesBelow).length} images have no class folders below; labels in ` +
            'file names or in a table are not read'
          : ''
    return { refused: `${refused}${hint}` }
  }
  const empty = emptyFolders(top, folders).filter((folder) => !leftOut.some((left) => left.folder === folder))
  if (empty.length > 0) return { refused: refusedEmpty(empty) }
  return {
    layout: {
      places: new Map(placesOf('train', classes, (name) => name)),
      classes: classes.map(({ name }) => name),
      splitFolders: null,
      leftOut,
      notes: classNotes(classes),
    },
  }
}
