import { describe, expect, it } from 'vitest'
import { folderLayout } from '../../main/data/folderLayout'
import type { LayoutChoice } from '../../main/data/layoutVerdict'
import { type Set, summary, understood, refused } from './folderLayouts'

function verdict(set: Set, choice: LayoutChoice = 'auto') {
  const paths = Object.entries(set)
    .flatMap(([folder, count]) =>
      Array.from({ length: count }, (_, i) => (folder === '' ? `${i}.png` : `${folder}/${i}.png`)),
    )
    .sort((a, b) => (a < b ? -1 : 1))
  const folders = new Set(
    Object.keys(set).flatMap((folder) => folder.split('/').map((_, depth, all) => all.slice(0, depth + 1).join('/'))),
  )
  return folderLayout(
    paths,
    [...folders].filter((folder) => folder !== ''),
    choice,
  )
}

describe('the layout of a data folder', () => {
  it.each(understood)('is understood: %s', (_, set, expected, choice) => {
    const found = verdict(set, choice)
    expect('layout' in found ? summary(found.layout) : found).toMatchObject(expected)
  })

  it.each(refused)('is refused: %s', (_, set, words, choice) => {
    const found = verdict(set, choice)
    expect('refused' in found ? found.refused : summary(found.layout)).toContain(words)
  })

  it('never turns a split into a class: a train folder beside anything else is a split, or refused', () => {
    for (const word of [
      'train',
      'Training',
      'train_set',
      'TRAIN',
      'training_data',
      'seg_train',
      'trainval',
      'train2017',
    ]) {
      for (const beside of [
        'test',
        'dev',
        'docs',
        'pred',
        'a',
        'x y z',
        'Holdout',
        'images',
        'fold1',
        'labels',
        'test_images',
      ]) {
        for (const depth of ['', '/c']) {
          const found = verdict({ [`${word}/a`]: 3, [`${word}/b`]: 3, [`${beside}${depth}`]: 2 })
          if ('layout' in found) expect(found.layout.classes, `${word}, ${beside}${depth}`).toEqual(['a', 'b'])
        }
      }
    }
  })
})
