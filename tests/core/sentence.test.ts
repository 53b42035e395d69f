import { describe, expect, it } from 'vitest'
import { sentence } from '../../core/sentence'

describe('a message by itself', () => {
  it.each([
    ['stopped by hand', 'Stopped by hand.'],
    [
      'no better validation loss for 3 epochs; the best was epoch 2',
      'No better validation loss for 3 epochs; the best was epoch 2.',
    ],
    ['the data set changed since this run was paused', 'The data set changed since this run was paused.'],
    ['Nothing was changed.', 'Nothing was changed.'],
    ['batchSize must be at least 1', 'batchSize must be at least 1.'],
    ['data.source.path: there is no such file', 'data.source.path: there is no such file.'],
    ['/data/images: cannot be read', '/data/images: cannot be read.'],
    ['cifar10 has no test images', 'cifar10 has no test images.'],
    ['“x” is in the trash', '“x” is in the trash.'],
    ['it said “enough.”', 'It said “enough.”'],
    ['écrit', 'Écrit.'],
    ['why?', 'Why?'],
    ['', ''],
    ['  ', ''],
  ])('%j', (message, expected) => {
    expect(sentence(message)).toBe(expected)
    expect(sentence(expected)).toBe(expected)
  })
})
