import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { openLog } from '../../../main/files/eventLog'
import { openLibrary } from '../../../main/library/library'
import { cliFile, madeLibrary } from '../../cli/built'
import { madeEvents } from '../../support/madeRun'
import { temporaryFolder } from '../../support/fakeTraining'
import { listOf } from '../oracle'
import { pick, type Round, type Scenario } from '../rounds'
import {
  areGone,
  followChildren,
  killAt,
  launch,
  measure,
  momentIn,
  momentText,
  type Extent,
  type Target,
} from '../victim'

const batchlab = (args: readonly string[]): ReturnType<typeof launch> => launch(process.execPath, [cliFile, ...args])
const ok = async (args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await batchlab(args).done
  expect(code, stderr).toBe(0)
  return stdout
}

/** A command that is killed, and once more where the round says so. */
async function killing(
  { random, isCompound, killed, note }: Round,
  args: readonly string[],
  extent: Extent,
  folder: string,
  check: () => void,
  targets: readonly Target[] = ['process'],
): Promise<void> {
  for (let kills = isCompound ? 2 : 1; kills > 0; kills--) {
    const moment = momentIn(extent, random)
    const target = pick(random, targets)
    note(`${args.slice(0, 2).join(' ')}: ${target} ${momentText(moment)}`)
    const victim = batchlab(args)
    const children = targets.length > 1 ? followChildren(victim) : null
    if (await killAt(victim, moment, folder, target, random)) killed(target)
    if (children !== null && target !== 'child') await areGone(children(), 15_000)
    check()
    await victim.done
  }
}

/** 12,000 images of 32 × 32 in four classes, as IDX files: 12 MB to pack. */
function makeIdx(folder: string, seed: number): void {
  for (const [prefix, count] of [
    ['train', 10_000],
    ['t10k', 2000],
  ] as const) {
    const images = Buffer.alloc(16 + count * 1024)
    const labels = Buffer.alloc(8 + count)
    for (const [at, value] of [2051, count, 32, 32].entries()) images.writeUInt32BE(value, 4 * at)
    for (const [at, value] of [2049, count].entries()) labels.writeUInt32BE(value, 4 * at)
    for (let i = 0; i < count; i++) {
      labels[8 + i] = i % 4
      images.fill((i * 7 + seed) & 255, 16 + i * 1024, 16 + (i + 1) * 1024)
    }
    writeFileSync(join(folder, `${prefix}-images-idx3-ubyte`), images)
    writeFileSync(join(folder, `${prefix}-labels-idx1-ubyte`), labels)
  }
}

/** Every pack under its name is whole: its last 32 bytes are the SHA-256 of all before them. */
function packsAreWhole(cache: string): void {
  for (const name of existsSync(cache) ? readdirSync(cache).filter((one) => one.endsWith('.pack')) : []) {
    const bytes = readFileSync(join(cache, name))
    expect(createHash('sha256').update(bytes.subarray(0, -32)).digest('hex'), name).toBe(
      bytes.subarray(-32).toString('hex'),
    )
  }
}

/** Images are read into the cache, and the command is killed while it packs them. */
export const importing: Scenario = {
  name: 'import',
  share: 10,
  isSampled: true,
  prepare: async () => {
    const images = join(temporaryFolder(), 'images')
    mkdirSync(images)
    makeIdx(images, 1)
    const args = (library: string): readonly string[] => ['data', 'import', 'idx', images, '--dir', library, '--json']
    const library = join(temporaryFolder(), 'library')
    mkdirSync(library)
    const { value: right, extent } = await measure(library, async () => await ok(args(library)))
    const packs = readdirSync(join(library, 'cache'))
    return async (round) => {
      const own = join(round.folder, 'library')
      mkdirSync(own)
      await killing(round, args(own), extent, own, () => {
        packsAreWhole(join(own, 'cache'))
      })
      expect(JSON.parse(await ok(args(own)))).toEqual(JSON.parse(right))
      // The next start of a trainer or of the app clears what was not finished, whatever it reads.
      const { createRunQueue: createDesk } = await import('../../../main/queue/runQueue')
      const held = await openLibrary(own)
      const queue = createDesk({
        library: held,
        host: {
          start: () => {
            throw new Error('nothing is started here')
          },
        },
        folders: { cache: join(own, 'cache'), resources: '' },
      })
      for (
        const began = performance.now();
        performance.now() - began < 10_000 && readdirSync(join(own, 'cache')).length > packs.length;
      )
        await new Promise((resolve) => setTimeout(resolve, 20))
      await queue.shutDown({ pause: true })
      await held.close()
      expect(readdirSync(join(own, 'cache'))).toEqual(packs)
      packsAreWhole(join(own, 'cache'))
    }
  },
}

/** A library with two runs of so many epochs, of four updates each. */
async function longRuns(epochs: number): Promise<string> {
  const library = join(temporaryFolder(), 'library')
  mkdirSync(library)
  const runs = await madeLibrary(library, [
    { name: 'one', epochs },
    { name: 'other', epochs },
  ])
  for (const { id } of runs) {
    const path = join(library, 'runs', id, 'events.ndjson')
    rmSync(path)
    const log = await openLog(path)
    for (const event of madeEvents(epochs)) log.append(event)
    await log.close()
  }
  const held = await openLibrary(library)
  await held.close()
  return library
}

// When a file was written is in it, and in a figure a number by which the drawing library tells its drawings apart.
const timeless = (text: string): string =>
  text
    .replaceAll(/id="defs-([0-9a-f]{6})"/.exec(text)?.[1] ?? '\0', 'NUMBER')
    .replace(/scatter trace[0-9a-f]{6}/g, 'trace')
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?Z?( UTC)?/g, 'TIME')

const contentsOf = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'latin1')]),
  )

const exportScenario = (
  name: string,
  share: number,
  isSampled: boolean,
  formats: readonly string[],
  epochs: number,
  targets: readonly Target[],
): Scenario => ({
  name,
  share,
  isSampled,
  prepare: async () => {
    const library = await longRuns(epochs)
    const ids = listOf(library).map(({ id }) => id)
    const args = (format: string, out: string): readonly string[] => [
      'export',
      ...ids,
      '--format',
      format,
      '--out',
      `${out}/`,
      '--dir',
      library,
    ]
    const right = new Map<string, { readonly files: ReadonlyMap<string, string>; readonly extent: Extent }>()
    return async (round) => {
      const format = pick(round.random, formats)
      let known = right.get(format)
      if (known === undefined) {
        const out = temporaryFolder()
        const { extent } = await measure(out, async () => await ok(args(format, out)))
        known = { files: contentsOf(out), extent }
        right.set(format, known)
      }
      const { files, extent } = known
      const out = join(round.folder, 'out')
      mkdirSync(out)
      // Somebody's files of these names are there already, or only some of them.
      const before = new Map(
        [...files.keys()].filter(() => round.random() < 0.6).map((one) => [one, `an older ${one} ${'x'.repeat(5000)}`]),
      )
      for (const [one, text] of before) writeFileSync(join(out, one), text)
      const check = (): void => {
        for (const [one, text] of contentsOf(out)) {
          if (one.endsWith('.unfinished')) continue
          expect(
            [before.get(one), files.get(one)].map((each) => timeless(each ?? '')),
            `${one}, which has ${text.length} characters`,
          ).toContain(timeless(text))
        }
        for (const one of before.keys()) expect(existsSync(join(out, one)), one).toBe(true)
      }
      await killing(round, args(format, out), extent, out, check, targets)
      await ok(args(format, out))
      expect([...contentsOf(out)].map(([one, text]) => [one, timeless(text)])).toEqual(
        [...files].map(([one, text]) => [one, timeless(text)]),
      )
    }
  },
})

export const exporting = exportScenario('export CSV, JSON, HTML', 10, true, ['csv', 'json', 'html'], 1500, ['process'])
export const drawing = exportScenario('export SVG, PNG', 3, false, ['svg', 'png'], 40, ['process', 'child', 'group'])
