import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { beforeAll, describe, expect, it } from 'vitest'
import { isLive } from '../../core/run'
import { openLibrary } from '../../main/library/library'
import { bundle } from '../support/bundle'
import { temporaryFolder } from '../support/fakeTraining'

let writer = ''
beforeAll(async () => {
  writer = await bundle('library/writer.ts')
})

/**
 * Lets a process write until it has said so many words and a while longer, kills it, and returns what it had been told
 * is safe.
 */
async function writeAndKill(
  folder: string,
  seed: number,
  afterWords: number,
  afterMs: number,
): Promise<readonly (readonly string[])[]> {
  const child = spawn(process.execPath, [writer, folder, String(seed)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  const isUnderWay = new Promise<void>((resolve) =>
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes.toString()
      if (output.split('\n').length > afterWords) resolve()
    }),
  )
  const closed = once(child, 'close')
  await Promise.race([isUnderWay, closed])
  await new Promise((resolve) => setTimeout(resolve, afterMs))
  child.kill('SIGKILL')
  await closed
  // A last line may be torn; what it says was not said.
  return output
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' '))
}

describe('a library whose process is killed', () => {
  it('keeps everything that was acknowledged, whenever that happens', { timeout: 120_000 }, async () => {
    const folder = temporaryFolder()
    const live = new Set<string>()
    const gone = new Set<string>()
    const notes = new Map<string, string>()
    let acknowledged = 0
    for (let round = 0; round < 15; round++) {
      const words = await writeAndKill(folder, round, 1 + round, Math.random() * 40)
      expect(words[0]).toEqual(['open'])
      const ended = new Set<string>()
      for (const [word, id = '', n] of words) {
        if (word === 'added') live.add(id)
        if (word === 'noted') notes.set(id, `note ${n ?? ''}`)
        if (word === 'ended') ended.add(id)
        if (word === 'purged') gone.add(id)
        acknowledged++
      }
      const library = await openLibrary(folder)
      expect(library.readOnly).toBe('')
      // A run that was made and not acknowledged is taken in; anything else would be news of damage.
      for (const { message } of library.notices())
        expect(message).toBe('One run that library.json did not list was found in the run folders and added')
      const runs = new Map(library.runs().map((run) => [run.id, run]))
      expect(runs.size).toBe(library.runs().length)
      // The one deletion that was asked for and not acknowledged may have happened or not.
      const missing = [...live].filter((id) => !gone.has(id) && !runs.has(id))
      expect(missing.length).toBeLessThanOrEqual(1)
      for (const id of missing) {
        expect(words.some(([word, removed]) => word === 'removed' && removed === id)).toBe(true)
        gone.add(id)
      }
      for (const id of gone) expect(runs.has(id)).toBe(false)
      for (const [id, note] of notes)
        if (!gone.has(id)) expect(runs.get(id)).toMatchObject({ notes: note, starred: true })
      for (const id of ended) if (!gone.has(id)) expect(runs.get(id)?.status).toBe('finished')
      expect(library.runs().some(({ status }) => isLive(status) || status === 'queued')).toBe(false)
      for (const id of runs.keys()) expect((await library.readRun(id)).id).toBe(id)
      await library.close()
    }
    expect(acknowledged).toBeGreaterThan(100)
  })
})
