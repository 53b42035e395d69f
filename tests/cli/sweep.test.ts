import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { RunConfig } from '../../core/config/config'
import type { SweepResult } from '../../main/cli/sweepResults'
import { markdownTable, sweepTable } from '../../main/cli/sweepResults'
import { migrate, seal, snapshotOf, unseal } from '../../main/files/envelope'
import { runShape } from '../../main/library/runFolder'
import { at, log } from '../support/history'
import { batchlab, start, temporaryFolder } from './built'

vi.setConfig({ testTimeout: 90_000 })

const quick = ['--set', 'network.type=mlp', '--set', 'network.hidden=[16]', '--set', 'engine.backend=cpu']

const summary = (stdout: string): readonly SweepResult[] => {
  const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as {
    readonly type: string
    readonly results: readonly SweepResult[]
  }
  expect(last.type).toBe('summary')
  return last.results
}

describe('batchlab sweep', () => {
  const dryRun = async (...args: readonly string[]): Promise<readonly RunConfig[]> =>
    JSON.parse((await batchlab(['sweep', ...args, '--dry-run', '--json'])).stdout) as readonly RunConfig[]

  it('makes every combination of settings and seeds, and names what differs', async () => {
    const configs = await dryRun(
      ...quick,
      '--grid',
      'batchSize=16,64',
      '--grid',
      'learningRate.base=0.1,0.2',
      '--seeds',
      '2',
      '--set',
      'seed=5',
    )
    expect(configs.map(({ batchSize, learningRate, seed }) => [batchSize, learningRate.base, seed])).toEqual([
      [16, 0.1, 5],
      [16, 0.1, 6],
      [16, 0.2, 5],
      [16, 0.2, 6],
      [64, 0.1, 5],
      [64, 0.1, 6],
      [64, 0.2, 5],
      [64, 0.2, 6],
    ])
    expect(configs[2]?.name).toBe('batchSize 16 · learningRate.base 0.2 · seed 5')
    expect(new Set(configs.map(({ name }) => name)).size).toBe(8)
  })

  it('takes all configs of a preset, at their small size too', async () => {
    const configs = await dryRun('--preset', 'hoffer/f1:small', '--preset', 'demo')
    expect(configs.map(({ name }) => name)).toEqual([
      ...['small', 'large', 'large-rate', 'large-ghost', 'large-adapted', 'large-noise'].map(
        (name) => `hoffer/f1/${name}:small`,
      ),
      configs[6]?.name,
    ])
    expect(configs[0]).toMatchObject({ data: { source: { type: 'digits' } } })
  })

  it.each<[string, readonly string[], RegExp]>([
    ['an unknown setting', ['--grid', 'batchSizes=1,2'], /there is no such setting; did you mean batchSize/],
    ['a value out of range', ['--grid', 'batchSize=32,0'], /batchSize must be at least 1, found 0/],
    ['a config that contradicts its data', ['--grid', 'batchSize=32,5000'], /batchSize/],
    [
      'a grid that is given twice',
      ['--grid', 'batchSize=1,2', '--grid', 'batchSize=3'],
      /--grid batchSize is given twice/,
    ],
    ['no values', ['--grid', 'batchSize='], /--grid expects PATH=VALUE/],
    ['seeds as a grid', ['--grid', 'seed=1,2'], /--seeds/],
    ['no seeds', ['--seeds', '0'], /--seeds must be a whole number of at least 1/],
    ['an unknown preset', ['--preset', 'notes/exp9'], /no preset “notes\/exp9”/],
    ['too many runs', ['--seeds', '20000'], /at most 10000/],
  ])('refuses %s before anything is trained', async (_, args, sentence) => {
    const { code, stdout, stderr } = await batchlab(['sweep', ...args, '--dir', temporaryFolder()])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(sentence)
  })

  it('goes on past a run that diverges, pauses at Ctrl-C, and goes on with the same command without repeating a run', async () => {
    const folder = temporaryFolder()
    const args = [
      'sweep',
      ...quick,
      '--set',
      'optimizer.reduction=sum',
      '--set',
      'network.hidden=[64, 64]',
      '--set',
      'batchSize=16',
      '--set',
      'epochs=12',
      '--grid',
      'learningRate.base=100,0.001,0.0005',
      '--dir',
      folder,
      '--json',
    ]
    const first = start(args)
    await first.event('advanced')
    // The first diverges within its first epoch; the second is the one that ends an epoch.
    await first.event('epochEnded')
    first.child.kill('SIGINT')
    const interrupted = await first.done
    expect(interrupted.code).toBe(130)
    expect(summary(interrupted.stdout).map(({ status }) => status)).toEqual(['diverged', 'paused'])

    const second = await batchlab(args)
    expect(second.code).toBe(1)
    const results = summary(second.stdout)
    expect(results.map(({ status }) => status)).toEqual(['diverged', 'finished', 'finished'])
    expect(results[1]?.run).toBe(summary(interrupted.stdout)[1]?.run)
    expect(results[1]).toMatchObject({ batchSize: 16, learningRate: 0.001, updates: 12 * 71 })
    expect(results[2]?.test.last).toBeGreaterThan(0.5)

    const third = await batchlab(args)
    expect(summary(third.stdout)).toEqual(results)
    expect(third.stdout.trimEnd().split('\n')).toHaveLength(1)
  })
})

describe('what a sweep takes for done', () => {
  const cycle = [
    ...quick,
    '--set',
    'learningRate.base=0.1',
    '--set',
    'learningRate.schedule.type=oneCycle',
    '--set',
    'batchSize=64',
  ]
  const runsIn = async (folder: string) =>
    JSON.parse((await batchlab(['list', '--json', '--dir', folder])).stdout) as readonly {
      readonly id: string
      readonly origin: { readonly type: string }
    }[]

  it('is no fine-tuned, forked or extended run of the same settings; its highest rate is that of any update', async () => {
    const folder = temporaryFolder()
    const sweepOf = async (epochs: number) =>
      await batchlab([
        'sweep',
        ...cycle,
        '--set',
        `epochs=${epochs}`,
        '--grid',
        'data.splitSeed=7',
        '--dir',
        folder,
        '--json',
      ])
    const first = summary((await sweepOf(1)).stdout)
    expect(first[0]?.learningRate).toBeGreaterThan(0.09)
    expect(first[0]?.learningRate).toBeLessThanOrEqual(0.1)
    const id = first[0]?.run ?? ''
    expect(summary((await sweepOf(1)).stdout)).toEqual(first)

    // The same config with other origins: neither is what the sweep asks for.
    const config = JSON.stringify(
      (JSON.parse((await batchlab(['show', id, '--json', '--dir', folder])).stdout) as { readonly config: unknown })
        .config,
    )
    await batchlab(['fork', id, '--from', 'best', '--set', 'epochs=2', '--dir', folder])
    await batchlab(
      [
        'train',
        '-',
        '--weights',
        `${folder}/runs/${id}/checkpoints/last.safetensors`,
        '--set',
        'epochs=2',
        '--dir',
        folder,
      ],
      { input: config },
    )
    const [jump, extended] = [
      await batchlab(['resume', id, '--epochs', '2', '--dir', folder]),
      await batchlab(['resume', id, '--epochs', '2', '--schedule', 'replan', '--dir', folder]),
    ]
    expect([jump.code, extended.code]).toEqual([2, 0])
    expect(jump.stderr).toMatch(/^schedule must be chosen.*replan.*hold.*restart/m)
    expect(await runsIn(folder)).toHaveLength(3)
    const second = await sweepOf(2)
    expect(second.code).toBe(0)
    expect(await runsIn(folder)).toHaveLength(4)
    const shown = (await batchlab(['show', id, '--dir', folder])).stdout
    expect(shown).toMatch(/Extended from 1 to 2 epochs at update \d+/)
    expect((await batchlab(['list', '--dir', folder])).stdout).toContain('2/2 (1+1)')
  })

  it('is no run that an older program extended, of which only the log says so', async () => {
    const folder = temporaryFolder()
    const args = ['sweep', ...cycle, '--set', 'epochs=1', '--grid', 'data.splitSeed=7', '--dir', folder, '--json']
    const id = summary((await batchlab(args)).stdout)[0]?.run ?? ''
    const run = join(folder, 'runs', id)
    // As it was written before records kept it: the file of the run has no word of it, the list is made from the files.
    const { extensions, ...older } = migrate('', unseal('', readFileSync(join(run, 'run.json')), 32), runShape)
    expect(extensions).toEqual([])
    writeFileSync(join(run, 'run.json'), seal(1, 1, snapshotOf(older)).bytes)
    for (const name of readdirSync(folder)) if (name.startsWith('library.json')) rmSync(join(folder, name))
    expect(summary((await batchlab(args)).stdout)[0]?.run).toBe(id)
    log(folder, id, { type: 'extended', at, epochs: 1 })
    const [again] = summary((await batchlab(args)).stdout)
    expect(again?.run).not.toBe(id)
    expect(await runsIn(folder)).toHaveLength(2)
  })

  it('counts what is done where it was interrupted before anything was', async () => {
    const folder = temporaryFolder()
    const sweeping = start([
      'sweep',
      ...cycle,
      '--set',
      'epochs=200',
      '--grid',
      'batchSize=32,64',
      '--dir',
      folder,
      '--json',
    ])
    await sweeping.event('started')
    sweeping.child.kill('SIGINT')
    const { code, stderr } = await sweeping.done
    expect(code).toBe(130)
    expect(stderr).toContain('1 of 2 runs: ')
    expect(stderr).toContain('0 of 2 runs done; the same command goes on')
  })
})

describe('the results of a sweep', () => {
  const result: SweepResult = {
    run: 'a',
    name: 'a|b',
    status: 'finished',
    batchSize: 1024,
    learningRate: 0.8,
    updates: 54,
    seconds: 12.34,
    validation: 0.5,
    test: { last: 0.41604, chosen: null },
    source: '',
  }

  it('are a Markdown table', () => {
    expect(markdownTable(sweepTable([result]))).toBe(
      [
        '| run | batch | highest rate | updates | training | validation | test | test, chosen | status |',
        '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
        '| a\\|b | 1,024 | 0.8 | 54 | 12 s | 50.00 % | 41.60 % | – | finished |',
      ].join('\n'),
    )
  })

  it('have a column for the source where there is one', () => {
    expect(sweepTable([result, { ...result, source: '39.46 %' }]).rows.map((row) => row[8])).toEqual(['', '39.46 %'])
  })
})
