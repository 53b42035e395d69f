import { describe, expect, it } from 'vitest'
import { reportLines, shortReport, type LibraryReport } from '../../core/libraryReport'

const sound: LibraryReport = { library: '/lab', runs: 2000, lines: 1_234_567, checkpoints: 1, problems: [], notes: [] }

describe('the report on a library', () => {
  it('counts what was read', () => {
    expect(reportLines(sound)).toEqual(['2,000 runs, 1,234,567 lines of logs and 1 checkpoint in /lab: no problem'])
    expect(reportLines({ ...sound, runs: 0, lines: 0, checkpoints: 0 })).toEqual([
      '0 runs, 0 lines of logs and 0 checkpoints in /lab: no problem',
    ])
  })

  it('has a line for each finding, whatever files are called', () => {
    const problems = [{ file: '/lab/runs/a/checkpoints/x\n/lab: no problem', message: 'is\u001b[2J damaged\u202e' }]
    const lines = reportLines({
      ...sound,
      problems,
      notes: [{ file: '/lab/runs/a/left', message: 'was never finished' }],
    })
    expect(lines).toEqual([
      '/lab/runs/a/checkpoints/x /lab: no problem: is\ufffd[2J damaged\ufffd',
      '/lab/runs/a/left: was never finished (no harm)',
      '2,000 runs, 1,234,567 lines of logs and 1 checkpoint in /lab: 1 problem',
    ])
  })

  it('that is short holds as much as a person reads and says how much more there is', () => {
    const many = Array.from({ length: 100_000 }, (_, index) => ({
      file: `/lab/${index}`,
      message: 'x'.repeat(5000),
      run: 'aaaaaaaa',
    }))
    const report = shortReport({ ...sound, problems: many, notes: many.slice(0, 201) })
    expect([report.problems.length, report.notes.length, report.more]).toEqual([
      200,
      200,
      { problems: 99_800, notes: 1 },
    ])
    expect(report.problems[0]?.message).toHaveLength(1000)
    expect(reportLines(report).filter((line) => line.startsWith('and '))).toEqual([
      'and 99,800 problems more',
      'and 1 note more',
    ])
    expect(reportLines(report).at(-1)).toMatch(/: 100,000 problems$/)
  })
})
