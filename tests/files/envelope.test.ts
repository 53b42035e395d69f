import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSealed, seal, sealInTurns, snapshotOf, unseal } from '../../main/files/envelope'
import { checkJsonText } from '../../main/files/jsonText'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
/** A text with the checksum that fits it, as somebody could make it who wants to be believed. */
const forged = (data: string, words?: string): Uint8Array => {
  const sha256 = createHash('sha256')
    .update(`1\n1\n${words ?? 'null'}\n${data}`)
    .digest('hex')
  return bytes(
    `{"format":1,"generation":1,"sha256":"${sha256}",${words === undefined ? '' : `"nonFinite":${words},`}"data":${data}}\n`,
  )
}
// JSON has no −0, and names that reach prototypes are refused in every file.
const numbers = fc.oneof(fc.double(), fc.integer()).map((value) => (value === 0 ? 0 : value))
const names = fc.string().filter((name) => !['__proto__', 'constructor', 'prototype'].includes(name))
const data = fc.dictionary(
  names,
  fc.oneof(numbers, fc.string({ unit: 'binary' }), fc.constant(null), fc.array(numbers), fc.dictionary(names, numbers)),
)

describe('a text whose checksum fits it', () => {
  it('opens to what a careful reading finds, or is refused, whatever it holds', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      ',',
      ':',
      '"a"',
      '"b"',
      '1',
      '-0',
      '1e999',
      'null',
      '__proto__',
      '"constructor"',
      '\\u0041',
      ' ',
      '\\"',
      '\\\\',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
        ),
        fc.integer({ min: 0, max: 4 }),
        (text, depth) => {
          let found: unknown
          try {
            found = unseal('store.json', forged(text), depth + 1).data
          } catch {
            return
          }
          checkJsonText(text, depth)
          expect(found).toEqual(JSON.parse(text))
        },
      ),
      { numRuns: 5_000 },
    )
  })

  it('opens with quotes and backslashes in it, to its limit of levels', () => {
    const value = { 'a "b" \\': ['\\', '"', '\\"', '{[', 'ü'], n: [1, 0.1, -3e-7, null] }
    expect(unseal('store.json', forged(JSON.stringify(value)), 3).data).toEqual(value)
    expect(() => unseal('store.json', forged(JSON.stringify(value)), 2)).toThrow('more than 2 levels')
    const { bytes: sealed } = seal(1, 1, snapshotOf({ a: 'ä' }))
    expect(() => unseal('store.json', sealed.subarray(0, -5), 8)).toThrow('store.json')
    expect(() =>
      unseal(
        'store.json',
        Uint8Array.from(sealed, (byte) => (byte === 0xc3 ? 0xff : byte)),
        8,
      ),
    ).toThrow('is not UTF-8 text')
  })
})

describe('a sealed text', () => {
  it('opens to what was sealed, whatever that is', async () => {
    await fc.assert(
      fc.asyncProperty(data, async (value) => {
        const sealed = seal(3, 41, snapshotOf(value))
        expect(unseal('store.json', sealed.bytes, 8)).toEqual({
          format: 3,
          generation: 41,
          sha256: sealed.sha256,
          data: value,
        })
        expect(await isSealed(sealed.bytes)).toBe(true)
      }),
    )
  })

  it.each([
    ['a name twice', '{"a":1,"a":2}'],
    ['a way to prototypes', '{"__proto__":{"polluted":1}}'],
    ['a number that is too large', '{"a":1e999}'],
    ['too many levels', '{"a":[[[[[[[[[1]]]]]]]]]}'],
    ['no JSON', '{"a":}'],
  ])('is refused in spite of its checksum when it holds %s', (_, text) => {
    expect(() => unseal('store.json', forged(text), 8)).toThrow('store.json')
  })

  it('is refused when its words for NaN do not fit, and told from one that was changed', async () => {
    expect(() => unseal('store.json', forged('{"a":1}', '{"/a":"NaN"}'), 8)).toThrow('nonFinite does not fit')
    const { bytes: sealed } = seal(1, 1, snapshotOf({ a: 1 }))
    for (let at = 0; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed, (byte, index) => (index === at ? byte ^ 1 : byte))
      expect(await isSealed(changed), `byte ${String(at)}`).toBe(false)
    }
  })

  it('is the same when it is made in turns', async () => {
    const value = { runs: [{ loss: NaN }, { name: 'ü' }] }
    const { dataText, nonFinite } = snapshotOf(value)
    const pieces = [...dataText].map((character) => bytes(character))
    const inTurns = await sealInTurns(2, 7, { bytes: pieces, nonFinite })
    const whole = seal(2, 7, { dataText, nonFinite })
    expect(inTurns.sha256).toBe(whole.sha256)
    expect(Buffer.compare(inTurns.bytes, whole.bytes)).toBe(0)
  })
})
