import type { DataSplit } from '../../core/datasetInfo'
import { formatCounted } from '../../core/numbers'
import type { Skipped } from '../../core/leftOut'
import type { FolderLayout, LeftOutFolder } from './layoutVerdict'
import type { LabelledImages } from './rawImages'

const inClasses = ({ labels }: LabelledImages): string =>
  `${formatCounted(labels.length, 'image')} in ${formatCounted(new Set(labels).size, 'class', 'classes')}`
const named = (split: DataSplit | null, folder: string): string =>
  split === null || split === folder ? folder : `${split} (folder “${folder}”)`
const lost = ({ folder, split, images, reason }: LeftOutFolder): string =>
  `${named(split, folder)}: ${reason}, ${formatCounted(images, 'image')} left out`

/**
 * How the folders were understood and how many images came out, such as “train: 10,000 images in 3 classes; test: no
 * labels, 6 images left out.”
 */
export function layoutSentences(
  { splitFolders, leftOut, notes }: FolderLayout,
  parts: Readonly<Record<DataSplit, LabelledImages>>,
): readonly string[] {
  const read =
    splitFolders === null
      ? [`One folder per class: ${inClasses(parts.train)}`]
      : (['train', 'validation', 'test'] as const).flatMap((split) =>
          splitFolders[split] === undefined ? [] : [`${named(split, splitFolders[split])}: ${inClasses(parts[split])}`],
        )
  const hasTest = parts.test.labels.length > 0
  return [
    `${[...read, ...leftOut.map(lost)].join('; ')}.`,
    ...notes,
    ...(hasTest
      ? []
      : [
          'There is no test folder with labels, so a sixth of the images is held out for testing, the same for ' +
            'every run.',
        ]),
  ]
}

/** The folders that were left out, for the list of files that were. */
export const leftOutEntries = ({ leftOut }: { readonly leftOut: readonly LeftOutFolder[] }): readonly Skipped[] =>
  leftOut.map(({ folder, images, reason }) => ({
    file: `${folder}/`,
    reason: `was left out with its ${formatCounted(images, 'image')}: ${reason}`,
  }))
