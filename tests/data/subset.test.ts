import { describe, expect, it } from 'vitest'
import { DataConfig } from '../../core/config/data'
import { epochOrder } from '../../core/random'
import { batchFiller } from '../../main/data/batches'
import { loadDataset, type Dataset } from '../../main/data/dataset'
import { plainReader } from '../../main/data/prefetch/reader'
import { thumbnails } from '../../main/data/previews'
import { bytesInOrder, pixelsOf, subsetOf, type LabelledImages } from '../../main/data/rawImages'
import { isShared } from '../../main/data/sharedMemory'
import { channelMoments } from '../../main/data/statistics'
import { amongTraining } from '../../main/trainer/seenImages'
import { imagesInOrder } from '../support/imagesInOrder'
import { load, newFolder, redAndBlue, resources, write } from './making'

/** The images of a split as it used to be: a copy of its own. */
const copied = (split: LabelledImages): LabelledImages => ({
  images: Uint8Array.from(imagesInOrder(split)),
  labels: split.labels.slice(),
})

const source = { type: 'synthetic', images: 400, testImages: 60, classes: 5, size: 8, channels: 3 }
const dataset = (): Promise<Dataset> => load({ source, trainingImages: 200, testImages: 50 })

describe('a split', () => {
  it('is a list of places in the buffer of all images', async () => {
    const { train, validation, test } = await dataset()
    expect(train.images).toBe(validation.images)
    expect(train.images.length).toBe(400 * 192)
    expect(test.images.length).toBe(60 * 192)
    expect([train, validation, test].map(({ labels }) => labels.length)).toEqual([200, 80, 50])
  })

  it('has the bytes, the moments and the thumbnails of a copy', async () => {
    const { train, info } = await dataset()
    const copy = copied(train)
    train.labels.forEach((_, image) => expect(pixelsOf(train, image)).toEqual(pixelsOf(copy, image)))
    expect(channelMoments(train, 3)).toEqual(channelMoments(copy, 3))
    expect(thumbnails(train, info.shape, [3, 199, 3])).toEqual(thumbnails(copy, info.shape, [3, 199, 3]))
  })

  it('fills the batches of a copy, augmented or not', async () => {
    const { train, info } = await dataset()
    const data = DataConfig.parse({ source, augmentation: { pad: 2, flip: true, rotation: 10, cutout: 3 } })
    const fill = batchFiller(data, info)
    for (const epoch of [null, 4]) {
      const [one, other] = [train, copied(train)].map((split) => {
        const out = { images: new Float32Array(200 * 192), labels: new Int32Array(200) }
        fill(split, epochOrder(1, 4, 200), epoch, 1, out)
        return out
      })
      expect(one).toEqual(other)
    }
  })

  it('of a part of it leads to the same places', async () => {
    const { validation } = await dataset()
    const [some, same] = [subsetOf(validation, [7, 0, 33]), subsetOf(copied(validation), [7, 0, 33])]
    expect(some.images).toBe(validation.images)
    expect(some.labels).toEqual(same.labels)
    expect(imagesInOrder(some)).toEqual(imagesInOrder(same))
  })

  it('shares images with another by what they show, not by where they lie', async () => {
    const folder = write(newFolder(), redAndBlue(12))
    const { train, validation } = await load({ source: { type: 'folder', path: folder } })
    expect(amongTraining(validation, train)).toEqual(amongTraining(copied(validation), copied(train)))
    expect(amongTraining(train, train)).toHaveLength(train.labels.length)
    const half = subsetOf(train, [0])
    expect(amongTraining(half, validation)).toEqual(amongTraining(copied(half), copied(validation)))
  })

  it('gives its bytes in pieces that a hash takes', () => {
    const part = { images: new Uint8Array(100 * 2 ** 20), labels: new Uint16Array(100) }
    expect([...bytesInOrder(part)].map(({ length }) => length / 2 ** 20)).toEqual([64, 36])
    expect([...bytesInOrder(subsetOf(part, [1, 2, 3, 9, 8]))].map(({ length }) => length / 2 ** 20)).toEqual([3, 1, 1])
  })
})

describe('a data set that is shared', () => {
  it.each(['read', 'unpacked'])('lies in shared memory once when it is %s, and is fed as any other', async (how) => {
    const path = write(newFolder(), redAndBlue(12))
    const data = DataConfig.parse({ source: { type: 'folder', path }, trainingImages: 8 })
    const loading = { cacheFolder: newFolder(), resources }
    const plain = await loadDataset(data, loading)
    const shared = await loadDataset(data, {
      ...loading,
      cacheFolder: how === 'read' ? newFolder() : loading.cacheFolder,
      isShared: true,
    })
    expect(shared.info).toEqual(plain.info)
    expect([shared.train, plain.train].map(({ images }) => isShared(images))).toEqual([true, false])
    expect(shared.train.images).toBe(shared.validation.images)
    const place = { epoch: 2, position: 0, count: 8 }
    const [one, other] = [shared, plain].map(({ train, info }) =>
      plainReader({ data, info, seed: 1, images: train, largest: 8 }).read(place, null),
    )
    expect(one).toEqual(other)
  })
})
