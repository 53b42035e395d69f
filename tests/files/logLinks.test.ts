/*
 * Each line of a log says which one it follows: whatever is lost, doubled, moved or foreign in it shows, at every
 * place.
 */
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeLine } from '../../main/files/eventLine'
import { openLog } from '../../main/files/eventLog'
import { checkLog } from '../../main/files/logLinks'
import { removeFolder } from '../support/cleanup'

const folder = mkdtempSync(join(tmpdir(), 'batchlab-links-'))
afterAll(() => removeFolder(folder))

const logOf = (run: string): string => join(folder, run, 'events.ndjson')

/** A log of so many attempts of four events each. */
async function write(run: string, attempts: number, from = 0): Promise<string> {
  mkdirSync(join(folder, run), { recursive: true })
  for (let attempt = 0; attempt < attempts; attempt++) {
    const log = await openLog(logOf(run))
    for (let step = 0; step < 4; step++) log.append({ type: 'advanced', step: from + 4 * attempt + step })
    await log.close()
  }
  return logOf(run)
}

const linesOf = (path: string): readonly string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1)
const faultsOf = async (path: string): Promise<readonly string[]> => (await checkLog(path, () => undefined)).faults

describe('a log', () => {
  let [lines, others]: [readonly string[], readonly string[]] = [[], []]
  beforeAll(async () => {
    lines = linesOf(await write('ours', 3))
    // As long and with the same events: only what each line follows tells them apart.
    others = linesOf(await write('theirs', 3))
  })

  async function faultsWith(changed: readonly string[]): Promise<readonly string[]> {
    writeFileSync(logOf('ours'), changed.map((line) => `${line}\n`).join(''))
    return await faultsOf(logOf('ours'))
  }

  it('is whole over several attempts, gives back its events, and proves it to Python as well', async () => {
    writeFileSync(logOf('ours'), lines.map((line) => `${line}\n`).join(''))
    const events: object[] = []
    expect(await checkLog(logOf('ours'), (event) => events.push(event))).toMatchObject({
      values: 12,
      damaged: 0,
      tornBytes: 0,
      faults: [],
    })
    expect(events).toEqual(Array.from({ length: 12 }, (_, step) => ({ type: 'advanced', step })))
    const parsed = lines.map((line) => JSON.parse(line) as { crc: string; after: string })
    const hex = (text: string): string => crc32(text).toString(16).padStart(8, '0')
    parsed.forEach(({ crc, after }, index) => {
      expect(crc).toBe(hex(lines[index]!.slice(18)))
      expect(after).toBe(index === 0 ? hex('ours') : parsed[index - 1]!.crc)
    })
  })

  it('shows lost lines, everywhere but at its end, where the record tells', async () => {
    for (let at = 0; at < lines.length - 1; at++) {
      const faults = await faultsWith([...lines.slice(0, at), ...lines.slice(at + 1)])
      expect(faults, `line ${at + 1}`).toEqual([
        expect.stringContaining(
          `line ${at + 1} ${at === 0 ? 'is not the first one' : 'follows a line that is not there'}`,
        ),
      ])
    }
  })

  it('shows a doubled line', async () => {
    for (let at = 0; at < lines.length; at++) {
      expect(await faultsWith([...lines.slice(0, at), lines[at]!, ...lines.slice(at)]), `line ${at + 1}`).toEqual([
        `line ${at + 2} is line ${at + 1} once more`,
      ])
    }
  })

  it('shows lines in another order', async () => {
    for (let at = 0; at < lines.length - 1; at++) {
      const faults = await faultsWith([...lines.slice(0, at), lines[at + 1]!, lines[at]!, ...lines.slice(at + 2)])
      expect(faults[0], `line ${at + 1}`).toMatch(new RegExp(`^line ${at + 1} `))
      expect(faults.length).toBeGreaterThanOrEqual(2)
    }
  })

  it('shows a line of another log in the place of its own, and one put in between', async () => {
    for (let at = 0; at < lines.length; at++) {
      expect(
        (await faultsWith([...lines.slice(0, at), others[at]!, ...lines.slice(at + 1)]))[0],
        `line ${at + 1}`,
      ).toMatch(new RegExp(`^line ${at + 1} `))
      expect((await faultsWith([...lines.slice(0, at), others[at]!, ...lines.slice(at)]))[0], `line ${at + 1}`).toMatch(
        new RegExp(`^line ${at + 1} `),
      )
      const plain = Buffer.from(encodeLine({ type: 'advanced', step: at }))
        .toString()
        .trimEnd()
      if (at > 0)
        expect((await faultsWith([...lines.slice(0, at), plain, ...lines.slice(at)]))[0], `line ${at + 1}`).toMatch(
          new RegExp(`^line ${at + 1} does not say`),
        )
    }
  })

  it('shows that it is another run’s', async () => {
    await write('ours', 0)
    writeFileSync(logOf('theirs'), others.map((line) => `${line}\n`).join(''))
    copyFileSync(logOf('theirs'), logOf('ours'))
    expect(await faultsOf(logOf('ours'))).toEqual([
      "line 1 is not the first one of this run's log: what was before it is lost, or the log is another run's",
    ])
  })

  it('of an older program goes on, linked from there on', async () => {
    mkdirSync(join(folder, 'older'))
    const old = [0, 1, 2].map((step) =>
      Buffer.from(encodeLine({ type: 'advanced', step }))
        .toString()
        .trimEnd(),
    )
    writeFileSync(logOf('older'), old.map((line) => `${line}\n`).join(''))
    await write('older', 1, 3)
    expect(await faultsOf(logOf('older'))).toEqual([])
    const all = linesOf(logOf('older'))
    expect(JSON.parse(all[3]!)).toMatchObject({ after: (JSON.parse(old[2]!) as { crc: string }).crc })
    writeFileSync(logOf('older'), [...all.slice(0, 2), ...all.slice(3)].map((line) => `${line}\n`).join(''))
    expect(await faultsOf(logOf('older'))).toEqual([
      "line 3 follows a line that is not there: lines before it are lost or another log's",
    ])
  })

  it('has no fault where a crash tore its end, nor after it went on from there', async () => {
    const path = await write('torn', 2)
    appendFileSync(path, linesOf(path)[3]!.slice(0, 40))
    expect(await checkLog(path, () => undefined)).toMatchObject({ values: 8, damaged: 0, tornBytes: 40, faults: [] })
    await write('torn', 1, 8)
    expect(await checkLog(path, () => undefined)).toMatchObject({ values: 12, damaged: 0, tornBytes: 0, faults: [] })
  })

  it('counts a damaged line as damaged and nothing else', async () => {
    for (const byte of [10, 30, 50]) {
      const line = Buffer.from(lines[5]!)
      line[byte]! ^= 1
      writeFileSync(
        logOf('ours'),
        [...lines.slice(0, 5), line.toString('latin1'), ...lines.slice(6)].map((one) => `${one}\n`).join(''),
        'latin1',
      )
      expect(await checkLog(logOf('ours'), () => undefined)).toMatchObject({ values: 11, damaged: 1, faults: [] })
    }
  })
})
