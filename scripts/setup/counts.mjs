// Counts of passed, failed and skipped tests from the runners' own reports.
import { readFileSync } from 'node:fs'

const none = { passed: 0, failed: 0, skipped: 0, flaky: [] }

/** Counts in vitest's JSON report; a file that could not be loaded counts as one failed test. */
export function countVitest(file) {
  const report = readReport(file)
  if (report === null) return none
  const unloaded = report.testResults.filter(
    (result) => result.status === 'failed' && !result.assertionResults.some((test) => test.status === 'failed'),
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
    flaky: [],
  }
}

/**
 * Counts in Playwright's JSON report: a test that passed on a second try has passed and is named under `flaky`; an
 * error outside tests has failed.
 */
export function countPlaywright(file) {
  const report = readReport(file)
  if (report === null) return none
  const { expected, unexpected, flaky, skipped } = report.stats
  return {
    passed: expected + flaky,
    failed: unexpected + report.errors.length,
    skipped,
    flaky: (report.suites ?? []).flatMap((suite) => flakyIn(suite, [])),
  }
}

// A suite is a file, or a group of tests in one.
function flakyIn({ title, file, specs = [], suites = [] }, groups) {
  const names = title === file ? groups : [...groups, title]
  const here = specs
    .filter(({ tests }) => tests.some(({ status }) => status === 'flaky'))
    .map((spec) => [file, ...names, spec.title].join(' › '))
  return [...here, ...suites.flatMap((suite) => flakyIn(suite, names))]
}

/** All counts added up. */
export const sum = (counts) =>
  counts.reduce(
    (all, one) => ({
      passed: all.passed + one.passed,
      failed: all.failed + one.failed,
      skipped: all.skipped + one.skipped,
      flaky: [...all.flaky, ...(one.flaky ?? [])],
    }),
    none,
  )

/** The line that a test run ends with. */
export const summary = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

/** What a test run ends with: each test that passed only on its second try, what failed, and the counts. */
export const ending = (total, failures) => [
  ...total.flaky.map((name) => `FLAKY (passed on its second try): ${name}`),
  ...failures.map((failure) => `FAILED: ${failure}`),
  summary(total),
]

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}
