import { describe, expect, it } from 'vitest'
import { countClasses, spreadExamples } from '../../core/inspection'
import { leftOutSentences } from '../../core/leftOut'

describe('what was left out', () => {
  it('is told by reason, the most first, with the count and the first names', () => {
    const skipped = [
      ...Array.from({ length: 1200 }, (_, i) => ({ file: `b/z${i}.bmp`, reason: 'is a BMP' })),
      { file: 'a/x.tif', reason: 'is a TIF' },
      { file: 'a/y.tif', reason: 'is a TIF' },
      { file: 'notes.txt', reason: 'is no image' },
    ]
    expect(leftOutSentences(skipped)).toEqual([
      '1,200 files were left out (b/z0.bmp, b/z1.bmp, b/z2.bmp and 1,197 more): each is a BMP.',
      '2 files were left out (a/x.tif, a/y.tif): each is a TIF.',
      '1 file was left out: notes.txt is no image.',
    ])
  })

  it('is nothing where nothing was, and short where there are many reasons', () => {
    expect(leftOutSentences([])).toEqual([])
    const many = Array.from({ length: 6 }, (_, i) => ({ file: `${i}.png`, reason: `has ${i} bytes` }))
    expect(leftOutSentences(many)).toHaveLength(4)
    expect(leftOutSentences(many)[3]).toBe('3 more files were left out for other reasons.')
  })

  it('does not name folders again, which the layout tells', () => {
    expect(leftOutSentences([{ file: 'test/', reason: 'was left out with its 6 images: no labels' }])).toEqual([])
  })
})

describe('images to look at', () => {
  it('are of each class, from all over it', () => {
    const labels = Uint16Array.from([0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 1, 2])
    expect(spreadExamples(labels, 4, 4)).toEqual([[0, 2, 4, 6], [10], [8, 9, 11], []])
    expect(countClasses(labels, 4)).toEqual([8, 1, 3, 0])
  })
})
