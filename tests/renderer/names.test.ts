import { describe, expect, it } from 'vitest'
import { csvOfColumns, csvOfRuns } from '../../renderer/charts/csv'
import { differences, labelOf, settingsByPath } from '../../renderer/differences'
import { estimateTime } from '../../renderer/editor/estimate'
import { autoLabels, describeRun, rateOrigin, runName } from '../../renderer/names'
import { planRun } from '../../core/plan/plan'
import { digitInfo } from '../../renderer/dev/fakeRuns'
import { hostileName } from '../../renderer/dev/recipes'
import { secondsLeft } from '../../core/runStatistics'
import { fakeRun } from './fakeRun'

describe('names', () => {
  it('call a run without a name by its settings', () => {
    const { run } = fakeRun(1)
    expect(describeRun(run)).toBe('LeNet-5 · Digits · B 32 · η 0.1')
    expect(runName({ ...run, name: '  ' })).toBe('LeNet-5 · Digits · B 32 · η 0.1')
    expect(runName({ ...run, name: hostileName })).toBe(hostileName)
  })

  it('call runs shown together by what differs between them', () => {
    const runs = [fakeRun(1, { batchSize: 64 }).run, fakeRun(2, { batchSize: 512, learningRate: { base: 0.4 } }).run]
    expect(autoLabels(runs)).toEqual(['B 64 · η 0.1', 'B 512 · η 0.4'])
  })

  it('say the rate that trains, not the base rate', () => {
    const scaling = { type: 'linear' } as const
    const runs = [
      [64, 0.1],
      [512, 0.2],
    ].map(
      ([batchSize, base], index) =>
        fakeRun(index, { batchSize: batchSize!, learningRate: { base: base!, referenceBatch: 128, scaling } }).run,
    )
    expect(runs.map(runName)).toEqual(['LeNet-5 · Digits · B 64 · η 0.05', 'LeNet-5 · Digits · B 512 · η 0.8'])
    expect(autoLabels(runs)).toEqual(['B 64 · η 0.05', 'B 512 · η 0.8'])
    expect(rateOrigin(runs[1]!)).toBe('The base rate 0.2 at batch 128, by the linear rule at batch 512')
  })

  it('name the base rate as such while the data are not known that the rule needs', () => {
    const { run } = fakeRun(1, { batchSize: 23, learningRate: { base: 0.5, scaling: { type: 'datasetProportional' } } })
    expect(describeRun(run)).toBe('LeNet-5 · Digits · B 23 · η 0.01')
    expect(describeRun({ ...run, facts: null })).toBe('LeNet-5 · Digits · B 23 · η₀ 0.5')
  })

  it('tell apart runs whose settings do not', () => {
    const labels = autoLabels([fakeRun(1).run, fakeRun(2).run])
    expect(new Set(labels).size).toBe(2)
  })
})

describe('differences', () => {
  it('list only settings that differ, with their labels and values', () => {
    const a = fakeRun(1, { name: 'a', network: { type: 'mlp', hidden: [64] } }).run.config
    const b = fakeRun(2, { name: 'b', network: { type: 'lenet' }, optimizer: { type: 'sgd', nesterov: true } }).run
      .config
    const rows = differences([a, b])
    expect(rows.map(({ path }) => path)).toEqual([
      'network.type',
      'network.hidden',
      'network.batchNorm',
      'optimizer.nesterov',
    ])
    expect(rows[0]).toMatchObject({ label: 'Network', values: ['Multilayer perceptron', 'LeNet-5'] })
    expect(rows[1]?.values).toEqual(['64', '–'])
    expect(rows[3]).toMatchObject({ label: 'Optimizer: nesterov', values: ['off', 'on'] })
  })

  it('call a setting what the kind that it belongs to calls it', () => {
    const schedules = [
      { type: 'step', factor: 0.5 },
      { type: 'cyclic', factor: 4 },
      { type: 'stretch', factor: 2 },
    ] as const
    const labels = schedules.map((schedule) => labelOf('learningRate.schedule.factor', { learningRate: { schedule } }))
    expect(labels).toEqual(['Schedule: factor', 'Schedule: rate factor', 'Schedule: stretch'])
    expect(labelOf('data.source.path', { data: { source: { type: 'idx' } } })).toBe('Data set: folder')
    const [a, b] = [4, 5].map(
      (factor) => fakeRun(1, { learningRate: { schedule: { type: 'cyclic', factor } } }).run.config,
    )
    expect(differences([a!, b!])).toEqual([
      { path: 'learningRate.schedule.factor', label: 'Schedule: rate factor', values: ['4', '5'] },
    ])
  })

  it('have a label for every setting', () => {
    for (const path of settingsByPath(fakeRun(1).run.config).keys()) expect(labelOf(path), path).not.toBe(path)
  })
})

describe('csv', () => {
  it('holds every value of every run, at full resolution', () => {
    const traced = fakeRun(1)
    const rows = csvOfRuns([{ traced, label: 'a' }], 'loss', 'update')
      .trimEnd()
      .split('\r\n')
    expect(rows[0]).toBe('run,label,split,update,update,loss')
    expect(rows.filter((row) => row.includes(',train,'))).toHaveLength(traced.trace.update.length)
    expect(rows.filter((row) => row.includes(',validation,'))).toHaveLength(4)
    expect(rows.filter((row) => row.includes(',test,'))).toHaveLength(2)
  })

  it('quotes what needs it and defuses what a spreadsheet would run', () => {
    expect(csvOfColumns({ name: ['a,b', 'say "hi"', '=SUM(A1)', '@x'], value: [1, null, -2] })).toBe(
      'name,value\r\n"a,b",1\r\n"say ""hi""",\r\n\'=SUM(A1),-2\r\n\'@x,\r\n',
    )
  })
})

describe('estimates', () => {
  it('come from the run of the same network whose batch was nearest', () => {
    const runs = [
      fakeRun(1, { batchSize: 8 }, { secondsPerEpoch: 9 }).run,
      fakeRun(2, { batchSize: 64 }, { secondsPerEpoch: 2 }).run,
      fakeRun(3, { network: { type: 'tinyCnn' }, batchSize: 128 }).run,
    ]
    const { config } = fakeRun(4, { batchSize: 128, epochs: 10 }).run
    const estimate = estimateTime(config, planRun(config, digitInfo), digitInfo.shape, runs)
    expect(estimate?.from.id).toBe(runs[1]?.id)
    expect(estimate?.sameBatch).toBe(false)
    expect(estimate?.seconds).toBeGreaterThan(15)
    expect(estimate?.seconds).toBeLessThan(20)
  })

  it('count the images of every phase where the batch grows', () => {
    const runs = [fakeRun(1, { batchSize: 512 }, { secondsPerEpoch: 2 }).run]
    const { config } = fakeRun(2, {
      batchSize: 512,
      epochs: 10,
      batch: { growth: { type: 'milestones', milestones: [5], unit: 'epochs', factor: 2 } },
    }).run
    const plan = planRun(config, digitInfo)
    // 1,150 images: two updates of 512, then one of 1,024: the same images, in half the updates.
    expect(plan.phases.map(({ updatesPerEpoch }) => updatesPerEpoch)).toEqual([2, 1])
    const grown = estimateTime(config, plan, digitInfo.shape, runs)
    const even = { ...config, batch: { ...config.batch, growth: { type: 'none' as const } } }
    expect(grown?.seconds).toBeCloseTo(
      estimateTime(even, planRun(even, digitInfo), digitInfo.shape, runs)?.seconds ?? NaN,
      9,
    )
  })

  it('are nothing before the first run of a network', () => {
    const { config } = fakeRun(4).run
    expect(estimateTime(config, planRun(config, digitInfo), digitInfo.shape, [])).toBeNull()
  })

  it('say how long a run still takes, from its latest epochs', () => {
    const { run } = fakeRun(1, { epochs: 20 }, { status: 'running', done: 0.5 })
    expect(secondsLeft(run)).toBeGreaterThan(18)
    expect(secondsLeft(run)).toBeLessThan(22)
    expect(secondsLeft({ ...run, moment: { ...run.moment, update: 0 } })).toBeNull()
  })
})
