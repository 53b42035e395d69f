import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { batchlab, temporaryFolder } from './built'

const folder = temporaryFolder()
const untouched = join(folder, 'library')
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

/** Nothing on stdout, exit code 2, sentences on stderr, and no library made. */
async function refusal(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await batchlab([...args, '--dir', untouched])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).not.toMatch(/\n\s+at |Error:/)
  expect(existsSync(untouched)).toBe(false)
  return stderr.trimEnd()
}

describe('a config that cannot be used', () => {
  it.each([
    [
      '50 MB',
      'big.json',
      `{"name":"${'x'.repeat(50e6)}"}`,
      /larger than allowed: expected at most 1 MiB, found 48 MiB/,
    ],
    ['10,000 lists in each other', 'lists.json', '['.repeat(10_000) + ']'.repeat(10_000), /more than 32 levels/],
    [
      '10,000 objects in each other',
      'objects.json',
      '{"data":'.repeat(10_000) + '1' + '}'.repeat(10_000),
      /more than 32 levels/,
    ],
    ['NaN', 'nan.json', '{"learningRate":{"base":NaN}}', /line 1, column 25: expected a value, found “NaN”/],
    ['1e999', 'infinite.json', '{"learningRate":{"base":1e999}}', /1e999 is too large for a number/],
    ['__proto__', 'proto.json', '{"__proto__":{"batchSize":1}}', /“__proto__” is not allowed as a name/],
    ['a name given twice', 'twice.json', '{"epochs":1,"epochs":2}', /“epochs” is given twice/],
    ['no text', 'bytes.json', Uint8Array.from({ length: 256 }, (_, byte) => byte), /bytes.json is not UTF-8 text/],
    ['nothing', 'empty.json', '', /empty.json is empty/],
  ])('holds %s', async (_, name, content, sentence) => {
    const path = file(name, content)
    expect(await refusal('train', path)).toMatch(sentence)
  })

  it('is named field by field', async () => {
    const lines = (
      await refusal(
        'train',
        file(
          'fields.json',
          '{"batchsize": 32, "epochs": "ten", "learningRate": {"base": -1}, "network": {"type": "resnet", "depth": 9}}',
        ),
      )
    ).split('\n')
    expect(lines).toEqual(
      expect.arrayContaining([
        'fields.json: unknown setting "batchsize"',
        'fields.json: epochs must be a number, found "ten"',
        'fields.json: learningRate.base must be more than 0, found -1',
      ]),
    )
    expect(lines.find((line) => line.includes('network.depth'))).toMatch(/found 9$/)
  })

  it('contradicts itself or its data', async () => {
    const said = await refusal(
      'train',
      file('contradiction.json', '{"batchSize": 4096, "batch": {"microBatch": 5000}}'),
    )
    expect(said).toMatch(/^batchSize must be at most .*1150.*found 4096$/m)
    expect(said).toMatch(/^batch\.microBatch .*5000$/m)
  })

  it('names data that are not there', async () => {
    expect(
      await refusal('train', '--set', 'data.source.type=folder', '--set', 'data.source.path=/no/such/folder'),
    ).toMatch(/^data\.source\.path:? .*\/no\/such\/folder/)
  })
})

describe('a setting that cannot be used', () => {
  it.each([
    ['learningRat.base=1', /^--set learningRat.base: there is no such setting; did you mean learningRate.base\?$/],
    ['__proto__.polluted=1', /there is no such setting/],
    ['constructor.prototype=1', /there is no such setting/],
    ['batchSize', /^--set expects PATH=VALUE, found “batchSize”$/],
    ['batchSize=1e999', /^batchSize must be a number, found "1e999"$/],
    ['batchSize=NaN', /^batchSize must be a number, found "NaN"$/],
    ['network.depth=20', /^network: unknown setting "depth"$/],
  ])('is refused: %s', async (setting, sentence) => {
    expect(await refusal('plan', '--set', setting)).toMatch(sentence)
  })
})

describe('a command line that cannot be used', () => {
  it.each([
    [['trian'], /^There is no command “trian”; did you mean “train”\?/],
    [['plan', '--evry', '3'], /^Unknown option '--evry'/],
    [['plan', 'a.json', 'b.json'], /“b.json” is one argument too many/],
    [['show'], /^RUN is missing$/],
    [['train', '--preset', 'demos'], /There is no preset “demos”; did you mean “demo”\?/],
    [['train', 'x.json', '--preset', 'demo'], /Give a config or --preset, not both/],
    [['train', '--weights', '/no/such/file'], /--weights: there is no file/],
    [['export', 'x', '--format', 'doc'], /--format must be one of csv, json, html/],
    [['evaluate', 'nothing'], /“nothing” is no file, and no RUN\/CHECKPOINT/],
    [['data', 'eat'], /data expects list, import, download or verify, found “eat”/],
  ])('%j', async (args, sentence) => {
    expect(await refusal(...args)).toMatch(sentence)
  })
})
