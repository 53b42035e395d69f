import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { countPlaywright, countVitest, ending, sum, summary } from '../../scripts/setup/counts.mjs'
import { removeFolder } from '../support/cleanup'

describe('counting tests', () => {
  let folder: string
  const report = (value: unknown) => {
    const file = path.join(folder, 'report.json')
    writeFileSync(file, JSON.stringify(value))
    return file
  }
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'batchlab-counts-'))
  })
  afterEach(() => removeFolder(folder))

  it('counts a test file that could not be loaded as one failed test', () => {
    const testResults = [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{ status: 'failed' }, { status: 'passed' }] },
      { status: 'passed', assertionResults: [{ status: 'passed' }] },
    ]
    expect(
      countVitest(report({ numPassedTests: 2, numFailedTests: 1, numPendingTests: 3, numTodoTests: 1, testResults })),
    ).toEqual({ passed: 2, failed: 2, skipped: 4, flaky: [] })
  })

  it('counts a window test that passed on its second try as passed, and an error outside tests as failed', () => {
    const stats = { expected: 5, unexpected: 1, flaky: 1, skipped: 2 }
    expect(countPlaywright(report({ stats, errors: [{ message: 'no config' }] }))).toEqual({
      passed: 6,
      failed: 2,
      skipped: 2,
      flaky: [],
    })
  })

  it('names what passed on its second try just before the last line', () => {
    const spec = (title: string, status: string) => ({ title, tests: [{ status }] })
    const file = 'window.spec.ts'
    const suites = [
      {
        title: file,
        file,
        specs: [spec('opens', 'flaky'), spec('closes', 'expected')],
        suites: [{ title: 'a run', file, specs: [spec('ends', 'flaky'), spec('fails', 'unexpected')] }],
      },
    ]
    const stats = { expected: 1, unexpected: 1, flaky: 2, skipped: 0 }
    const window = countPlaywright(report({ stats, errors: [], suites }))
    expect(ending(sum([window, { passed: 1, failed: 0, skipped: 0 }]), ['Window tests: 1 failed'])).toEqual([
      'FLAKY (passed on its second try): window.spec.ts › opens',
      'FLAKY (passed on its second try): window.spec.ts › a run › ends',
      'FAILED: Window tests: 1 failed',
      '4 passed, 1 failed',
    ])
  })

  it('counts nothing where a runner left no report', () => {
    expect(countVitest(path.join(folder, 'none.json'))).toEqual({
      passed: 0,
      failed: 0,
      skipped: 0,
      flaky: [],
    })
  })

  it('ends with a line that names skipped tests only when there are some', () => {
    const all = sum([
      { passed: 2, failed: 0, skipped: 0 },
      { passed: 3, failed: 1, skipped: 0 },
    ])
    expect(summary(all)).toBe('5 passed, 1 failed')
    expect(summary({ ...all, skipped: 4 })).toBe('5 passed, 1 failed, 4 skipped')
  })
})
