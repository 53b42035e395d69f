import type { DataSplit } from '../../core/datasetInfo'
import { childrenOf, imagesBelow, namesBelow, type Folder } from './folderTree'

/** Which split and class an image belongs to by the folders it lies in. */
export interface FolderPlace {
  readonly split: DataSplit
  readonly className: string
}

/** A folder of images that belongs to no split, and why. */
export interface LeftOutFolder {
  readonly folder: string
  readonly split: DataSplit | null
  readonly images: number
  readonly reason: string
}

/** What the folders of a data set were understood to mean. */
export interface FolderLayout {
  readonly places: ReadonlyMap<string, FolderPlace>
  /** Class names in the order of their labels: by code units, as the common training libraries number them. */
  readonly classes: readonly string[]
  /** The folder that each split was read from; null where the class folders lie at the top. */
  readonly splitFolders: Readonly<Partial<Record<DataSplit, string>>> | null
  readonly leftOut: readonly LeftOutFolder[]
  /** Sentences about what a person may not expect. */
  readonly notes: readonly string[]
}

/** What a layout comes to: understood, or refused with what was expected and found. */
export type LayoutVerdict = { readonly layout: FolderLayout } | { readonly refused: string }

/** How folders are to be understood: by their names, or as classes whatever their names are. */
export type LayoutChoice = 'auto' | 'classes'

export const expectedLayout = 'expected one folder per class, or train, val and test folders with those in them'
export const asClasses = 'If they are classes, set data.source.layout to classes'

const copyReason = 'a copy: it holds what lies beside it under the same names'

/** The folder below `top` that holds what all the others hold, under the same names; null where there is none. */
export function copyIn(top: Folder): Folder | null {
  if (top.images.length > 0) return null
  return (
    childrenOf(top).find((folder) => {
      const others = childrenOf(top).filter((other) => other !== folder)
      if (others.length < 2 || ![...folder.children.keys()].every((name) => top.children.has(name))) return false
      const own = new Set(namesBelow(folder))
      const beside = others.flatMap((other) => namesBelow(other).map((name) => `${other.name}/${name}`))
      return own.size === beside.length && beside.every((name) => own.has(name))
    }) ?? null
  )
}

export const copied = (folder: Folder): LeftOutFolder => ({
  folder: folder.path,
  split: null,
  images: imagesBelow(folder).length,
  reason: copyReason,
})
