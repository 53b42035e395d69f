import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RunConfigInput } from '../../core/config/config'
import type { FlatnessReport } from '../../core/flatness/report'
import { warningsAbout, type Evaluation } from '../../core/evaluation'
import { seal, snapshotOf } from '../../main/files/envelope'
import { durableWrite } from '../../main/files/durableWrite'
import { checkpointContent, loadCheckpoint } from '../../main/trainer/checkpoint'
import { measureFlatness } from '../../main/trainer/flatness/measureFlatness'
import { idxImages, idxLabels, resources, write } from '../data/making'
import { useFolder } from '../support/digits'
import { reported, sideBySide, splitFolder, trained, type Ended } from './measuring'
import { describeTensorflow } from './tensorflow'

const root = useFolder()
const classes = ['cat', 'dog', 'owl']
type Data = NonNullable<RunConfigInput['data']>

/**
 * Every setting in which two runs on one data set may differ and that has to do with how a checkpoint is measured; what
 * is not named is as in `plain`.
 */
const settings = (folder: string): Readonly<Record<string, RunConfigInput>> => {
  const data = (more: Data = {}, source: object = {}): { readonly data: Data } => ({
    data: { source: { type: 'folder', path: folder, ...source }, ...more },
  })
  return {
    plain: data(),
    'raw pixels': data({ normalisation: 'none' }),
    'another split': data({ splitSeed: 1 }),
    'another validation fraction': data({ validationFraction: 0.4 }),
    'no validation': data({ validationFraction: 0 }),
    'fewer training images': data({ trainingImages: 20 }),
    'another image size': data({}, { imageSize: 4 }),
    augmentation: data({ augmentation: { pad: 1, flip: true, padding: 'zeroBefore' } }),
    'an EMA': { ...data(), regularisation: { average: { type: 'ema', decay: 0.9 } } },
    'an SWA': { ...data(), regularisation: { average: { type: 'swa', start: 0 } } },
    'ghost batches': { ...data(), network: { type: 'mlp', hidden: [6], batchNorm: true }, batch: { ghostSize: 4 } },
    'the wasm engine': { ...data(), engine: { backend: 'wasm' } },
  }
}

const flatness = (
  checkpoints: readonly Ended[],
  data: Ended['config']['data'] | null = null,
): Promise<FlatnessReport> =>
  measureFlatness(
    {
      type: 'flatness',
      checkpoints: checkpoints.map(({ last }) => ({ path: last })),
      data,
      folders: { cache: join(root(), 'cache'), resources },
      settings: { images: 24, epsilons: [1e-3], ascentSteps: 2, powerSteps: 3, places: [0, 1] },
    },
    () => undefined,
  )

describe('two runs on one data set that differ in one setting', () => {
  const runs = new Map<string, Ended>()
  let folder = ''
  const names = Object.keys(settings(''))
  const run = (name: string): Ended => runs.get(name)!
  beforeAll(async () => {
    folder = splitFolder(join(root(), 'animals'), classes)
    for (const [name, input] of Object.entries(settings(folder))) runs.set(name, await trained(root(), input))
  }, 120_000)

  it('have records that tell them apart, so that a mix-up would show', () => {
    const losses = names.filter((name) => name !== 'the wasm engine').map((name) => reported(run(name)).loss)
    expect(new Set(losses).size).toBe(losses.length)
    for (const name of names) expect(reported(run(name)).images, name).toBe(24)
  })

  it.each(names)(
    'score what their own records say, %s first or alone',
    async (first) => {
      for (const second of names) {
        const [a, b] = await sideBySide(root(), [run(first).last, run(second).last], run(first).config.data)
        expect(a?.score, `${first} beside ${second}`).toEqual(reported(run(first)))
        expect(b?.score, `${second} beside ${first}`).toEqual(reported(run(second)))
      }
      const [alone] = await sideBySide(root(), [run(first).last])
      expect(alone?.score).toEqual(reported(run(first)))
      expect(alone?.data.relation).toBe('own')
    },
    60_000,
  )

  it('are as flat beside each other as alone on the same images, and the ends of the line are both', async () => {
    const one = run('plain')
    for (const name of ['raw pixels', 'another split', 'an EMA', 'no validation']) {
      const other = run(name)
      const both = await flatness([one, other])
      const [alone] = (await flatness([other], one.config.data)).checkpoints
      expect(both.checkpoints[1], name).toEqual(alone)
      expect(both.checkpoints[0], name).toEqual((await flatness([one])).checkpoints[0])
      expect(both.line[0]!.trainLoss, name).toBeCloseTo(both.checkpoints[0]!.loss, 6)
      expect(both.line[1]!.trainLoss, name).toBeCloseTo(both.checkpoints[1]!.loss, 6)
    }
    expect((await flatness([one, run('raw pixels')])).warnings.join()).toContain('normalise their images differently')
    await expect(flatness([one, run('another image size')])).rejects.toThrow(
      /takes images of 6×6×1, .* of 4×4×1: there is no line between them/,
    )
  }, 60_000)

  it.each(names.filter((name) => name !== 'another image size' && name !== 'ghost batches'))(
    'a fork with %s reports what its checkpoint scores anywhere',
    async (name) => {
      const parent = run('raw pixels')
      const input = settings(folder)[name]!
      const fork = await trained(root(), { ...input, epochs: 3 }, { type: 'fork', path: parent.last })
      const [a, b] = await sideBySide(root(), [parent.last, fork.last])
      expect(a?.score).toEqual(reported(parent))
      expect(b?.score).toEqual(reported(fork))
    },
  )

  it('a fork to another image size is refused by name where the weights do not fit', async () => {
    await expect(
      trained(
        root(),
        { ...settings(folder)['another image size'], epochs: 3 },
        { type: 'fork', path: run('plain').last },
      ),
    ).rejects.toThrow(/fc1\.weight has shape \[36, 6\], this network needs \[16, 6\]/)
  })

  it('is refused by name where images or channels cannot be those of the network', async () => {
    const digits = { ...run('plain').config.data, source: { type: 'digits' as const } }
    await expect(sideBySide(root(), [{ path: run('plain').last, name: 'Mine' }], digits)).rejects.toThrow(
      'Mine was trained on images of 6×6×1 (height × width × channels), “Handwritten digits” has 8×8×1',
    )
    const larger = splitFolder(join(root(), 'larger'), classes, { size: 9 })
    const there = {
      ...run('plain').config.data,
      source: { ...run('plain').config.data.source, path: larger } as Ended['config']['data']['source'],
    }
    await expect(sideBySide(root(), [{ path: run('plain').last, name: 'Mine' }], there)).rejects.toThrow(
      'Mine was trained on images of 6×6×1 (height × width × channels), “larger” has 9×9×1: ' +
        'data.source.imageSize=6 would stretch them',
    )
    // The run stretches its images to 4 pixels, so these are stretched too.
    const [stretched] = await sideBySide(root(), [run('another image size').last], there)
    expect(stretched?.score.images).toBe(24)
  })
})

describeTensorflow('two runs of which one computes in bfloat16', () => {
  it('score what their own records say, side by side and alone', async () => {
    const folder = splitFolder(join(root(), 'precise'), classes)
    const data: Data = { source: { type: 'folder', path: folder } }
    const base: RunConfigInput = {
      data,
      network: { type: 'mlp', hidden: [32, 32] },
      engine: { backend: 'tensorflow', precision: 'float32' },
    }
    const exact = await trained(root(), base)
    const rough = await trained(root(), { ...base, engine: { backend: 'tensorflow', precision: 'bfloat16' } })
    const portable = await trained(root(), { ...base, engine: { backend: 'cpu' } })
    for (const [one, other] of [
      [exact, rough],
      [rough, exact],
      [rough, portable],
      [portable, exact],
    ] as const) {
      const [a, b] = await sideBySide(root(), [one.last, other.last])
      expect(a?.score).toEqual(reported(one))
      expect(b?.score).toEqual(reported(other))
    }
  }, 60_000)
})

describe('data with the same classes in another order', () => {
  const names = Array.from({ length: 11 }, (_, index) => String(index))
  let folders: Ended
  let idx: Ended
  beforeAll(async () => {
    // A folder's classes are sorted as texts (0, 1, 10, 2), those of IDX files as numbers.
    const folder = splitFolder(join(root(), 'numbers'), names)
    const archive = join(root(), 'idx')
    mkdirSync(archive)
    const [train, test] = [pixelsOf(names, 16, 0), pixelsOf(names, 8, 1000)]
    write(archive, {
      'train-images-idx3-ubyte': idxImages(train.labels.length, 6, 6, train.pixels),
      'train-labels-idx1-ubyte': idxLabels(train.labels),
      't10k-images-idx3-ubyte': idxImages(test.labels.length, 6, 6, test.pixels),
      't10k-labels-idx1-ubyte': idxLabels(test.labels),
    })
    folders = await trained(root(), { data: { source: { type: 'folder', path: folder } } })
    idx = await trained(root(), { data: { source: { type: 'idx', path: archive } } })
  }, 60_000)

  it('gives the same scores, told in one order', async () => {
    expect(folders.run.facts!.classes).toEqual(['0', '1', '10', '2', '3', '4', '5', '6', '7', '8', '9'])
    expect(idx.run.facts!.classes).toEqual(names)
    const [a, b] = await sideBySide(root(), [folders.last, idx.last], folders.config.data)
    expect(a?.score).toEqual(reported(folders))
    // The same images in another order: sums over them differ in the last digits.
    expect(b?.score.accuracy).toBe(reported(idx).accuracy)
    expect(b!.score.loss! / reported(idx).loss!).toBeCloseTo(1, 6)
    expect(b?.classes).toEqual(folders.run.facts!.classes)
    expect(b?.labels).toEqual(a?.labels)
    const right = b!.predictions.filter((prediction, index) => prediction === b!.labels[index]).length
    expect(right / b!.labels.length).toBe(b?.score.accuracy)
    expect(b!.confusion.reduce((sum, row, label) => sum + row[label]!, 0)).toBe(right)
  })

  it('lets a fork and weights begin where they stood, units and slots in the new order', async () => {
    const still: RunConfigInput = { ...idx.config, epochs: 3, learningRate: { base: 1e-12 } }
    const fork = await trained(root(), still, { type: 'fork', path: folders.last })
    expect(reported(fork).accuracy).toBe(reported(folders).accuracy)
    const weights = await trained(root(), { ...still, epochs: 1 }, { type: 'weights', path: folders.last })
    expect(reported(weights).accuracy).toBe(reported(folders).accuracy)
  })

  it('puts the second network of a line into the order of the first', async () => {
    const { line, checkpoints } = await flatness([folders, idx])
    expect(line[0]!.trainLoss).toBeCloseTo(checkpoints[0]!.loss, 6)
    expect(line[1]!.trainLoss).toBeCloseTo(checkpoints[1]!.loss, 6)
  })
})

describe('data whose classes have other names', () => {
  it('are refused by everything, with both lists', async () => {
    const one = await trained(root(), {
      data: { source: { type: 'folder', path: splitFolder(join(root(), 'one'), ['left', 'right']) } },
    })
    const other = await trained(root(), {
      data: { source: { type: 'folder', path: splitFolder(join(root(), 'other'), ['down', 'up']) } },
    })
    const both =
      /knows the 2 classes “down”, “up”; one has the 2 classes “left”, “right”\. Classes are matched by their names/
    await expect(sideBySide(root(), [one.last, other.last])).rejects.toThrow(both)
    await expect(flatness([one, other])).rejects.toThrow(both)
    await expect(sideBySide(root(), [other.last], one.config.data)).rejects.toThrow(both)
    await expect(trained(root(), { ...one.config, epochs: 3 }, { type: 'fork', path: other.last })).rejects.toThrow(
      both,
    )
    await expect(trained(root(), one.config, { type: 'weights', path: other.last })).rejects.toThrow(both)
  })
})

describe('checkpoints that do not say what their network was fed with', () => {
  it('are fed as the record of their run says, or as its data say, with a warning', async () => {
    const folder = splitFolder(join(root(), 'old'), classes)
    const darker = splitFolder(join(root(), 'darker'), classes, { shift: -40 })
    const run = await trained(root(), { data: { source: { type: 'folder', path: folder } } })
    const { state, metadata } = await loadCheckpoint(run.last)
    const { normalisation, earlier, ...first } = metadata
    expect(earlier).toEqual([])
    await durableWrite(run.last, checkpointContent(state, { ...first, format: 1 }).content)
    const there = {
      ...run.config.data,
      source: {
        type: 'folder',
        path: darker,
        imageSize: null,
        layout: 'auto',
        orientation: 'stored',
        skipBroken: false,
      },
    } as const
    const measured = async (): Promise<Evaluation> => (await sideBySide(root(), [run.last], there))[0]!
    const logged = await measured()
    expect(logged.input).toEqual({ normalisation: 'perChannel', ...normalisation, from: 'record' })
    expect(logged.score.loss! / reported(run).loss!).toBeCloseTo(1, 6)
    const log = join(run.folder, 'events.ndjson')
    renameSync(log, `${log}.gone`)
    expect((await measured()).input).toEqual({ ...logged.input, from: 'data' })
    await durableWrite(join(run.folder, 'run.json'), seal(1, 1, snapshotOf(run.run)).bytes)
    expect((await measured()).input).toEqual(logged.input)
    rmSync(join(run.folder, 'run.json'))
    rmSync(join(folder, 'train', 'cat', '000.png'))
    const changed = await measured()
    expect(changed.input.from).toBe('changedData')
    expect(warningsAbout([{ name: 'it', evaluation: changed }])[0]).toBe(
      'It is older than the record of what its network was fed with: mean and deviation were computed again ' +
        'from the data of its run, which have changed since, so its figures may be wrong',
    )
    rmSync(folder, { recursive: true })
    await expect(measured()).rejects.toThrow(
      "does not say what its network was fed with, its run's record is gone, and so are its data",
    )
  })
})

// The log also says how the folder was understood.
const ofWeights = (note: string): boolean => note.includes('weights that it begins with')

describe('images that a checkpoint was trained on', () => {
  it('are counted, also those that a fork’s parent saw, and left out on request', async () => {
    const source = { type: 'folder' as const, path: splitFolder(join(root(), 'seen'), classes) }
    const one = await trained(root(), { data: { source } })
    const other = await trained(root(), { data: { source, splitSeed: 7 } })
    const [a, b] = await sideBySide(root(), [one.last, other.last], null, { split: 'validation' })
    expect(a?.trainedOn).toEqual({ isKnown: true, images: [] })
    const seen = b!.trainedOn.isKnown ? b!.trainedOn.images : []
    expect(seen.length).toBeGreaterThan(0)
    expect(seen.length).toBeLessThan(a!.images.length)
    const [left, leftB] = await sideBySide(root(), [one.last, other.last], null, { split: 'validation', unseen: true })
    expect(left!.images).toEqual(a!.images.filter((image) => !seen.includes(image)))
    expect(leftB!.labels).toEqual(left!.images.map((image) => a!.labels[image]))
    expect(left!.predictions).toEqual(left!.images.map((image) => a!.predictions[image]))
    expect(left!.score.images).toBe(left!.images.length)
    // The fork trains on the other's split, and its weights have seen this one's.
    const fork = await trained(root(), { data: { source }, epochs: 3 }, { type: 'fork', path: other.last })
    expect(fork.notes.filter(ofWeights)).toEqual([
      'The weights that it begins with were trained on other data or another split than its own. They were ' +
        `trained on ${seen.length} of the ${a!.images.length} validation images: accuracies on these are too ` +
        'high.',
    ])
    const [again] = await sideBySide(root(), [fork.last], null, { split: 'validation' })
    expect(again?.trainedOn).toEqual({ isKnown: true, images: seen })
  })

  it('are found by their pixels, wherever they lie and whatever size the other run gave them', async () => {
    const [here, there] = [join(root(), 'here'), join(root(), 'there')]
    splitFolder(here, classes)
    // The test images of one folder are training images of the other.
    cpSync(join(here, 'test'), join(there, 'train'), { recursive: true })
    cpSync(join(here, 'train'), join(there, 'test'), { recursive: true })
    const one = await trained(root(), { data: { source: { type: 'folder', path: here } } })
    const other = await trained(root(), {
      data: { source: { type: 'folder', path: there, imageSize: 4 }, validationFraction: 0 },
    })
    const [, b] = await sideBySide(root(), [one.last, other.last])
    expect(b!.trainedOn).toEqual({ isKnown: true, images: b!.images })
    await expect(sideBySide(root(), [one.last, other.last], null, { unseen: true })).rejects.toThrow(
      'No image is left to measure on: all 24 test images were trained on',
    )
    rmSync(there, { recursive: true })
    const [, gone] = await sideBySide(root(), [one.last, other.last])
    expect(gone?.trainedOn).toMatchObject({
      isKnown: false,
      reason: expect.stringContaining('there is no such file or folder') as string,
    })
    await expect(
      sideBySide(root(), [one.last, { path: other.last, name: 'The other' }], null, { unseen: true }),
    ).rejects.toThrow('The images that The other was trained on cannot be left out')
  })

  it('are not known where the data have changed, which is said', async () => {
    const folder = splitFolder(join(root(), 'changing'), ['dark', 'light'])
    const run = await trained(root(), { data: { source: { type: 'folder', path: folder } } })
    for (const [from, to] of [
      ['dark', 'x'],
      ['light', 'dark'],
      ['x', 'light'],
    ])
      renameSync(join(folder, 'test', from!), join(folder, 'test', to!))
    const [changed] = await sideBySide(root(), [run.last])
    expect(changed?.data).toMatchObject({ relation: 'changed', ownFingerprint: run.run.facts!.fingerprint })
    expect(changed?.data.fingerprint).not.toBe(run.run.facts!.fingerprint)
    expect(changed?.trainedOn).toMatchObject({ isKnown: false })
    const fork = await trained(root(), { ...run.config, epochs: 3 }, { type: 'fork', path: run.last })
    expect(fork.notes.filter(ofWeights)[0]).toContain(
      'The data have changed since the weights that it begins with were trained on them.',
    )
  })
})

function pixelsOf(
  names: readonly string[],
  each: number,
  offset: number,
): { readonly pixels: Uint8Array; readonly labels: readonly number[] } {
  const labels = names.flatMap((_, label) => new Array<number>(each).fill(label))
  const pixels = Uint8Array.from(
    labels.flatMap((label, index) =>
      Array.from({ length: 36 }, (_, pixel) =>
        Math.max(
          0,
          Math.min(
            255,
            90 +
              Math.round(40 * label + ((pixel * 7919 + ((index % each) + offset) * 104_729 + label * 1299) % 97) - 48),
          ),
        ),
      ),
    ),
  )
  return { pixels, labels }
}
