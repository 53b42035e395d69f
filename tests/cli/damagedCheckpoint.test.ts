/*
 * A run whose last checkpoint is damaged, or another run's, goes on from the one before: on the command line as
 * anywhere, and to the same end.
 */
import { copyFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it, vi } from 'vitest'
import type { Run } from '../../core/run'
import { readTensors } from '../../main/files/safetensors'
import { batchlab, json, start, temporaryFolder } from './built'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

const settings = [
  'network.type=mlp',
  'network.hidden=[16]',
  'batchSize=64',
  'engine.backend=cpu',
  'epochs=40',
  'checkpoints.keepBest=3',
].flatMap((one) => ['--set', one])
const library = temporaryFolder()
const checkpoint = (of: string, id: string, name: string): string =>
  join(of, 'runs', id, 'checkpoints', `${name}.safetensors`)
const runsIn = async (of: string): Promise<readonly Run[]> => await json<readonly Run[]>('list', '--dir', of)
const bitsOf = async (of: string, id: string): Promise<unknown> =>
  [...(await readTensors(checkpoint(of, id, 'final'))).tensors].map(([name, { data }]) => [
    name,
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
  ])

let [straight, paused] = ['', '']
beforeAll(async () => {
  const running = start(['train', ...settings, '--json', '--dir', library])
  await running.event('epochEnded')
  running.child.kill('SIGINT')
  expect((await running.done).code).toBe(130)
  paused = (await runsIn(library))[0]!.id
  expect((await batchlab(['train', ...settings, '--json', '--dir', library])).code).toBe(0)
  straight = (await runsIn(library)).find(({ id }) => id !== paused)!.id
})

it.each<[string, RegExp, (path: string) => void]>([
  [
    'damaged by one bit',
    /checksum does not match/,
    (path) => {
      const bytes = readFileSync(path)
      bytes[bytes.length - 20]! ^= 4
      writeFileSync(path, bytes)
    },
  ],
  [
    'another run’s of the same settings',
    /is a checkpoint of run \w+, not of run \w+/,
    (path) => copyFileSync(checkpoint(library, straight, 'last'), path),
  ],
])('a last checkpoint that is %s', async (_, says, spoil) => {
  const copy = join(temporaryFolder(), 'library')
  cpSync(library, copy, { recursive: true })
  spoil(checkpoint(copy, paused, 'last'))
  const { code: found, stdout } = await batchlab(['verify', copy])
  expect([found, stdout]).toEqual([1, expect.stringMatching(says)])
  const { code, stderr } = await batchlab(['resume', paused, '--dir', copy])
  expect([code, stderr]).toEqual([0, expect.stringMatching(says)])
  expect(stderr).toMatch(/Training goes on from update \d+ instead/)
  expect(await bitsOf(copy, paused)).toEqual(await bitsOf(library, straight))
  expect(await json('verify', copy)).toMatchObject({ problems: [], notes: [] })
})
