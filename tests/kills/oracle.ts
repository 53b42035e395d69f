import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { join, relative } from 'node:path'
import { expect } from 'vitest'
import { verifyLibrary } from '../../main/library/checkLibrary'
import { openLibrary } from '../../main/library/library'
import { checkpointAt, checkpointFiles, linesOf, storyOf } from '../soak/truth'

/*
 * What a library holds, as its files tell it: records are read by nothing but JSON.parse, logs and checkpoints as
 * tests/soak/truth.ts reads them.
 */

/** As much of a record as the tests look at. */
export interface Told {
  readonly id: string
  readonly name: string
  readonly notes: string
  readonly tags: readonly string[]
  readonly starred: boolean
  readonly removedAt: string | null
  readonly status: string
  readonly message: string
  readonly config: {
    readonly name: string
    readonly epochs: number
    readonly data: { readonly source: { readonly path?: string } }
  }
  readonly origin: { readonly type: string }
  readonly moment: { readonly update: number }
  readonly checkpoints: readonly {
    readonly name: string
    readonly bytes: number
    readonly moment: { readonly update: number }
  }[]
}

const dataOf = (path: string): unknown => (JSON.parse(readFileSync(path, 'utf8')) as { data: unknown }).data

/** The runs of `library.json`; none where it is not there yet. */
export const listOf = (library: string): readonly Told[] =>
  existsSync(join(library, 'library.json'))
    ? (dataOf(join(library, 'library.json')) as { runs: readonly Told[] }).runs
    : []

export const folderOf = (library: string, id: string): string => join(library, 'runs', id)

// Seconds are measured, times are of the clock, and the length of a file depends on how many digits they have.
const differing = new Set(['seconds', 'at', 'bytes', 'logBytes', 'id', 'createdAt', 'startedAt', 'endedAt', 'log'])
const without = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, one: unknown) => (differing.has(key) ? undefined : one))) as unknown

/** A digest of the tensors of a file that may hold no training state. */
const tensorsOf = (path: string): string => {
  const bytes = readFileSync(path)
  return createHash('sha256')
    .update(bytes.subarray(8 + Number(bytes.readBigUInt64LE(0))))
    .digest('hex')
}

/** Everything about a run that must not depend on what it went through. */
export function essenceOf(library: string, id: string): unknown {
  const folder = folderOf(library, id)
  const { loss, rate, epochs, tests, last } = storyOf(linesOf(folder))
  const sorted = <V>(map: ReadonlyMap<number, V>): unknown => [...map].sort(([a], [b]) => a - b)
  const record = dataOf(join(folder, 'run.json')) as Record<string, unknown> & {
    checkpoints: readonly { name: string }[]
  }
  const byName = [...record.checkpoints].sort((a, b) => a.name.localeCompare(b.name))
  const beside = readdirSync(folder)
    .filter((name) => name.endsWith('.safetensors'))
    .sort()
  return without({
    beside: beside.map((name) => [name, tensorsOf(join(folder, name))]),
    loss: sorted(loss),
    rate: sorted(rate),
    epochs: sorted(epochs),
    tests,
    last,
    record: { ...record, checkpoints: byName, origin: undefined, engine: undefined },
    files: [...checkpointFiles(folder)].sort().map((name) => {
      const {
        moment: { update, epoch, position },
        tensors,
      } = checkpointAt(join(folder, 'checkpoints', `${name}.safetensors`))
      return { name, update, epoch, position, tensors }
    }),
  })
}

const isLive = (status: string): boolean => ['queued', 'starting', 'running', 'pausing', 'stopping'].includes(status)

/** What may be said when a library opens after a kill: nothing that sounds like damage. */
const harmless = /^(One run|\d+ runs) that library\.json did not list (was|were) found in the run folders and added$/

/** Right after a kill, before anybody opens it: nothing is lost or wrong. Changes nothing. */
export async function holdsUp(library: string): Promise<void> {
  if (!existsSync(library)) return
  const { problems } = await verifyLibrary(library, () => undefined)
  expect(
    problems.map(({ file, message }) => `${relative(library, file)}: ${message}`).join('\n'),
    'problems that verify finds',
  ).toBe('')
}

/** Opens a library as its next owner, holds it to its promises, and returns the runs that it has. */
export async function opened(library: string): Promise<readonly Told[]> {
  const held = await openLibrary(library)
  try {
    expect(held.readOnly).toBe('')
    for (const { message } of held.notices()) expect(message).toMatch(harmless)
    for (const { id, status } of held.runs())
      expect(isLive(status), `run ${id} is ${status} with nobody at work`).toBe(false)
  } finally {
    await held.close()
  }
  const runs = listOf(library)
  for (const { id } of runs)
    expect(existsSync(join(folderOf(library, id), 'run.json')), `the record of ${id}`).toBe(true)
  return runs
}

const known = [
  /^library\.json(\.backup-\d)?$/,
  /^settings\.json(\.backup-\d)?$/,
  /^cache(\/[^/]+\.pack)?$/,
  /^runs$/,
  /^runs\/[0-9a-z]+$/,
  /^runs\/[0-9a-z]+\/checkpoints$/,
  /^runs\/[0-9a-z]+\/(run\.json|events\.ndjson|origin\.safetensors|initial\.safetensors|checkpoints\/[a-z0-9-]+\.safetensors)$/,
  /^datasets/,
]

/** Every file of a library that is none of those that a library at rest is made of. */
const leftIn = (library: string): readonly string[] =>
  readdirSync(library, { recursive: true })
    .map(String)
    .filter((name) => !known.some((one) => one.test(name)))

/**
 * In the end nothing unfinished is left. An app that stays open for a moment clears it; a command may be too short for
 * that.
 */
export async function isTidy(library: string): Promise<void> {
  if (leftIn(library).length === 0) return
  const held = await openLibrary(library)
  try {
    for (
      const began = performance.now();
      performance.now() - began < 15_000 && leftIn(library).some((name) => name !== 'library.lock');
      await wait(50)
    );
  } finally {
    await held.close()
  }
  expect(leftIn(library), 'files that nobody clears away').toEqual([])
}
