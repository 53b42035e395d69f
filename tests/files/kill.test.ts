import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { durableWrite } from '../../main/files/durableWrite'
import { openLog } from '../../main/files/eventLog'
import { readLog } from '../../main/files/readLog'
import { readTensors } from '../../main/files/safetensors'
import { openStore } from '../../main/files/store'
import { removeFolder } from '../support/cleanup'

const folder = mkdtempSync(join(tmpdir(), 'kill-'))
const program = join(folder, 'writer.cjs')
beforeAll(() => {
  // As in the app: one CommonJS file.
  buildSync({
    entryPoints: [join(import.meta.dirname, 'writerProcess.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node18',
    // The other form of jsonc-parser cannot be bundled.
    mainFields: ['module', 'main'],
    logLevel: 'error',
  })
})
afterAll(() => {
  removeFolder(folder)
})

/** Starts the writer, kills it so long after its first safe write, and returns what it said. */
const writeUntilKilled = async (library: string, first: number, afterMs: number): Promise<readonly string[]> => {
  const child = spawn(process.execPath, [program, library, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  let timer: NodeJS.Timeout | undefined
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    if (text.includes('safe'))
      timer ??= setTimeout(() => {
        child.kill('SIGKILL')
      }, afterMs)
  })
  const signal = await new Promise((resolve) =>
    child.once('close', (_, name) => {
      resolve(name)
    }),
  )
  expect(signal).toBe('SIGKILL')
  return text.split('\n').slice(0, -1)
}

describe('kill -9', () => {
  it('loses nothing that was reported safe, in 20 rounds at different moments', async () => {
    const library = join(folder, 'library')
    mkdirSync(library)
    let safe = -1
    for (let round = 0; round < 20; round++) {
      const lines = await writeUntilKilled(library, safe + 1, (round * 37) % 101)
      const opened = lines[0]
      // The state found is the last that was reported, or the one under way when the kill came.
      if (round > 0) expect([`opened ${String(safe)}`, `opened ${String(safe + 1)}`]).toContain(opened)
      expect(lines.filter((line) => line.startsWith('notice'))).toEqual([])
      safe = Number(lines.at(-1)?.replace('safe ', ''))
      expect(safe).toBeGreaterThanOrEqual(0)
      const { metadata, tensors, isVerified } = await readTensors(join(library, 'last.safetensors'))
      expect(isVerified).toBe(true)
      expect(Number(metadata.count)).toBeGreaterThanOrEqual(safe)
      expect(tensors.get('w')?.data).toEqual(new Float32Array(5000).fill(Number(metadata.count)))
    }
    const counts: number[] = []
    await (await openLog(join(library, 'events.ndjson'))).close()
    const { damaged } = await readLog(join(library, 'events.ndjson'), (event) => {
      counts.push((event as { count: number }).count)
    })
    expect(damaged).toBe(0)
    expect([...new Set(counts)].slice(0, safe + 1)).toEqual(Array.from({ length: safe + 1 }, (_, count) => count))
    const schema = z.object({ count: z.number() })
    await openStore(join(library, 'library.json'), { schema, format: 1, migrations: [], defaults: { count: -1 } })
    expect(readdirSync(library).filter((name) => name.includes('unfinished') || name.includes('corrupt'))).toEqual([])
  })
})

// A disk of 256 KB that really fills up, where this machine lets us make one; the failing disk in memory covers the
// rest.
const small = join(folder, 'small')
const canMount = ((): boolean => {
  try {
    mkdirSync(small)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

describe.skipIf(!canMount)('a full disk (needs the right to mount one)', () => {
  afterAll(() => {
    execFileSync('umount', [small])
  })
  const schema = z.strictObject({ text: z.string() })
  const options = { schema, format: 1, migrations: [], defaults: { text: '' } }

  it('keeps the old state, says why, leaves nothing behind, and saves again when there is room', async () => {
    const path = join(small, 'library.json')
    const store = await openStore(path, options)
    await store.write({ text: 'old' })
    const before = readdirSync(small)
    await expect(store.write({ text: 'x'.repeat(400_000) })).rejects.toThrow(
      'Cannot save library.json: the disk is full',
    )
    expect(readdirSync(small).filter((name) => !name.includes('backup'))).toEqual(before)
    expect((await openStore(path, options)).data).toEqual({ text: 'old' })
    await store.write({ text: 'new' })
    expect((await openStore(path, options)).data).toEqual({ text: 'new' })
  })

  it("keeps a log's events until there is room for them", async () => {
    const path = join(small, 'events.ndjson')
    const filler = join(small, 'filler')
    const log = await openLog(path)
    await durableWrite(filler, new Uint8Array(200_000))
    const append = (step: number): void => {
      try {
        log.append({ step, text: 'x'.repeat(1000) })
      } catch (error) {
        expect((error as Error).message).toContain('the disk is full')
      }
    }
    for (let step = 0; step < 100; step++) append(step)
    await expect(log.sync()).rejects.toThrow('Cannot write to events.ndjson: the disk is full')
    rmSync(filler)
    await log.close()
    const steps: unknown[] = []
    const { damaged, tornBytes } = await readLog(path, (event) => {
      steps.push((event as { step: number }).step)
    })
    expect([damaged, tornBytes]).toEqual([0, 0])
    expect(steps).toEqual(Array.from({ length: 100 }, (_, step) => step))
  })
})
