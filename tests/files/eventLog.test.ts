import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 as zlibCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { crc32, portableCrc32 } from '../../main/files/crc32'
import { encodeLine, readLine } from '../../main/files/eventLine'
import { folderGone, openLog, type EventLog } from '../../main/files/eventLog'
import { FileError } from '../../main/files/fileError'
import type { FileSystem } from '../../main/files/fs'
import { readLog, type LogReading } from '../../main/files/readLog'
import { bytesFrom, recordingFs, type Files } from './recordingFs'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-'))
  path = join(folder, 'events.ndjson')
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const advanced = (step: number): object => ({ type: 'advanced', step, loss: 1 / (step + 1), note: 'ü字' })
const events = (count: number): readonly object[] => Array.from({ length: count }, (_, step) => advanced(step))

const write = async (values: readonly object[], fs?: FileSystem): Promise<void> => {
  const log = await openLog(path, fs === undefined ? {} : { fs })
  for (const value of values) log.append(value)
  await log.close()
}
const read = async (
  options?: Parameters<typeof readLog>[2],
): Promise<{ values: readonly object[]; reading: LogReading }> => {
  const values: object[] = []
  const reading = await readLog(
    path,
    (value) => {
      values.push(value)
    },
    options,
  )
  return { values, reading }
}

describe('crc32', () => {
  it("is zlib's, with and without Node's own", () => {
    expect(portableCrc32(bytesFrom('123456789'))).toBe(0xcbf43926)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(portableCrc32(bytes)).toBe(zlibCrc32(bytes))
        expect(crc32(bytes)).toBe(zlibCrc32(bytes))
      }),
    )
  })
})

describe('a line', () => {
  it('is plain JSON with the checksum of what follows it in front', () => {
    const line = Buffer.from(encodeLine({ type: 'advanced', step: 7 })).toString()
    expect(line).toBe(
      `{"crc":"${zlibCrc32('"type":"advanced","step":7}').toString(16).padStart(8, '0')}","type":"advanced","step":7}\n`,
    )
    expect(JSON.parse(line)).toMatchObject({ type: 'advanced', step: 7 })
  })

  it('stores NaN and Infinity as null with a word beside it, and gives them back', () => {
    const event = { type: 'advanced', loss: NaN, points: [{ 'a/b~c': -Infinity }, 1, null], name: 'NaN' }
    const line = encodeLine(event)
    expect(JSON.parse(Buffer.from(line).toString())).toMatchObject({
      loss: null,
      points: [{ 'a/b~c': null }, 1, null],
      nonFinite: { '/loss': 'NaN', '/points/0/a~1b~0c': '-Infinity' },
    })
    expect(readLine(Buffer.from(line.subarray(0, -1)))?.event).toEqual(event)
  })

  it('gives back every event but the sign of zero, and never holds a token that is not JSON', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        fc.double().map((number) => (number === 0 ? 0 : number)),
        fc.string({ unit: 'binary' }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(
          fc.string({ maxLength: 6 }).filter((key) => key !== '__proto__'),
          tie('any'),
          { maxKeys: 4 },
        ),
      ),
    })).any
    fc.assert(
      fc.property(value, (payload) => {
        const event = { type: 'x', payload }
        const line = encodeLine(event)
        expect(() => JSON.parse(Buffer.from(line).toString()) as unknown).not.toThrow()
        expect(readLine(Buffer.from(line.subarray(0, -1)))?.event).toEqual(event)
      }),
      { numRuns: 300 },
    )
  })

  it('refuses what it could not give back', () => {
    expect(() => encodeLine({ crc: 1 })).toThrow('cannot have a field called crc')
    expect(() => encodeLine({})).toThrow('at least one field')
    expect(() => encodeLine([1])).toThrow('must be an object')
    expect(() => encodeLine({ values: new Float32Array(2) })).toThrow('/values is a typed array')
    expect(() => encodeLine({ text: 'x'.repeat(5 * 2 ** 20) })).toThrow('too long for a line')
  })

  it('is damaged when any byte of it changes', () => {
    const line = Buffer.from(encodeLine({ type: 'advanced', step: 7, loss: NaN })).subarray(0, -1)
    for (let at = 0; at < line.length; at++) {
      for (const mask of [1, 0x20, 0x80]) {
        const changed = Buffer.from(line)
        changed[at]! ^= mask
        expect(readLine(changed)?.event).toBeUndefined()
      }
      expect(readLine(line.subarray(0, at))?.event).toBeUndefined()
    }
  })

  it('is damaged when it reaches for prototypes, even with a right checksum', () => {
    const body = '"type":"x","__proto__":{"polluted":1}}'
    const line = bytesFrom(`{"crc":"${zlibCrc32(body).toString(16).padStart(8, '0')}",${body}`)
    expect(readLine(Buffer.from(line))?.event).toBeUndefined()
  })
})

describe('the log', () => {
  it('gives back what was appended, over several openings', async () => {
    await write(events(3))
    await write([{ type: 'ended' }])
    expect(await read()).toEqual({
      values: [...events(3), { type: 'ended' }],
      reading: { values: 4, damaged: 0, tornBytes: 0, end: statSync(path).size },
    })
  })

  it('cuts a torn end when it is opened, for a cut at every byte of the last two lines', async () => {
    await write(events(4))
    const whole = readFileSync(path)
    const ends = [...whole.entries()].filter(([, byte]) => byte === 0x0a).map(([at]) => at + 1)
    const [, second = 0, third = 0] = ends
    for (let length = second; length <= whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length))
      // A last line that lacks only its line end is whole.
      const kept = length >= whole.length - 1 ? 4 : length >= third - 1 ? 3 : 2
      const before = await read()
      expect(before.reading).toMatchObject({
        values: kept,
        damaged: 0,
        tornBytes: [second, third - 1, third, whole.length - 1].includes(length) ? 0 : length - (ends[kept - 1] ?? 0),
      })
      const log = await openLog(path)
      expect(log.cutBytes).toBe(before.reading.tornBytes)
      log.append({ type: 'resumed' })
      await log.close()
      expect((await read()).values).toEqual([...events(kept), { type: 'resumed' }])
      expect((await read()).reading).toMatchObject({ damaged: 0, tornBytes: 0 })
    }
  })

  it('cuts zeros and garbage that a power cut left at the end', async () => {
    await write(events(3))
    const good = statSync(path).size
    for (const garbage of [
      new Uint8Array(5000),
      Buffer.from('\n\n{"crc":"00000000","type":"x"}\nnonsense\n'),
      new Uint8Array(300_000),
    ]) {
      appendFileSync(path, garbage)
      const log = await openLog(path)
      await log.close()
      expect([log.cutBytes, statSync(path).size]).toEqual([garbage.byteLength, good])
    }
  })

  it('cuts nothing when nearly everything is damaged, and goes on behind it', async () => {
    const damaged = 18 * 2 ** 20
    writeFileSync(path, 'x')
    truncateSync(path, damaged)
    await write([{ type: 'resumed' }])
    expect(statSync(path).size).toBeGreaterThan(damaged)
    expect(await read()).toMatchObject({ values: [{ type: 'resumed' }], reading: { damaged: 1 } })
  })

  it('skips and counts damaged lines in the middle, and reads Windows line ends', async () => {
    await write(events(5))
    const lines = readFileSync(path, 'utf8').split('\n')
    lines[1] = lines[1]!.replace('"step":1', '"step":2')
    lines[3] = 'garbage'
    writeFileSync(path, lines.join('\r\n'))
    expect(await read()).toMatchObject({
      values: [0, 2, 4].map(advanced),
      reading: { values: 3, damaged: 2, tornBytes: 0 },
    })
    await write([advanced(5)])
    expect((await read()).values).toEqual([0, 2, 4, 5].map(advanced))
  })

  it('can be followed while it grows', async () => {
    const log = await openLog(path)
    log.append(advanced(0))
    await log.flush()
    const first = await read()
    log.append(advanced(1))
    await log.flush()
    appendFileSync(path, '{"crc":"12')
    const next = await read({ from: first.reading.end })
    expect(next.values).toEqual([advanced(1)])
    expect(next.reading.tornBytes).toBe(10)
    await log.close()
  })

  it('reaches the file by itself soon after an append', async () => {
    const log = await openLog(path, { flushEveryMs: 5 })
    log.append(advanced(0))
    await expect.poll(async () => (await read()).values.length).toBe(1)
    await log.close()
    expect(() => {
      log.append(advanced(1))
    }).toThrow('Cannot write to events.ndjson: it is closed')
  })

  it('streams: 200,000 lines cost no more memory than a few thousand, and lines may straddle chunks', async () => {
    const line = encodeLine({ type: 'advanced', step: 12345, loss: 0.123456, learningRate: 0.1 })
    const block = Buffer.concat(Array.from({ length: 2000 }, () => line))
    for (let index = 0; index < 100; index++) appendFileSync(path, block)
    let count = 0
    let peak = 0
    const before = process.memoryUsage().arrayBuffers
    const reading = await readLog(path, () => {
      if (count++ % 1000 === 0) peak = Math.max(peak, process.memoryUsage().arrayBuffers - before)
    })
    expect(reading).toEqual({ values: 200_000, damaged: 0, tornBytes: 0, end: 200_000 * line.length })
    expect(peak).toBeLessThan(8 * 2 ** 20)
  })

  it('survives a power cut: what was synced is there, and nothing else is taken for an event', async () => {
    const fs = recordingFs({ maxTransfer: 50 })
    const file = '/runs/events.ndjson'
    const log = await openLog(file, { fs })
    for (let step = 0; step < 6; step++) {
      log.append(advanced(step))
      if (step === 2) {
        await log.sync()
        fs.mark('synced')
      } else {
        await log.flush()
      }
    }
    for (let prefix = 0; prefix <= fs.log.length; prefix++) {
      for (const files of fs.crashStates(prefix)) {
        const disk = recordingFs({ files })
        const again = await openLog(file, { fs: disk })
        again.append({ type: 'resumed' })
        await again.close()
        const values: object[] = []
        await readLog(
          file,
          (value) => {
            values.push(value)
          },
          { fs: disk },
        )
        const kept = values.slice(0, -1)
        expect(kept).toEqual(events(kept.length))
        expect(values.at(-1)).toEqual({ type: 'resumed' })
        if (fs.hasMark('synced', prefix)) expect(kept.length).toBeGreaterThanOrEqual(3)
      }
    }
  })

  it('keeps events that the disk refused, says so, and writes them when there is room again', async () => {
    const file = '/runs/events.ndjson'
    let isFull = false
    const disk = recordingFs()
    const filling: FileSystem = {
      ...disk,
      open: async (name, flags) => {
        const opened = await disk.open(name, flags)
        return {
          ...opened,
          write: async (bytes, position) => {
            if (!isFull) return opened.write(bytes, position)
            await opened.write(bytes.subarray(0, 30), position)
            throw Object.assign(new Error('full'), { code: 'ENOSPC' })
          },
        }
      },
    }
    const log = await openLog(file, { fs: filling })
    log.append(advanced(0))
    await log.sync()
    isFull = true
    log.append(advanced(1))
    await expect(log.sync()).rejects.toThrow('Cannot write to events.ndjson: the disk is full')
    expect(() => {
      log.append(advanced(2))
    }).toThrow('the disk is full')
    isFull = false
    await log.sync()
    log.append(advanced(3))
    await log.close()
    const values: object[] = []
    await readLog(
      file,
      (value) => {
        values.push(value)
      },
      { fs: disk },
    )
    expect(values).toEqual(events(4))
  })

  it('never claims that events are safe after a failed sync', async () => {
    const file = '/runs/events.ndjson'
    for (let at = 1, isDone = false; !isDone; at++) {
      const disk = recordingFs({ failure: { at, code: 'EIO', mode: 'once' } })
      let acknowledged = 0
      try {
        const log = await openLog(file, { fs: disk })
        for (let step = 0; step < 3; step++) {
          log.append(advanced(step))
          await log
            .sync()
            .catch(() => log.sync())
            .then(() => {
              acknowledged = step + 1
            })
        }
        await log.close()
      } catch (error) {
        expect(error).toBeInstanceOf(FileError)
      }
      for (const files of disk.crashStates(disk.log.length))
        expect(await countValues(file, files)).toBeGreaterThanOrEqual(acknowledged)
      isDone = disk.calls.length < at
      expect(at).toBeLessThan(60)
    }
  })

  it('writes again what a failed sync may have lost, and then claims it', async () => {
    const file = '/runs/events.ndjson'
    const disk = recordingFs()
    let isFailing = true
    const failing: FileSystem = {
      ...disk,
      open: async (name, flags) => {
        const opened = await disk.open(name, flags)
        return {
          ...opened,
          sync: async () => {
            if (!isFailing) return await opened.sync()
            // As on Linux: the sync that fails forgets, and the next one succeeds.
            throw Object.assign(new Error('broken'), { code: 'EIO' })
          },
        }
      },
    }
    const log = await openLog(file, { fs: failing })
    log.append(advanced(0))
    await expect(log.sync()).rejects.toThrow('the disk reported an error')
    const written = disk.log.filter(({ type }) => type === 'write').length
    isFailing = false
    await log.sync()
    expect(disk.log.filter(({ type }) => type === 'write').length).toBe(2 * written)
    log.append(advanced(1))
    await log.close()
    expect(await countValues(file, disk.files())).toBe(2)
  })

  it.each([
    ['deleted', () => rmSync(path)],
    [
      'replaced by another file',
      () => {
        writeFileSync(`${path}.other`, 'other')
        renameSync(`${path}.other`, path)
      },
    ],
  ])('is put back with everything that it had where it was %s, and says so', async (what, lose) => {
    const said: string[] = []
    const log: EventLog = await openLog(path, {
      onMishap: (message) => {
        said.push(message)
        log.append({ type: 'noted', message })
      },
    })
    log.append(advanced(0))
    await log.sync()
    lose()
    log.append(advanced(1))
    await log.sync()
    expect(said).toEqual([
      `events.ndjson was ${what} while it was written, and was put back with everything that it had`,
    ])
    expect((await read()).values).toEqual(events(2))
    // What is written afterwards goes there too, and at the very end nothing is missed either.
    log.append(advanced(2))
    await log.flush()
    expect((await read()).values.length).toBe(4)
    lose()
    await log.close()
    expect((await read()).values.map((value) => ('type' in value ? value.type : ''))).toEqual([
      'advanced',
      'advanced',
      'noted',
      'advanced',
      'noted',
    ])
    expect((await read()).reading).toMatchObject({ damaged: 0, tornBytes: 0 })
  })

  it('that was cut short while it was written says so and goes on behind what is left', async () => {
    const log: EventLog = await openLog(path, { onMishap: (message) => log.append({ type: 'noted', message }) })
    for (const event of events(3)) log.append(event)
    await log.sync()
    truncateSync(path, statSync(path).size - 20)
    log.append(advanced(3))
    await log.flush()
    await log.close()
    const { values, reading } = await read()
    expect(values).toEqual([
      ...events(2),
      advanced(3),
      {
        type: 'noted',
        message: 'events.ndjson was cut short by another program while it was written: 20 bytes of it are lost',
      },
    ])
    expect(reading.damaged).toBe(1)
  })

  it('names its folder where that is gone, and makes none', async () => {
    const log = await openLog(path)
    log.append(advanced(0))
    await log.sync()
    rmSync(folder, { recursive: true })
    log.append(advanced(1))
    await expect(log.sync()).rejects.toMatchObject({
      code: folderGone,
      message: expect.stringContaining(folder) as string,
    })
    await expect(log.close()).rejects.toThrow('its folder is gone')
    expect(existsSync(folder)).toBe(false)
    mkdirSync(folder)
  })

  it('reads any damage without failing, and only what was written', async () => {
    await write(events(6))
    const whole = readFileSync(path)
    const known = new Set(events(6).map((event) => JSON.stringify(event)))
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length),
        fc.nat(80),
        fc.uint8Array({ maxLength: 20 }),
        async (at, length, inserted) => {
          writeFileSync(path, Buffer.concat([whole.subarray(0, at), inserted, whole.subarray(at + length)]))
          const { values, reading } = await read()
          for (const value of values) expect(known).toContain(JSON.stringify(value))
          expect(reading.values).toBeGreaterThanOrEqual(6 - 2 - Math.ceil(length / 60))
        },
      ),
      { numRuns: 200 },
    )
  })

  it('says which file cannot be read', async () => {
    await expect(read()).rejects.toThrow('Cannot read events.ndjson: it does not exist')
  })
})

const countValues = async (file: string, files: Files): Promise<number> => {
  if (!files.has(file)) return 0
  return (await readLog(file, () => undefined, { fs: recordingFs({ files }) })).values
}
