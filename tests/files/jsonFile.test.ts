import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  checkShape,
  configLimits,
  JsonFileError,
  parseJsonBytes,
  readCapped,
  type Schema,
} from '../../main/files/jsonFile'
import { checkJsonText, JsonTextError, parseJson } from '../../main/files/jsonText'

const folder = mkdtempSync(join(tmpdir(), 'json-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const Config = z.strictObject({ learningRate: z.number(), tags: z.array(z.string()).default([]) })
const anything = z.unknown()

const file = (content: string | Uint8Array, name = 'config.json'): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
/** As a config is read, with a schema in place of the config's own parser. */
async function readJson<T>(path: string, { schema, maxBytes = configLimits.maxBytes }: ReadOptions<T>): Promise<T> {
  return checkShape(path, parseJsonBytes(path, await readCapped(path, maxBytes), configLimits.maxDepth), schema)
}
interface ReadOptions<T> {
  readonly schema: Schema<T>
  readonly maxBytes?: number
}
const refusal = async (content: string | Uint8Array): Promise<string> => {
  const error: unknown = await readJson(file(content), { schema: Config }).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(JsonFileError)
  return (error as Error).message
}

describe('a JSON file', () => {
  it('reads what the schema accepts, fills defaults, and drops a byte order mark', async () => {
    expect(await readJson(file('\ufeff{"learningRate": 1e-1}\r\n'), { schema: Config })).toEqual({
      learningRate: 0.1,
      tags: [],
    })
  })

  it.each([
    ['', 'is empty'],
    [' \n', 'is empty'],
    ['\0'.repeat(100), 'line 1, column 1: expected a value'],
    ['{"learningRate": 0.1', 'expected “,” or “}”, found the end of the text'],
    ['{\n  "learningRate": NaN\n}', 'line 2, column 19: expected a value, found “NaN”'],
    ['{"learningRate": -Infinity}', 'found “-Infinity”'],
    ['{"learningRate": 1e999}', '1e999 is too large for a number'],
    ['{"learningRate": 01}', 'expected “,” or “}”, found “1”'],
    ['{"learningRate": 0.1,}', 'expected a name in quotes, found “}”'],
    ["{'learningRate': 0.1}", 'expected a name in quotes'],
    ['{"learningRate": 0.1} x', 'expected the end, found “x”'],
    ['{"learningRate": 0.1, "learningRate": 0.2}', '“learningRate” is given twice'],
    ['{"learningRate": 0.1, "__proto__": {"polluted": 1}}', '“__proto__” is not allowed as a name'],
    ['{"learningRate": 0.1, "\\u005f_proto__": {"polluted": 1}}', '“__proto__” is not allowed as a name'],
    ['{"constructor": {"prototype": {"polluted": 1}}}', '“prototype” is not allowed as a name'],
    ['{"learningRate": "0.1"}', 'learningRate: '],
    ['{"learningRate": 0.1, "lerningRate": 0.2}', 'lerningRate'],
    ['null', 'the whole file: '],
    ['[]', 'the whole file: '],
    ['{"learningRate": 0.1, "tags": ["a\nb"]}', 'a character that must be escaped'],
    ['{"learningRate": 0.1, "tags": ["\\x41"]}', 'a character that must be escaped'],
    ['{"learningRate": 0.1, "tags": ["', 'no closing quote'],
    ['{"learningRate": 0.1, "tags": ["\\u00g0"]}', 'a character that must be escaped'],
    ['{"tags": [', 'expected a value, found the end of the text'],
    ['{"learningRate" 0.1}', 'expected “:”, found “0”'],
    ['{"learningRate": NaN 0.1}', 'line 1, column 18: expected a value, found “NaN”'],
    ['{"learningRate": 1.}', 'expected a value, found “1”'],
    ['{"tags": ["a",]}', 'expected a value, found “]”'],
    ['// a rate\n{"learningRate": 0.1}', 'line 1, column 1: expected a value, found “/”'],
    ['{"learningRate": 0.1 /* high */}', 'expected “,” or “}”, found “/”'],
  ])('refuses %j with a sentence', async (content, sentence) => {
    expect(await refusal(content)).toContain(sentence)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })

  it('refuses bytes that are not UTF-8, such as UTF-16 from an old editor', async () => {
    expect(await refusal(Buffer.from('\ufeff{}', 'utf16le'))).toContain('is not UTF-8 text')
  })

  it('names every wrong field', async () => {
    const error: unknown = await readJson(file('{"learningRate": "x", "tags": [1]}'), { schema: Config }).catch(
      (reason: unknown) => reason,
    )
    expect((error as JsonFileError).issues.map((issue) => issue.path)).toEqual(['learningRate', 'tags.0'])
  })

  it('refuses 10,000 levels, and 50 MB without reading them', async () => {
    expect(await refusal('['.repeat(10_000) + ']'.repeat(10_000))).toContain('more than 32 levels')
    expect(await refusal('{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000))).toContain('more than 32 levels')
    const path = file('{')
    truncateSync(path, 50_000_000)
    await expect(readJson(path, { schema: anything })).rejects.toThrow(
      'larger than allowed: expected at most 1 MiB, found 48 MiB',
    )
  })

  it('accepts exactly as many levels as allowed', () => {
    expect(() => {
      checkJsonText('['.repeat(32) + ']'.repeat(32), 32)
    }).not.toThrow()
    expect(() => {
      checkJsonText('['.repeat(33) + ']'.repeat(33), 32)
    }).toThrow(JsonTextError)
  })

  it('takes the limits it is given', async () => {
    const path = file(JSON.stringify('x'.repeat(3 * 2 ** 20)))
    await expect(readJson(path, { schema: anything })).rejects.toThrow('larger than allowed')
    expect(await readJson(path, { schema: anything, maxBytes: 2 ** 22 })).toHaveLength(3 * 2 ** 20)
  })

  it.skipIf(process.platform === 'win32')(
    'refuses a pipe, a folder and a missing file instead of waiting for them',
    async () => {
      const pipe = join(folder, 'pipe')
      execFileSync('mkfifo', [pipe])
      await expect(readJson(pipe, { schema: anything })).rejects.toThrow('Cannot read pipe: it is not a file')
      await expect(readJson(folder, { schema: anything })).rejects.toThrow('it is not a file')
      await expect(readJson(join(folder, 'none.json'), { schema: anything })).rejects.toThrow(
        'Cannot read none.json: it does not exist',
      )
    },
  )
})

describe('parseJson', () => {
  it('agrees with JSON.parse on every JSON value', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (text, indent) => {
        const value: unknown = JSON.parse(text)
        fc.pre(!text.includes('__proto__'))
        expect(parseJson(JSON.stringify(value, null, indent), 1000)).toEqual(value)
      }),
      { numRuns: 300 },
    )
  })

  it('accepts nothing that JSON.parse refuses', () => {
    const pieces = fc.array(
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"',
        '"a"',
        '1',
        '-',
        '0',
        '.5',
        'e3',
        'true',
        'nul',
        ' ',
        '\n',
        '\\',
        '\u2028',
        '/',
      ),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('')
        let isAccepted = true
        try {
          checkJsonText(text, 32)
        } catch (error) {
          expect(error).toBeInstanceOf(JsonTextError)
          isAccepted = false
        }
        if (isAccepted) expect(() => JSON.parse(text) as unknown).not.toThrow()
      }),
      { numRuns: 3000 },
    )
  })
})
