/** A folder with images somewhere below it; folders without any are no part of the tree. */
export interface Folder {
  readonly name: string
  /** Its path below the root, '' for the root itself. */
  readonly path: string
  /** Paths of the images that lie in it directly. */
  readonly images: string[]
  readonly children: Map<string, Folder>
}

/** The tree of the folders that hold images, from the images' paths. */
export function folderTree(paths: readonly string[]): Folder {
  const root: Folder = { name: '', path: '', images: [], children: new Map() }
  for (const path of paths) {
    let folder = root
    for (const name of path.split('/').slice(0, -1)) {
      let child = folder.children.get(name)
      if (child === undefined) {
        child = { name, path: folder.path === '' ? name : `${folder.path}/${name}`, images: [], children: new Map() }
        folder.children.set(name, child)
      }
      folder = child
    }
    folder.images.push(path)
  }
  return root
}

export const childrenOf = (folder: Folder): readonly Folder[] => [...folder.children.values()]

/** All images in and below a folder. */
export const imagesBelow = (folder: Folder): readonly string[] => [
  ...folder.images,
  ...childrenOf(folder).flatMap(imagesBelow),
]

/** Paths of all its images, told from the folder itself. */
export const namesBelow = (folder: Folder): readonly string[] =>
  imagesBelow(folder).map((path) => (folder.path === '' ? path : path.slice(folder.path.length + 1)))

export const isFlat = (folder: Folder): boolean => folder.children.size === 0

/**
 * The only folder in one that holds nothing else, such as the one that an archive was made of; null where there is
 * more.
 */
export function onlyChild(folder: Folder): Folder | null {
  const [child] = folder.children.values()
  return folder.images.length === 0 && folder.children.size === 1 && child !== undefined ? child : null
}
