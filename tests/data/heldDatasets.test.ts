import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DataConfig } from '../../core/config/data'
import { loadDataset } from '../../main/data/dataset'
import { HeldDatasets } from '../../main/data/heldDatasets'
import { newFolder, png, redAndBlue, resources, write } from './making'

const folderOf = (count: number, more: object = {}): DataConfig =>
  DataConfig.parse({ source: { type: 'folder', path: write(newFolder(), redAndBlue(count)) }, ...more })
const bytesOf = (images: number): number => images * 48

function open(mostBytes = 2 ** 20) {
  const held = new HeldDatasets(mostBytes)
  const loading = { cacheFolder: newFolder(), resources }
  return { held, loading, load: (data: DataConfig, alone = false) => held.load(data, loading, alone) }
}

describe('held data sets', () => {
  it('are those that reading them anew would give, read once and split once', async () => {
    const { load, loading } = open()
    const data = folderOf(12)
    const first = await load(data)
    expect(await load(data)).toBe(first)
    expect(await load({ ...data, augmentation: { ...data.augmentation, flip: true } })).toBe(first)
    expect(first.info).toEqual((await loadDataset(data, loading)).info)
    const other = await load({ ...data, splitSeed: 9 })
    expect(other.info).toEqual((await loadDataset({ ...data, splitSeed: 9 }, loading)).info)
    expect(other.info.fingerprint).not.toBe(first.info.fingerprint)
    expect(other.train.images).toBe(first.train.images)
  })

  it('are never older than their files', async () => {
    const { load, loading } = open()
    const data = folderOf(12)
    const first = await load(data)
    const { path } = data.source as { path: string }
    writeFileSync(join(path, 'red', '0.png'), png(4, 4, [0, 255, 0, 255]))
    const changed = await load(data)
    expect(changed.info.fingerprint).not.toBe(first.info.fingerprint)
    expect(changed.info).toEqual((await loadDataset(data, loading)).info)
    rmSync(path, { recursive: true })
    await expect(load(data)).rejects.toThrow('there is no such file or folder')
  })

  it('take so many bytes at most, and those that nobody asked for longest go first', async () => {
    const [one, two, three] = [folderOf(12), folderOf(12), folderOf(12)]
    const { load } = open(bytesOf(24) * 2)
    const [first, second] = [await load(one), await load(two)]
    expect(await load(one)).toBe(first)
    await load(three)
    expect(await load(one)).toBe(first)
    expect(await load(two)).not.toBe(second)
    const small = open(bytesOf(23))
    expect(await small.load(one)).not.toBe(await small.load(one))
  })

  it('make room before another is read beside a training', async () => {
    const [one, two] = [folderOf(12), folderOf(12)]
    const { load } = open()
    const first = await load(one)
    expect(await load(one, true)).toBe(first)
    const second = await load(two, true)
    expect(await load(two, true)).toBe(second)
    expect(await load(one)).not.toBe(first)
  })
})
