import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { Points, TrainEvent } from '../../core/events'
import type { Run } from '../../core/run'
import { readTensors, writeSafetensors, type StoredTensor } from '../../main/files/safetensors'
import { testedEngines } from '../trainer/tensorflow'
import { batchlab, json, start, temporaryFolder } from './built'

// Each test starts several processes, which wait for each other on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

type Line =
  | (TrainEvent & { readonly run: string })
  | { readonly type: 'queued'; readonly run: string; readonly folder: string }
  | { readonly type: 'record'; readonly run: string; readonly record: Run }

const linesOf = (stdout: string): readonly Line[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
const recordOf = (stdout: string): Run => {
  const last = linesOf(stdout).at(-1)
  if (last?.type !== 'record') throw new Error(`The last line is no record: ${stdout.slice(-200)}`)
  return last.record
}
const folder = temporaryFolder()
/**
 * The one that starts fastest; what is tested here does not depend on it. The demo and verify-resume use the others.
 */
const engine = ['--set', 'engine.backend=cpu']
const quick = ['--set', 'network.type=mlp', '--set', 'network.hidden=[16]', '--set', 'batchSize=64', ...engine]

describe('batchlab train', () => {
  it('tells everything as NDJSON, in order, and keeps it in the library', async () => {
    const { code, stdout } = await batchlab([
      'train',
      ...quick,
      '--set',
      'epochs=3',
      '--set',
      'name=told',
      '--json',
      '--dir',
      folder,
    ])
    const lines = linesOf(stdout)
    const record = recordOf(stdout)
    expect(code).toBe(0)
    expect(lines[0]).toEqual({ type: 'queued', run: record.id, folder: join(folder, 'runs', record.id) })
    const types = lines.map(({ type }) => type)
    expect(types.indexOf('started')).toBe(1)
    expect(types.filter((type) => type === 'epochEnded')).toHaveLength(3)
    expect(types.slice(-2)).toEqual(['ended', 'record'])
    expect(lines.every(({ run }) => run === record.id)).toBe(true)
    const told = lines.flatMap((line) => (line.type === 'advanced' ? line.points.update : []))
    const { trace } = await json<{ trace: Points }>('show', 'told', '--trace', '--dir', folder)
    // 1,150 images in batches of 64: 17 a epoch.
    expect(told).toEqual(Array.from({ length: 51 }, (_, index) => index + 1))
    expect(trace.update).toEqual(told)
    expect(await json<Run>('show', 'told', '--dir', folder)).toEqual(record)
    expect(record).toMatchObject({ status: 'finished', moment: { update: 51, epoch: 3 } })
    expect(record.test.best?.score.images).toBe(359)
    expect(await json('verify', folder)).toMatchObject({ problems: [] })
  })

  it('ends with 1 and the update where the loss stopped being finite', async () => {
    const other = temporaryFolder()
    const { code, stdout, stderr } = await batchlab([
      'train',
      ...quick,
      '--set',
      'network.hidden=[64, 64]',
      '--set',
      'learningRate.base=100',
      '--set',
      'optimizer.reduction=sum',
      '--json',
      '--dir',
      other,
    ])
    expect(code).toBe(1)
    expect(recordOf(stdout).status).toBe('diverged')
    expect(stderr).toMatch(/diverged: .* at update \d+/)
  })

  it('begins two configs with the same weights where a file names them', async () => {
    const told = await json<Run>('show', 'told', '--dir', folder)
    const weights = join(folder, 'runs', told.id, 'checkpoints', 'last.safetensors')
    const losses: (number | null)[] = []
    for (const rate of ['0.01', '0.3']) {
      const { stdout, code } = await batchlab([
        'train',
        ...quick,
        '--set',
        'epochs=1',
        '--set',
        `learningRate.base=${rate}`,
        '--set',
        `name=rate ${rate}`,
        '--weights',
        weights,
        '--json',
        '--dir',
        folder,
      ])
      expect(code).toBe(0)
      const run = recordOf(stdout)
      expect(run.origin).toMatchObject({ type: 'weights' })
      losses.push((await json<{ trace: Points }>('show', run.id, '--trace', '--dir', folder)).trace.loss[0]!)
    }
    expect(losses[0]).toBe(losses[1])
    const fresh = (await json<{ trace: Points }>('show', 'told', '--trace', '--dir', folder)).trace.loss[0]
    expect(fresh).not.toBe(losses[0])
  })

  it('refuses weights that belong to another network, by the tensor', async () => {
    const told = await json<Run>('show', 'told', '--dir', folder)
    const weights = join(folder, 'runs', told.id, 'checkpoints', 'last.safetensors')
    const library = temporaryFolder()
    const { code, stderr } = await batchlab([
      'train',
      ...engine,
      '--set',
      'epochs=1',
      '--weights',
      weights,
      '--dir',
      library,
    ])
    expect(code).toBe(2)
    expect(stderr).toMatch(/has no tensor conv1\.weight/)
    expect(await json('list', '--dir', library)).toEqual([])
  })

  it(
    'begins with what another program saved: tensors of its own are left out and named, halves and doubles ' +
      'become float32',
    async () => {
      const told = await json<Run>('show', 'told', '--dir', folder)
      const { tensors } = await readTensors(join(folder, 'runs', told.id, 'checkpoints', 'last.safetensors'))
      const weights = [...tensors].filter(([name]) => !name.startsWith('optimizer.'))
      const [plain, foreign] = ['plain', 'foreign'].map((name) => join(folder, `${name}.safetensors`)) as [
        string,
        string,
      ]
      // Doubles say the same as the floats; the half of a float32 is the nearest bfloat16 only where its lower bits are
      // zero.
      const short = ({ shape, data }: StoredTensor): StoredTensor => ({
        dtype: 'F32',
        shape,
        data: new Float32Array(
          new Uint32Array((data as Float32Array).slice().buffer).map((bits) => (bits >>> 16) << 16).buffer,
        ),
      })
      const [[firstName, first], ...rest] = weights as [[string, StoredTensor], ...[string, StoredTensor][]]
      await writeSafetensors(plain, new Map([[firstName, short(first)], ...rest]), {})
      await writeSafetensors(
        foreign,
        new Map<string, StoredTensor>([
          [
            firstName,
            {
              dtype: 'BF16',
              shape: first.shape,
              data: new Uint16Array(
                new Uint32Array((short(first).data as Float32Array).buffer).map((bits) => bits >>> 16),
              ),
            },
          ],
          ...rest.map(([name, { shape, data }]): [string, StoredTensor] => [
            name,
            { dtype: 'F64', shape, data: Float64Array.from(data as Float32Array) },
          ]),
          ['bn1.num_batches_tracked', { dtype: 'I64', shape: [], data: BigInt64Array.of(7n) }],
        ]),
        {},
      )
      const [one, other] = await Promise.all(
        [plain, foreign].map((file) =>
          batchlab(['train', ...quick, '--set', 'epochs=1', '--weights', file, '--json', '--dir', temporaryFolder()]),
        ),
      )
      expect([one?.code, other?.code]).toEqual([0, 0])
      const losses = ({ stdout }: { readonly stdout: string }): unknown =>
        linesOf(stdout).flatMap((line) => (line.type === 'advanced' ? line.points.loss : []))
      expect(losses(other!)).toEqual(losses(one!))
      expect(
        recordOf(one!.stdout)
          .log.map(({ message }) => message)
          .join(),
      ).not.toContain('weights file')
      expect(recordOf(other!.stdout).log.map(({ message }) => message)).toEqual(
        expect.arrayContaining([
          expect.stringContaining('not used: bn1.num_batches_tracked (I64)'),
          expect.stringMatching(/tensors of the weights file were converted from .*BF16.* to float32/),
        ]),
      )
      const { stderr, code } = await batchlab([
        'train',
        ...quick,
        '--set',
        'epochs=1',
        '--weights',
        foreign,
        '--dir',
        temporaryFolder(),
      ])
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: expect.stringContaining('bn1.num_batches_tracked (I64)') as string,
      })
    },
  )
})

describe('batchlab pause and resume', () => {
  it('pause a run of another process within a moment, and end as if it had not been paused', async () => {
    const config = [...quick, '--set', 'batchSize=8', '--set', 'epochs=8', '--set', 'seed=3']
    const straight = recordOf((await batchlab(['train', ...config, '--json', '--dir', folder])).stdout)
    const other = temporaryFolder()
    const training = start(['train', ...config, '--set', 'name=paused', '--json', '--dir', other])
    await training.event('advanced')
    const paused = await json<Run>('pause', 'paused', '--dir', other)
    const { code, stdout } = await training.done
    expect([code, recordOf(stdout).status, paused.status]).toEqual([130, 'paused', 'paused'])
    expect(paused.moment.update).toBeLessThan(straight.moment.update)
    expect((await batchlab(['pause', 'paused', '--dir', other])).code).toBe(2)

    const resumed = await batchlab(['resume', 'paused', '--json', '--dir', other])
    const record = recordOf(resumed.stdout)
    expect([resumed.code, record.status]).toEqual([0, 'finished'])
    const timeless = ({ epochs, test }: Run): unknown =>
      JSON.parse(JSON.stringify({ epochs, test }, (key, value: unknown) => (key === 'seconds' ? 0 : value)))
    expect(timeless(record)).toEqual(timeless(straight))
    const tensors = async (root: string, id: string) =>
      (await readTensors(join(root, 'runs', id, 'checkpoints', 'final.safetensors'))).tensors
    expect(await tensors(other, record.id)).toEqual(await tensors(folder, straight.id))
  })

  it('pause at Ctrl-C with a checkpoint', async () => {
    const other = temporaryFolder()
    const training = start([
      'train',
      ...quick,
      '--set',
      'batchSize=4',
      '--set',
      'epochs=500',
      '--set',
      'name=long',
      '--dir',
      other,
      '--json',
    ])
    await training.event('advanced')
    training.child.kill('SIGINT')
    const { code, stdout, stderr } = await training.done
    expect(code).toBe(130)
    expect(stderr).toContain('writing a checkpoint')
    const paused = recordOf(stdout)
    expect(existsSync(join(other, 'runs', paused.id, 'checkpoints', 'last.safetensors'))).toBe(true)
  })

  it('extend a run past its planned epochs, and only then', async () => {
    const refused = await batchlab(['resume', 'rate 0.3', '--dir', folder])
    expect([refused.code, refused.stderr]).toEqual([
      2,
      '“rate 0.3” has trained all its epochs: extend it to train more\n',
    ])
    const { code, stdout } = await batchlab(['resume', 'rate 0.3', '--epochs', '3', '--json', '--dir', folder])
    expect(code).toBe(0)
    expect(recordOf(stdout)).toMatchObject({
      status: 'finished',
      config: { epochs: 3 },
      moment: { epoch: 3, update: 51 },
    })
    expect((await batchlab(['resume', 'rate 0.3', '--epochs', '2', '--dir', folder])).code).toBe(2)
  })
})

describe('batchlab fork, evaluate and compare', () => {
  it('fork a run from a checkpoint with a changed setting and leave the old one alone', async () => {
    const before = await json<Run>('show', 'told', '--dir', folder)
    const { code, stdout } = await batchlab([
      'fork',
      'told',
      '--from',
      'last',
      '--set',
      'epochs=5',
      '--set',
      'learningRate.base=0.01',
      '--set',
      'name=fork',
      '--json',
      '--dir',
      folder,
    ])
    expect(code).toBe(0)
    expect(recordOf(stdout)).toMatchObject({
      status: 'finished',
      moment: { epoch: 5, update: 85 },
      origin: { type: 'fork', run: before.id, checkpoint: 'last', update: 51 },
    })
    expect(await json<Run>('show', 'told', '--dir', folder)).toEqual(before)
    const refused = await batchlab(['fork', 'told', '--from', 'best-99999', '--dir', folder])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/has no checkpoint best-99999: it has .*last/)
  })

  it('measure what the run itself measured, and count the images that differ', async () => {
    const [told, fork] = [
      await json<Run>('show', 'told', '--dir', folder),
      await json<Run>('show', 'fork', '--dir', folder),
    ]
    interface Measured {
      readonly accuracy: number
      readonly loss: number
      readonly images: number
      readonly confusion: number[][]
      readonly labels: number[]
      readonly predictions: number[]
    }
    const measured = await json<Measured>('evaluate', 'told/last', '--predictions', ...engine, '--dir', folder)
    expect(measured).toMatchObject(told.test.last!.score)
    expect(measured.labels.filter((label, index) => label === measured.predictions[index]).length / 359).toBeCloseTo(
      measured.accuracy,
      12,
    )
    expect(measured.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(359)

    interface Compared {
      readonly a: Measured
      readonly b: Measured
      readonly fixed: number
      readonly broken: number
      readonly bothRight: number
      readonly bothWrong: number
      readonly p: number
    }
    const compared = await json<Compared>('compare', 'told/last', 'fork/last', ...engine, '--dir', folder)
    expect([compared.a.accuracy, compared.b.accuracy]).toEqual([
      told.test.last!.score.accuracy,
      fork.test.last!.score.accuracy,
    ])
    const { fixed, broken, bothRight, bothWrong } = compared
    expect(fixed + broken + bothRight + bothWrong).toBe(359)
    expect((bothRight + fixed) / 359).toBeCloseTo(compared.b.accuracy, 12)
    expect((bothRight + broken) / 359).toBeCloseTo(compared.a.accuracy, 12)
    const choose = (n: number, k: number): number =>
      Array.from({ length: k }, (_, i) => (n - i) / (i + 1)).reduce((product, factor) => product * factor, 1)
    const [n, least] = [fixed + broken, Math.min(fixed, broken)]
    const exact = Math.min(
      1,
      (2 * Array.from({ length: least + 1 }, (_, k) => choose(n, k)).reduce((sum, one) => sum + one, 0)) / 2 ** n,
    )
    expect(compared.p).toBeCloseTo(exact, 9)
  })

  it('refuse a file that is no checkpoint', async () => {
    const file = join(folder, 'not.safetensors')
    writeFileSync(file, 'not a checkpoint at all')
    const { code, stdout, stderr } = await batchlab(['evaluate', file, '--json'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('not.safetensors')
  })
})

describe('batchlab doctor', () => {
  it('ends in good order after every engine was tried', async () => {
    const { code, stdout } = await batchlab(['doctor', '--engines-only', '--json', '--dir', folder])
    expect([code, (JSON.parse(stdout) as unknown[]).length]).toEqual([0, 3])
  })

  it('says of each engine whether it works, and why not', async () => {
    const { stdout } = await batchlab(['doctor', '--json', '--dir', folder])
    const { engines, best } = JSON.parse(stdout) as {
      engines: { name: string; works: boolean; reason: string }[]
      best: string
    }
    expect(engines.map(({ name }) => name)).toEqual(expect.arrayContaining(['tensorflow', 'wasm', 'cpu']))
    for (const { works, reason } of engines) expect(reason === '').toBe(works)
    expect(best).toBe(testedEngines[0])
    expect(engines.filter(({ works }) => works).map(({ name }) => name)).toEqual([...testedEngines])
  })
})
