import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import {
  readHeader,
  readTensors,
  writeSafetensors,
  type StoredTensor,
  type TensorFile,
} from '../../main/files/safetensors'
import { dtypes, SafetensorsError, type SafetensorsErrorCode } from '../../main/files/safetensorsHeader'
import { recordingFs } from './recordingFs'

const folder = mkdtempSync(join(tmpdir(), 'safetensors-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})
const path = join(folder, 'a.safetensors')

const tensors: ReadonlyMap<string, StoredTensor> = new Map<string, StoredTensor>([
  ['labels', { dtype: 'U8', shape: [3], data: Uint8Array.of(0, 255, 7) }],
  ['conv.kernel', { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, -2, 0.1, NaN, Infinity, -0) }],
  ['counts', { dtype: 'I32', shape: [2, 2], data: Int32Array.of(-1, 2, 3, -2147483648) }],
  ['step', { dtype: 'I64', shape: [], data: BigInt64Array.of(12345678901234n) }],
  ['empty', { dtype: 'F32', shape: [0, 5], data: new Float32Array(0) }],
])
const metadata = { format: '1', config: '{"name":"ü字"}' }

/** A file with this header and so many bytes of data. */
const fileWith = (header: unknown, dataBytes: number, headerLength?: bigint): string => {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(headerLength ?? BigInt(text.length))
  writeFileSync(path, Buffer.concat([length, text, Buffer.alloc(dataBytes)]))
  return path
}
const refusal = async (reading: Promise<unknown>): Promise<SafetensorsError> => {
  const error: unknown = await reading.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(SafetensorsError)
  return error as SafetensorsError
}
const one = (offsets: unknown, shape: unknown = [1], dtype = 'F32') => ({ dtype, shape, data_offsets: offsets })

describe('writeSafetensors', () => {
  it('writes what readTensors gives back, bit for bit', async () => {
    const written = await writeSafetensors(path, tensors, metadata)
    const read = await readTensors(path)
    expect(read.metadata).toEqual(metadata)
    expect(read.isVerified).toBe(true)
    expect(new Map([...read.tensors].sort())).toEqual(new Map([...tensors].sort()))
    expect(readFileSync(path)).toHaveLength(written.bytes)
    expect(readFileSync(path).toString('latin1')).toContain(written.sha256)
  })

  it('is canonical: neither the order of tensors nor of metadata changes a byte', async () => {
    await writeSafetensors(path, tensors, metadata)
    const bytes = readFileSync(path)
    await writeSafetensors(path, new Map([...tensors].reverse()), { config: metadata.config, format: metadata.format })
    expect(readFileSync(path)).toEqual(bytes)
  })

  it('begins the data at a multiple of 8 and every tensor at a multiple of its size', async () => {
    await writeSafetensors(path, tensors, metadata)
    expect(Number(readFileSync(path).readBigUInt64LE(0)) % 8).toBe(0)
    for (const [name, place] of (await readHeader(path)).tensors)
      expect([name, place.begin % tensors.get(name)!.data.BYTES_PER_ELEMENT]).toEqual([name, 0])
  })

  it('writes views into larger buffers', async () => {
    const data = new Float32Array(10).map((_, index) => index).subarray(3, 6)
    await writeSafetensors(path, new Map([['w', { dtype: 'F32', shape: [3], data }]]), {})
    expect((await readTensors(path)).tensors.get('w')?.data).toEqual(Float32Array.of(3, 4, 5))
  })

  it.each<[SafetensorsErrorCode, ReadonlyMap<string, StoredTensor>, Record<string, string>, string]>([
    [
      'InvalidTensor',
      new Map([['w', { dtype: 'F32', shape: [2], data: new Float32Array(3) }]]),
      {},
      'should have 2 numbers, found 3',
    ],
    [
      'InvalidTensor',
      new Map([['w', { dtype: 'F32', shape: [2], data: new Int32Array(2) }]]),
      {},
      'should come as Float32Array for F32, found Int32Array',
    ],
    [
      'InvalidTensor',
      new Map([['__metadata__', { dtype: 'U8', shape: [0], data: new Uint8Array(0) }]]),
      {},
      'cannot be called __metadata__',
    ],
    [
      'InvalidShape',
      new Map([['w', { dtype: 'U8', shape: [1, 1, 1, 1, 1, 1, 1, 1, 1], data: new Uint8Array(1) }]]),
      {},
      'at most 8 sizes',
    ],
    ['InvalidShape', new Map([['w', { dtype: 'U8', shape: [-1], data: new Uint8Array(0) }]]), {}, 'not allowed'],
    ['HeaderTooLarge', new Map(), { notes: 'x'.repeat(2 ** 20) }, 'Names and metadata are too large'],
    [
      'TooManyTensors',
      new Map(
        Array.from({ length: 4097 }, (_, index) => [
          `t${String(index)}`,
          { dtype: 'U8', shape: [0], data: new Uint8Array(0) },
        ]),
      ),
      {},
      'at most 4096, found 4097',
    ],
    ['InvalidMetadata', new Map(), { notes: 1 as unknown as string }, 'should be a text, found 1'],
    [
      'InvalidMetadata',
      new Map([['x', { dtype: 'U8', shape: [0], data: new Uint8Array(0) }]]),
      { 'x","batchlab.sha256': '0'.repeat(64) },
      'looks like an empty checksum',
    ],
  ])('refuses (%s) what it could not read again and leaves the file alone', async (code, wrong, texts, sentence) => {
    await writeSafetensors(path, tensors, metadata)
    const before = readFileSync(path)
    const error = await refusal(writeSafetensors(path, wrong, texts))
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(sentence)])
    expect(readFileSync(path)).toEqual(before)
    expect(readdirSync(folder)).toEqual(['a.safetensors'])
  })

  it('leaves the old file or the new one after a crash at any moment', async () => {
    const file = '/runs/last.safetensors'
    const first = recordingFs()
    await writeSafetensors(file, new Map(), { step: 'old' }, { fs: first })
    const fs = recordingFs({ files: first.files(), maxTransfer: 100 })
    await writeSafetensors(file, tensors, { step: 'new' }, { fs })
    fs.mark('resolved')
    for (let prefix = 0; prefix <= fs.log.length; prefix++) {
      for (const files of fs.crashStates(prefix)) {
        const { metadata: found } = await readTensors(file, undefined, { fs: recordingFs({ files }) })
        expect(fs.hasMark('resolved', prefix) ? ['new'] : ['old', 'new']).toContain(found.step)
      }
    }
  })
})

describe('readTensors', () => {
  it('reads what Python wrote', async () => {
    const python = join(import.meta.dirname, '../fixtures/python.safetensors')
    const { tensors: found, metadata: texts, isVerified } = await readTensors(python)
    expect(texts).toEqual({ format: '1', config: '{"learningRate":0.1,"name":"ü字"}' })
    expect(isVerified).toBe(false)
    expect(found.get('conv.kernel')).toEqual({
      dtype: 'F32',
      shape: [2, 3, 4],
      data: new Float32Array(24).map((_, index) => index / 8 - 1),
    })
    expect(found.get('step')).toEqual({ dtype: 'I64', shape: [], data: BigInt64Array.of(12345678901234n) })
    expect(found.get('labels')?.data).toEqual(Uint8Array.of(0, 255, 7))
    expect(found.get('counts')).toEqual({ dtype: 'I32', shape: [2, 2], data: Int32Array.of(-1, 2, 3, -2147483648) })
    expect(found.get('double')?.data).toEqual(Float64Array.of(0.1, NaN, Infinity, -0))
    expect(found.get('half')).toEqual({ dtype: 'F16', shape: [2], data: Uint16Array.of(0x3c00, 0xc000) })
    expect(found.get('mask')).toEqual({ dtype: 'BOOL', shape: [3], data: Uint8Array.of(1, 0, 1) })
    expect(found.get('empty')).toEqual({ dtype: 'F32', shape: [0, 5], data: new Float32Array(0) })
    expect(found.get('seeds')?.data).toEqual(BigUint64Array.of(2n ** 64n - 1n))
    expect(found.size).toBe(9)
  })

  it('lays the data out as Python does', async () => {
    const python = join(import.meta.dirname, '../fixtures/python.safetensors')
    const { tensors: found, metadata: texts } = await readTensors(python)
    await writeSafetensors(path, found, texts)
    expect([...(await readHeader(path)).tensors]).toEqual([...(await readHeader(python)).tensors])
    const { dataBytes } = await readHeader(python)
    expect(readFileSync(path).subarray(-dataBytes)).toEqual(readFileSync(python).subarray(-dataBytes))
  })

  it('reads only the tensors it is asked for, and names one that is not there', async () => {
    await writeSafetensors(path, tensors, metadata)
    expect([...(await readTensors(path, ['step', 'labels'])).tensors.keys()]).toEqual(['step', 'labels'])
    const error = await refusal(readTensors(path, ['dense.bias']))
    expect([error.code, error.message]).toEqual([
      'UnknownTensor',
      `Cannot read a.safetensors: There is no tensor “dense.bias” in it (${path})`,
    ])
  })

  it('reads a header without the tensors', async () => {
    await writeSafetensors(path, tensors, metadata)
    const fs = recordingFs({ files: new Map([[path, readFileSync(path)]]) })
    const header = await readHeader(path, fs)
    expect([header.metadata, header.tensors.get('conv.kernel')?.shape]).toEqual([metadata, [2, 3]])
    expect(fs.calls.filter((name) => name === 'read')).toHaveLength(2)
  })

  it('reads data larger than one chunk', async () => {
    const data = new Float32Array(2_500_000).map((_, index) => index)
    await writeSafetensors(
      path,
      new Map([
        ['w', { dtype: 'F32', shape: [data.length], data }],
        ['a', { dtype: 'U8', shape: [1], data: Uint8Array.of(9) }],
      ]),
      {},
    )
    const { tensors: found } = await readTensors(path, ['w'])
    expect(Buffer.compare(Buffer.from(found.get('w')!.data.buffer), Buffer.from(data.buffer))).toBe(0)
  })

  it.each<[SafetensorsErrorCode, () => string, string]>([
    [
      'HeaderTooSmall',
      () => {
        writeFileSync(path, 'abc')
        return path
      },
      'expected at least 8 bytes, found 3',
    ],
    ['HeaderTooSmall', () => fileWith('', 0), 'expected at least 2 bytes, found 0'],
    ['HeaderTooLarge', () => fileWith('{}', 0, 2n ** 63n), 'expected at most 1048576 bytes, found 9223372036854775808'],
    ['HeaderTooLarge', () => fileWith('{}', 0, 2n ** 20n + 1n), 'too large'],
    ['IncompleteData', () => fileWith('{}', 0, 100n), 'should have 100 bytes, the file has 2'],
    ['InvalidHeaderStart', () => fileWith('[]', 0), 'should begin with'],
    ['InvalidHeaderStart', () => fileWith(' {}', 0), 'should begin with'],
    ['InvalidHeader', () => fileWith('{"a":', 0), 'The header is damaged'],
    [
      'InvalidHeader',
      () =>
        fileWith(
          '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
          1,
        ),
      '“a” is given twice',
    ],
    [
      'InvalidHeader',
      () => fileWith('{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 1),
      'not allowed as a name',
    ],
    ['InvalidHeader', () => fileWith('{"a":[[[[[[1]]]]]]}', 0), 'more than 4 levels'],
    ['InvalidHeader', () => fileWith({ a: 1 }, 0), 'should have dtype, shape and data_offsets'],
    ['InvalidHeader', () => fileWith({ a: { ...one([0, 4]), extra: 1 } }, 4), 'nothing else'],
    ['InvalidMetadata', () => fileWith({ __metadata__: { a: 1 } }, 0), 'should be a text, found 1'],
    ['InvalidMetadata', () => fileWith({ __metadata__: 'x' }, 0), 'should hold texts'],
    [
      'TooManyTensors',
      () =>
        fileWith(
          Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`t${String(index)}`, one([0, 0], [0])])),
          0,
        ),
      'at most 4096, found 5000',
    ],
    ['UnsupportedDtype', () => fileWith({ a: one([0, 1], [1], 'F8_E4M3') }, 1), 'found "F8_E4M3"'],
    ['UnsupportedDtype', () => fileWith({ a: one([0, 1], [1], 'constructor') }, 1), 'found "constructor"'],
    ['InvalidShape', () => fileWith({ a: one([0, 4], [1, 1, 1, 1, 1, 1, 1, 1, 1]) }, 4), 'at most 8 sizes'],
    ['InvalidShape', () => fileWith({ a: one([0, 4], [-1]) }, 4), 'not allowed'],
    ['InvalidShape', () => fileWith({ a: one([0, 4], [0.5, 2]) }, 4), 'not allowed'],
    ['InvalidShape', () => fileWith({ a: one([0, 4], 'x') }, 4), 'not allowed'],
    ['InvalidShape', () => fileWith({ a: one([0, 0], [2 ** 31, 2 ** 31, 0]) }, 0), 'too large'],
    ['InvalidShape', () => fileWith({ a: one([0, 0], [2 ** 31, 2 ** 31, 2 ** 31]) }, 0), 'too large'],
    ['InvalidOffsets', () => fileWith({ a: one([0, 5]) }, 5), 'should take 4 bytes, found data_offsets [0,5]'],
    ['InvalidOffsets', () => fileWith({ a: one([4, 0]) }, 4), 'data_offsets [4,0]'],
    ['InvalidOffsets', () => fileWith({ a: one([-4, 0]) }, 4), 'data_offsets [-4,0]'],
    ['InvalidOffsets', () => fileWith({ a: one([0, 4, 8]) }, 8), 'data_offsets [0,4,8]'],
    ['InvalidOffsets', () => fileWith({ a: one([4, 8]) }, 8), 'should begin at byte 0'],
    ['InvalidOffsets', () => fileWith({ a: one([0, 4]), b: one([8, 12]) }, 12), 'should begin at byte 4'],
    ['InvalidOffsets', () => fileWith({ a: one([0, 8], [2]), b: one([4, 8]) }, 8), 'should begin at byte 8'],
    ['IncompleteData', () => fileWith({ a: one([0, 4]) }, 3), 'describes 4 bytes of data, the file has 3'],
    ['IncompleteData', () => fileWith({ a: one([0, 4]) }, 5), 'describes 4 bytes of data, the file has 5'],
    ['IncompleteData', () => fileWith({ a: one([0, 2 ** 34], [2 ** 31, 2], 'F32') }, 8), 'the file has 8'],
  ])('refuses %s before allocating anything for it', async (code, make, sentence) => {
    const file = make()
    const error = await refusal(readTensors(file))
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(sentence)])
    expect(error.message).toMatch(/^Cannot read a\.safetensors: .+ \(.+\)$/)
    expect((await refusal(readHeader(file))).code).toBe(code)
  })

  it('accepts a file without tensors, as the format does', async () => {
    expect((await readTensors(fileWith('{}', 0))).tensors.size).toBe(0)
  })

  it('notices every single changed, missing or added byte', async () => {
    await writeSafetensors(path, tensors, metadata)
    const whole = readFileSync(path)
    for (let at = 0; at < whole.length; at++) {
      const flipped = Buffer.from(whole)
      flipped[at]! ^= 1 << (at % 8)
      const inserted = Buffer.concat([whole.subarray(0, at), Buffer.of(0x20), whole.subarray(at)])
      for (const bytes of [flipped, inserted, whole.subarray(0, at)]) {
        const fs = recordingFs({ files: new Map([[path, bytes]]) })
        await refusal(readTensors(path, undefined, { fs, mustBeOurs: true }))
      }
    }
  })

  it('ends in a typed error or the same data for any damage, quickly', async () => {
    await writeSafetensors(path, tensors, metadata)
    const whole = readFileSync(path)
    const python = readFileSync(join(import.meta.dirname, '../fixtures/python.safetensors'))
    const damage = fc.record({
      type: fc.constantFrom('flip', 'cut', 'insert', 'repeat', 'zeros', 'spaces'),
      at: fc.nat(1200),
      length: fc.integer({ min: 1, max: 60 }),
      byte: fc.nat(255),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.boolean(),
        fc.array(damage, { minLength: 1, maxLength: 3 }),
        async (isOurs, mustBeOurs, changes) => {
          let bytes: Uint8Array = isOurs ? whole : python
          for (const { type, at, length, byte } of changes) {
            const place = Math.min(at, bytes.length)
            const [head, middle, tail] = [
              bytes.slice(0, place),
              bytes.slice(place, place + length),
              bytes.slice(place + length),
            ]
            if (type === 'cut') bytes = head
            else if (type === 'insert') bytes = Buffer.concat([head, Buffer.of(byte), middle, tail])
            else if (type === 'repeat') bytes = Buffer.concat([head, middle, middle, tail])
            else
              bytes = Buffer.concat([
                head,
                type === 'flip'
                  ? middle.map((value, index) => (index === 0 ? value ^ (byte | 1) : value))
                  : middle.fill(type === 'zeros' ? 0 : 0x20),
                tail,
              ])
          }
          const result = await readTensors(path, undefined, {
            fs: recordingFs({ files: new Map([[path, bytes]]) }),
            mustBeOurs,
          }).catch((reason: unknown) => reason)
          if (result instanceof SafetensorsError) return
          // What passes for verified is the file as it was, to the byte.
          expect((result as TensorFile).isVerified).toBe(
            (result as TensorFile).isVerified && Buffer.compare(bytes, whole) === 0,
          )
          if (mustBeOurs) expect(Buffer.compare(bytes, whole)).toBe(0)
        },
      ),
      { numRuns: 600 },
    )
  })

  it('gives back any tensors of any dtype', async () => {
    const sizes = {
      U64: 8,
      I64: 8,
      F64: 8,
      F32: 4,
      U32: 4,
      I32: 4,
      BF16: 2,
      F16: 2,
      U16: 2,
      I16: 2,
      I8: 1,
      U8: 1,
      BOOL: 1,
    }
    const arrays = {
      U64: BigUint64Array,
      I64: BigInt64Array,
      F64: Float64Array,
      F32: Float32Array,
      U32: Uint32Array,
      I32: Int32Array,
      BF16: Uint16Array,
      F16: Uint16Array,
      U16: Uint16Array,
      I16: Int16Array,
      I8: Int8Array,
      U8: Uint8Array,
      BOOL: Uint8Array,
    }
    const tensor = fc
      .tuple(fc.constantFrom(...dtypes), fc.array(fc.nat(4), { maxLength: 4 }), fc.infiniteStream(fc.nat(255)))
      .map(([dtype, shape, bytes]): StoredTensor => {
        const size = shape.reduce((product, length) => product * length, sizes[dtype])
        return {
          dtype,
          shape,
          data: new arrays[dtype](Uint8Array.from({ length: size }, () => bytes.next().value as number).buffer),
        }
      })
    const names = fc
      .string({ unit: 'grapheme', maxLength: 12 })
      .filter((name) => name !== '__proto__' && name !== '__metadata__')
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(names, tensor), { maxLength: 6 }),
        fc.dictionary(names, fc.string(), { maxKeys: 3 }),
        async (list, texts) => {
          const fs = recordingFs()
          const given = new Map(list)
          await writeSafetensors('/a/b', given, texts, { fs })
          const read = await readTensors('/a/b', undefined, { fs })
          expect(read.metadata).toEqual(texts)
          expect(read.tensors.size).toBe(given.size)
          for (const [name, { dtype, shape, data }] of given) {
            const found = read.tensors.get(name)!
            expect([found.dtype, found.shape]).toEqual([dtype, shape])
            expect(Buffer.compare(Buffer.from(found.data.buffer), Buffer.from(data.buffer))).toBe(0)
          }
        },
      ),
      { numRuns: 150 },
    )
  })

  it('checks against a checksum that anybody can compute', async () => {
    const { sha256 } = await writeSafetensors(path, tensors, metadata)
    const bytes = readFileSync(path)
    const zeroed = Buffer.from(bytes.subarray(8).toString('latin1').replace(sha256, '0'.repeat(64)), 'latin1')
    expect(createHash('sha256').update(zeroed).digest('hex')).toBe(sha256)
  })

  it('says in a sentence when there is no file', async () => {
    await expect(readTensors(join(folder, 'none'))).rejects.toThrow('Cannot read none: it does not exist')
    await expect(readHeader(folder)).rejects.toThrow('it is not a file')
    truncateSync(path, 0)
    expect((await refusal(readHeader(path))).code).toBe('HeaderTooSmall')
  })
})
