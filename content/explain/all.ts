import { batchPages } from './batches'
import { cyclePages } from './cycles'
import { diagnosticPages } from './diagnostics'
import { optimizerPages } from './optimizers'
import { groups, type Page } from './page'
import { regularisationPages } from './regularisers'
import { rulePages } from './rules'
import { schedulePages } from './schedules'

/**
 * Every explanation, chapter by chapter. Adding one: an entry in its file, with an example that is a plan or a plot in
 * plots/; the documentation follows with `npx vitest run tests/content/explain.test.ts -u`.
 */
export const pages: readonly Page[] = [
  ...schedulePages,
  ...cyclePages,
  ...rulePages,
  ...batchPages,
  ...optimizerPages,
  ...regularisationPages,
  ...diagnosticPages,
]
  .slice()
  .sort((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group))

/** The page of that id; undefined where there is none. */
export const pageOf = (id: string): Page | undefined => pages.find((page) => page.id === id)

/**
 * The page that explains a setting: the one for its value if there is one, else the one for its path or for the longest
 * part of it; undefined where nothing does.
 */
export function pageFor(place: string, value?: string): Page | undefined {
  // A schedule inside another is explained as itself.
  const path = place.replace(/^learningRate\.schedule(\.parts\.\d+\.schedule|\.schedule)+/, 'learningRate.schedule')
  let [best, length] = [undefined as Page | undefined, 0]
  for (const page of pages) {
    for (const setting of page.settings) {
      const isValue =
        setting.value !== undefined &&
        setting.value === value &&
        (path === setting.path || path === `${setting.path}.type`)
      const isPath = setting.value === undefined && (path === setting.path || path.startsWith(`${setting.path}.`))
      const match = isValue ? Infinity : isPath ? setting.path.length : 0
      if (match > length) [best, length] = [page, match]
    }
  }
  return best
}
