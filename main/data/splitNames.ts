import type { DataSplit } from '../../core/datasetInfo'

/**
 * What a folder's name says of its images: their split, `held` for images kept back under a word that says no more, or
 * that they have no labels.
 */
export type Role = DataSplit | 'held' | 'unlabelled'

const roles: ReadonlyMap<string, Role> = new Map(
  Object.entries({
    train: ['train', 'training', 'trn', 'trainset', 'trainingset', 'traindata', 'trainingdata', 'trainval'],
    validation: [
      'val',
      'valid',
      'validation',
      'validate',
      'valset',
      'validationset',
      'dev',
      'devel',
      'development',
      'devset',
    ],
    test: ['test', 'testing', 'tests', 'tst', 'testset', 'testingset', 'testdata'],
    held: ['eval', 'evaluation', 'evaluate', 'holdout', 'heldout'],
    unlabelled: ['pred', 'predict', 'prediction', 'predictions', 'unlabelled', 'unlabeled', 'unlabel'],
  } satisfies Record<Role, string[]>).flatMap(([role, words]) => words.map((word) => [word, role as Role] as const)),
)

// Words beside a split's that say nothing about it: training_set, seg_train, test1, train (1), train2017, val-images.
const fillers = new Set([
  'set',
  'sets',
  'data',
  'dataset',
  'images',
  'image',
  'imgs',
  'img',
  'pictures',
  'photos',
  'files',
  'folder',
  'split',
  'seg',
  'labelled',
  'labeled',
])

const tokensOf = (name: string): readonly string[] =>
  name
    .normalize('NFC')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{L})(\d)/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((token) => token !== '')

/** The role that a whole name stands for; null where it says anything else too. */
export function roleOf(name: string): Role | null {
  const tokens = tokensOf(name)
  const telling = tokens.filter((token) => !fillers.has(token) && !/^\d+$/.test(token))
  return roles.get(telling.join('')) ?? roles.get(tokens.join('')) ?? null
}

/**
 * A name whose words include one of a split, and what is left when that is taken out: `cats_train` and `cats_test` are
 * pairs.
 */
export function pairOf(name: string): { readonly role: Role; readonly rest: string } | null {
  const tokens = tokensOf(name)
  const at = tokens.findIndex((token) => roles.has(token))
  const role = roles.get(tokens[at] ?? '')
  return role === undefined ? null : { role, rest: tokens.map((token, i) => (i === at ? '*' : token)).join(' ') }
}

/** Folders that hold a set's images whatever their class, such as `images/`. */
export const isContainer = (name: string): boolean =>
  [
    'images',
    'imgs',
    'img',
    'image',
    'jpegimages',
    'pngimages',
    'pictures',
    'photos',
    'all',
    'data',
    'dataset',
  ].includes(name.toLowerCase())

/** Of those, the ones that nobody would call a class. */
export const isNeverClass = (name: string): boolean =>
  ['images', 'imgs', 'jpegimages', 'pngimages', 'all', 'dataset'].includes(name.toLowerCase())

/** Folders of what was drawn or written about images. */
export const isAnnotation = (name: string): boolean => annotation.test(name.toLowerCase().replace(/[_-]+/g, ' '))
const annotation = new RegExp(
  '^(annotations?|annots?|labels?|masks?|trimaps?|segmentations?|segmentation ?(class|object)|ground ?truth|gt|' +
    'bboxes)$',
)

export const isFold = (name: string): boolean => /^(fold|split|part|batch|cv|shard|chunk|k)[ _-]?\d+$/i.test(name)

/** Class folders that say that the class is not known. */
export const isNoLabel = (name: string): boolean =>
  ['unknown', 'unlabelled', 'unlabeled', 'none', 'nolabel', 'no_label'].includes(name.toLowerCase())
