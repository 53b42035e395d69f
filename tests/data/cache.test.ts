import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { clearLeftPacks } from '../../main/data/cache'
import { readPack, writePack } from '../../main/data/pack'
import type { RawImages } from '../../main/data/rawImages'
import { recordingFs } from '../files/recordingFs'
import { cifarBatch, idxImages, idxLabels, load, newFolder, png, redAndBlue, write } from './making'

const idx = (labels: readonly number[]): Record<string, Buffer> => ({
  'train-images-idx3-ubyte': idxImages(
    8,
    2,
    2,
    Uint8Array.from({ length: 32 }, (_, i) => i),
  ),
  'train-labels-idx1-ubyte': idxLabels(labels),
  't10k-images-idx3-ubyte': idxImages(2, 2, 2, new Uint8Array(8)),
  't10k-labels-idx1-ubyte': idxLabels([0, 1]),
})
const labelsOf = (name: string): string => join(name, 'train-labels-idx1-ubyte')

/** A time that a file can be given back exactly. */
const then = new Date('2024-05-06T07:08:09Z')

function pin(...files: readonly string[]): void {
  for (const file of files) utimesSync(file, then, then)
}

/**
 * Puts other contents of the same length into a file and gives it back its time, as `cp -p`, `rsync -t` and a restored
 * backup do.
 */
function swap(file: string, bytes: Uint8Array, how: 'in place' | 'by another file'): void {
  const { mtimeMs, size } = statSync(file)
  expect({ mtimeMs, size }).toEqual({ mtimeMs: then.getTime(), size: bytes.length })
  const to = how === 'in place' ? file : `${file}.new`
  writeFileSync(to, bytes)
  pin(to)
  if (to !== file) renameSync(to, file)
  expect(statSync(file)).toMatchObject({ size, mtimeMs })
}

describe('the cache of packs', () => {
  it.each(['in place', 'by another file'] as const)(
    'gives the new images when a file of the same size and time replaced the old one %s',
    async (how) => {
      const [folder, cacheFolder] = [write(newFolder(), idx([0, 1, 0, 1, 0, 1, 0, 1])), newFolder()]
      const config = { source: { type: 'idx', path: folder }, validationFraction: 0 }
      pin(labelsOf(folder))
      expect([...(await load(config, { cacheFolder })).train.labels]).toEqual([0, 1, 0, 1, 0, 1, 0, 1])
      swap(labelsOf(folder), idxLabels([1, 0, 1, 0, 1, 0, 1, 0]), how)
      expect([...(await load(config, { cacheFolder })).train.labels]).toEqual([1, 0, 1, 0, 1, 0, 1, 0])
      expect(readdirSync(cacheFolder)).toHaveLength(1)
    },
  )

  it('gives the new images when what a link points to was replaced', async () => {
    const [store, folder, cacheFolder] = [write(newFolder(), idx([0, 1, 0, 1, 0, 1, 0, 1])), newFolder(), newFolder()]
    for (const name of readdirSync(store)) symlinkSync(join(store, name), join(folder, name))
    pin(labelsOf(store))
    const config = { source: { type: 'idx', path: folder }, validationFraction: 0 }
    await load(config, { cacheFolder })
    swap(labelsOf(store), idxLabels([1, 1, 0, 0, 1, 1, 0, 0]), 'in place')
    expect([...(await load(config, { cacheFolder })).train.labels]).toEqual([1, 1, 0, 0, 1, 1, 0, 0])
  })

  it('gives the new images when a hidden file that a link names was replaced', async () => {
    const [folder, cacheFolder] = [
      write(newFolder(), { ...redAndBlue(4), '.store/one.png': png(4, 4, [9, 9, 9, 255]) }),
      newFolder(),
    ]
    symlinkSync(join('..', '.store', 'one.png'), join(folder, 'red', 'linked.png'))
    pin(join(folder, '.store', 'one.png'))
    const config = { source: { type: 'folder', path: folder } }
    const before = await load(config, { cacheFolder })
    swap(join(folder, '.store', 'one.png'), png(4, 4, [8, 8, 8, 255]), 'in place')
    expect((await load(config, { cacheFolder })).info.fingerprint).not.toBe(before.info.fingerprint)
  })

  it('gives the new images when a batch behind a link to its folder was replaced', async () => {
    const batch = (value: number): Buffer =>
      cifarBatch(
        Array.from({ length: 10 }, (_, label) => [label]),
        () => value,
      )
    const names = [...[1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`), 'test_batch.bin']
    const [store, folder, cacheFolder] = [
      write(newFolder(), Object.fromEntries(names.map((name) => [name, batch(1)]))),
      newFolder(),
      newFolder(),
    ]
    symlinkSync(store, join(folder, 'cifar-10-batches-bin'))
    pin(join(store, 'data_batch_3.bin'))
    const config = { source: { type: 'cifar10', path: folder } }
    const before = await load(config, { cacheFolder })
    swap(join(store, 'data_batch_3.bin'), batch(2), 'in place')
    expect((await load(config, { cacheFolder })).info.fingerprint).not.toBe(before.info.fingerprint)
  })

  it('keeps its pack while nothing changed: to be read, and files beside the images, change nothing', async () => {
    const [folder, cacheFolder] = [write(newFolder(), idx([0, 1, 0, 1, 0, 1, 0, 1])), newFolder()]
    const config = { source: { type: 'idx', path: folder } }
    await load(config, { cacheFolder })
    const [pack] = readdirSync(cacheFolder)
    const { mtime } = statSync(join(cacheFolder, pack!))
    for (const name of readdirSync(folder)) readFileSync(join(folder, name))
    writeFileSync(join(folder, 'notes.txt'), 'mine')
    await load(config, { cacheFolder })
    expect(readdirSync(cacheFolder)).toEqual([pack])
    expect(statSync(join(cacheFolder, pack!)).mtime).toEqual(mtime)
  })

  it('makes a pack of its own for a copy, which gives the same data', async () => {
    const [folder, copy, cacheFolder] = [write(newFolder(), idx([0, 1, 0, 1, 0, 1, 0, 1])), newFolder(), newFolder()]
    for (const name of readdirSync(folder)) copyFileSync(join(folder, name), join(copy, name))
    const [one, other] = [
      await load({ source: { type: 'idx', path: folder } }, { cacheFolder }),
      await load({ source: { type: 'idx', path: copy } }, { cacheFolder }),
    ]
    expect(other.info.fingerprint).toBe(one.info.fingerprint)
    expect(readdirSync(cacheFolder)).toHaveLength(2)
  })

  it('is cleared of packs on their way whose writer is dead, and of no others', async () => {
    const folder = newFolder()
    const dead = spawnSync(process.execPath, ['-e', '0']).pid
    const left = [`0123-4567.pack.${dead}.99.tmp`, `.0123-4567.pack.${dead}-0badcafe-0.unfinished`]
    const kept = [
      `0123-4567.pack.${process.ppid}.99.tmp`,
      `.0123-4567.pack.${process.ppid}-0badcafe-0.unfinished`,
      '0123-4567.pack',
      'notes.tmp',
      'x.pack.tmp',
    ]
    for (const name of [...left, ...kept]) writeFileSync(join(folder, name), 'part')
    expect([...(await clearLeftPacks(folder))].sort()).toEqual([...left].sort())
    expect(readdirSync(folder).sort()).toEqual([...kept].sort())
    expect(await clearLeftPacks(join(folder, 'none'))).toEqual([])
  })

  it('clears them when images are packed again', async () => {
    const [images, cacheFolder] = [write(newFolder(), redAndBlue(4)), newFolder()]
    mkdirSync(cacheFolder, { recursive: true })
    const left = join(cacheFolder, `0123.pack.${spawnSync(process.execPath, ['-e', '0']).pid}.1.tmp`)
    writeFileSync(left, 'part')
    await load({ source: { type: 'folder', path: images } }, { cacheFolder })
    expect(existsSync(left)).toBe(false)
  })
})

describe('a pack', () => {
  const raw: RawImages = {
    images: Uint8Array.from({ length: 48 }, (_, i) => 5 * i),
    labels: Uint16Array.of(0, 1, 1),
    name: 'few',
    classes: ['a', 'b'],
    shape: [4, 4, 1],
    skipped: [],
    test: { images: new Uint8Array(16).fill(7), labels: Uint16Array.of(1) },
  }
  const reading = { onProgress: () => undefined }

  it('is there whole or not at all after a crash at any moment, and there once it was written', async () => {
    const fs = recordingFs({ maxTransfer: 40 })
    await writePack('/cache/one.pack', raw, reading, fs)
    fs.mark('written')
    const seen = new Set<boolean>()
    for (let prefix = 0; prefix <= fs.log.length; prefix++) {
      for (const files of fs.crashStates(prefix)) {
        const isThere = files.has('/cache/one.pack')
        seen.add(isThere)
        if (isThere) expect(await readPack('/cache/one.pack', reading, recordingFs({ files }))).toEqual(raw)
        else expect(fs.hasMark('written', prefix)).toBe(false)
      }
    }
    expect(seen.size).toBe(2)
  })

  it('leaves nothing behind when the person does not wait, or the disk is full', async () => {
    const stop = new AbortController()
    const fs = recordingFs()
    await expect(
      writePack('/cache/one.pack', raw, { signal: stop.signal, onProgress: () => stop.abort() }, fs),
    ).rejects.toThrow(/abort/i)
    expect([...fs.files().keys()]).toEqual([])
    const full = recordingFs({ failure: { at: 3, code: 'ENOSPC', mode: 'once' } })
    await expect(writePack('/cache/one.pack', raw, reading, full)).rejects.toThrow('Cannot save one.pack')
    expect([...full.files().keys()]).toEqual([])
  })
})
