import { describe, expect, it } from 'vitest'
import type { BenchNetwork } from '../../bench/cases'
import { reportOf, type Circumstances } from '../../bench/report'
import { ratiosOf, standingOf, type CaseResult } from '../../bench/results'
import { footnotes, liveTable } from '../../bench/table'

const named = {
  'tensorflow captured': ['tensorflow', 'captured'],
  'tensorflow eager': ['tensorflow', 'eager'],
  'wasm eager': ['wasm', 'eager'],
  pytorch: ['pytorch', 'eager'],
} as const

/** A case as it was recorded: images per second of each contestant in each round. */
function recorded(
  network: BenchNetwork,
  batchSize: number,
  speeds: Partial<Record<keyof typeof named, readonly (number | null)[]>>,
  failures: CaseResult['failures'] = [],
): CaseResult {
  const standings = Object.entries(speeds).flatMap(([name, turns]) => {
    const [engine, mode] = named[name as keyof typeof named]
    return standingOf({ name, engine, mode, details: '2 threads' }, { speeds: turns, failure: '' }) ?? []
  })
  return {
    network,
    batchSize,
    loadBefore: [0.1, 0.2, 0.3],
    loadAfter: [1.1, 0.4, 0.3],
    standings,
    ratios: ratiosOf(standings),
    failures,
  }
}

const results = [
  recorded('conv4', 2, {
    'tensorflow captured': [628, 600, 640],
    'tensorflow eager': [240, 220, 260],
    'wasm eager': [20.04, 20, 20.06],
    pytorch: [590, 610, 588],
  }),
  recorded(
    'resnet8',
    32,
    { 'tensorflow captured': [1200, 1225, 1240], 'tensorflow eager': [740, 700, 760], pytorch: [1316, 1300, 1400] },
    [{ name: 'wasm eager', reason: 'it was ended by SIGKILL' }],
  ),
]
const names = Object.keys(named)

describe('the table of speeds', () => {
  it('shows medians and ratios in columns, and marks what is below 1', () => {
    const { head, line } = liveTable(names)
    expect([head, ...results.map(line)].join('\n')).toBe(
      [
        'network      batch  captured     eager      wasm   pytorch  captured/eager  captured/pytorch',
        'conv4            2       628       240        20       590          2.62              1.06',
        'resnet8         32     1,225       740         –     1,316          1.63              0.91 *',
      ].join('\n'),
    )
  })

  it('has no column for somebody who was not asked for, nor a ratio to them', () => {
    expect(liveTable(['tensorflow captured', 'pytorch']).head).toMatch(
      /^network +batch +captured +pytorch +captured\/pytorch$/,
    )
    expect(liveTable(['wasm eager']).head).toMatch(/^network +batch +wasm$/)
  })

  it('says under the table who fell short and who fell out', () => {
    expect(footnotes(results)).toEqual([
      '* The captured step is slower than PyTorch in 1 of 2 cases.',
      'resnet8 at batch 32: wasm eager could not be measured: it was ended by SIGKILL',
    ])
    expect(footnotes(results.slice(0, 1))).toEqual([])
  })
})

describe('standings', () => {
  it('are medians and best turns of the rounds that there were', () => {
    expect(
      standingOf(
        { name: 'pytorch', engine: 'pytorch', mode: 'eager', details: '' },
        { speeds: [10, null, 30, 20], failure: 'gone' },
      ),
    ).toMatchObject({ imagesPerSecond: 20, best: 30 })
    expect(
      standingOf(
        { name: 'pytorch', engine: 'pytorch', mode: 'eager', details: '' },
        { speeds: [null], failure: 'gone' },
      ),
    ).toBeNull()
  })
})

describe('the report', () => {
  const about: Circumstances = {
    batchlab: '0.1.0',
    at: '2026-11-23T12:00:00.000Z',
    platform: 'linux-x64',
    cpu: 'a CPU',
    cores: 2,
    memoryBytes: 8e9,
    versions: { node: '20.0.0' },
    settings: { threads: 2, rounds: 3, seconds: 0.5, updates: null },
  }

  it('holds machine, versions, loads, standings and ratios', () => {
    const report = reportOf(about, { cases: results, measurements: {}, skipped: [] })
    expect(JSON.parse(JSON.stringify(report))).toMatchObject({
      cpu: 'a CPU',
      cores: 2,
      memoryBytes: 8e9,
      at: '2026-11-23T12:00:00.000Z',
      versions: { node: '20.0.0' },
      cases: [
        {
          network: 'conv4',
          batchSize: 2,
          loadBefore: [0.1, 0.2, 0.3],
          standings: [{ name: 'tensorflow captured', imagesPerSecond: 628, best: 640 }, {}, {}, {}],
        },
        { ratios: { capturedToPytorch: 1200 / 1316 } },
      ],
    })
    expect(report).not.toHaveProperty('imagesPerSecond')
  })

  it('has the speed on top where there is only one', () => {
    expect(
      reportOf(about, {
        cases: [recorded('conv4', 2, { 'tensorflow captured': [600, 620, 640] })],
        measurements: {},
        skipped: [],
      }).imagesPerSecond,
    ).toBe(620)
  })
})
