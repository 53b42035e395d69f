import type { DataSplit } from '../../core/datasetInfo'
import {
  classFolders,
  classKey,
  classNotes,
  emptyFolders,
  looseKey,
  placesOf,
  refusedClasses,
  refusedEmpty,
  type ClassFolder,
} from './classFolders'
import {
  asClasses,
  copied,
  copyIn,
  expectedLayout,
  type LeftOutFolder,
  type FolderPlace,
  type LayoutVerdict,
} from './layoutVerdict'
import { childrenOf, imagesBelow, isFlat, onlyChild, type Folder } from './folderTree'
import { listed, quoted } from './dataError'
import { isContainer, isNoLabel, roleOf, type Role } from './splitNames'

/** A refusal on its way up. */
class Refused extends Error {}
const refuse = (message: string): never => {
  throw new Refused(message)
}

const noLabels = 'no labels'

/**
 * `split/class/…`: the folders at the top are named for splits. Images without class folders outside train have no
 * labels and are left out.
 */
export function splitLayout(top: Folder, named: ReadonlyMap<Folder, Role>, folders: readonly string[]): LayoutVerdict {
  try {
    return understood(top, named, folders)
  } catch (error) {
    if (error instanceof Refused) return { refused: error.message }
    throw error
  }
}

function understood(top: Folder, named: ReadonlyMap<Folder, Role>, folders: readonly string[]): LayoutVerdict {
  const [loose] = top.images
  const found = quoted([...named.keys()].map(({ name }) => name))
  if (loose !== undefined)
    refuse(`${expectedLayout}, found ${loose} beside ${found}. Put the image into a class folder or elsewhere`)
  const copy = copyIn(top)
  const others = childrenOf(top).filter((folder) => !named.has(folder) && folder !== copy)
  if (others.length > 0) {
    refuse(
      `${expectedLayout}, found ${quoted(others.map(({ name }) => name))} beside ${found}, so that it is not ` +
        `clear which images are for training. Move what does not belong to the set elsewhere. ${asClasses}`,
    )
  }
  const { splits, unlabelled } = bySplit(named)
  const trainFolder = splits.get('train')
  if (trainFolder === undefined)
    return {
      refused: `${expectedLayout}: expected a train folder with images beside ${found}, found none. ${asClasses}`,
    }
  const train = trainingClasses(trainFolder, named.size === 1)
  const empty = emptyFolders(within(trainFolder), folders)
  if (empty.length > 0) refuse(refusedEmpty(empty))
  const nameOf = new Map(train.map(({ name }) => [classKey(name), name]))
  const places = new Map<string, FolderPlace>(placesOf('train', train, (name) => name))
  const leftOut: LeftOutFolder[] = [
    ...unlabelled.map((folder) => ({
      folder: folder.path,
      split: null,
      images: imagesBelow(folder).length,
      reason: noLabels,
    })),
    ...(copy === null ? [] : [copied(copy)]),
  ]
  const notes: string[] = [...classNotes(train)]
  const splitFolders: Partial<Record<DataSplit, string>> = { train: trainFolder.path }
  for (const split of ['validation', 'test'] as const) {
    const folder = splits.get(split)
    if (folder === undefined) continue
    const classes = labelledClasses(folder, split, nameOf)
    if (classes === null) {
      leftOut.push({ folder: folder.path, split, images: imagesBelow(folder).length, reason: noLabels })
      continue
    }
    splitFolders[split] = folder.path
    for (const [path, place] of placesOf(split, classes, (name) => nameOf.get(classKey(name)) ?? name))
      places.set(path, place)
    const missing = [...nameOf].flatMap(([key, name]) =>
      classes.some((own) => classKey(own.name) === key) ? [] : [name],
    )
    if (missing.length > 0) notes.push(`The ${split} folder has no images of ${quoted(missing)}.`)
  }
  return { layout: { places, classes: train.map(({ name }) => name), splitFolders, leftOut, notes } }
}

/**
 * One folder for each split. A word such as holdout is the test split where there is no other, else it would be a
 * second one.
 */
function bySplit(named: ReadonlyMap<Folder, Role>): {
  readonly splits: ReadonlyMap<DataSplit, Folder>
  readonly unlabelled: readonly Folder[]
} {
  const has = (wanted: Role): boolean => [...named.values()].includes(wanted)
  const splits = new Map<DataSplit, Folder>()
  const unlabelled: Folder[] = []
  for (const [folder, role] of named) {
    if (role === 'unlabelled') {
      unlabelled.push(folder)
      continue
    }
    const split: DataSplit =
      role !== 'held' ? role : has('test') && !has('validation') && /^eval/i.test(folder.name) ? 'validation' : 'test'
    const other = splits.get(split)
    if (other !== undefined)
      refuse(
        `${expectedLayout}, found two folders for ${split}: ${quoted([other.name, folder.name])}. Leave one of them`,
      )
    splits.set(split, folder)
  }
  return { splits, unlabelled }
}

/** The folder that holds a split's class folders: itself, or one in it that only repeats its name or says “images”. */
function within(split: Folder): Folder {
  let folder = split
  for (let child = onlyChild(folder); child !== null; child = onlyChild(folder)) {
    const repeats = roleOf(child.name) !== null && roleOf(child.name) === roleOf(split.name)
    if (!repeats && !isContainer(child.name)) break
    folder = child
  }
  return folder
}

function trainingClasses(split: Folder, isAlone: boolean): readonly ClassFolder[] {
  const folder = within(split)
  const [loose] = folder.images
  if (isFlat(folder)) {
    refuse(
      `expected one folder per class in ${split.path}, found ${folder.images.length} images in no class ` +
        `folder, such as ${loose}. Labels in file names or in a table, and boxes for object detection, are not ` +
        'read: ' +
        `put the images of each class into a folder of its own${isAlone ? '' : `. ${asClasses}`}`,
    )
  }
  if (loose !== undefined) refuse(`expected every image in the folder of its class, found ${loose} in none`)
  const inner = childrenOf(folder).map(({ name }) => name)
  if (inner.every((name) => roleOf(name) !== null))
    refuse(`${expectedLayout}, found splits in a split: ${quoted(inner)} in ${folder.path}`)
  const classes = classFolders(folder)
  const refused = refusedClasses(classes)
  if (refused !== null) refuse(refused)
  return classes
}

/** The classes of a validation or test folder; null where its images have no labels. */
function labelledClasses(
  split: Folder,
  role: DataSplit,
  known: ReadonlyMap<string, string>,
): readonly ClassFolder[] | null {
  const folder = within(split)
  if (isFlat(folder)) return null
  const [loose] = folder.images
  if (loose !== undefined) refuse(`expected every image in the folder of its class, found ${loose} in none`)
  const classes = classFolders(folder)
  const unknown = classes.filter(({ name }) => !known.has(classKey(name)))
  if (unknown.length === 0) return classes
  if (classes.length === 1 && classes.every(({ name }) => isNoLabel(name))) return null
  const alike = unknown.flatMap(({ name }) =>
    [...known.values()]
      .filter((own) => looseKey(own) === looseKey(name))
      .map((own) => `“${name}” here is “${own}” there`),
  )
  const hint =
    alike.length === 0
      ? ''
      : `; names must be equal in upper and lower case too (${listed(alike, 3)}): rename the folders`
  return refuse(
    `expected the classes of the ${role} folder to be those of train, found ` +
      `${quoted(unknown.map(({ name }) => name))} besides${hint}`,
  )
}
