import { parseConfig } from '../../core/config/parse'
import type { RunConfig, RunConfigInput } from '../../core/config/config'
import type { DatasetInfo } from '../../core/datasetInfo'
import { contradictions, planRun, type Plan } from '../../core/plan/plan'

/** Facts of a data set of so many training images, 32×32 in colour, 10 classes. */
export const infoOf = (train: number): DatasetInfo => ({
  name: 'images',
  classes: Array.from({ length: 10 }, (_, i) => `class ${i}`),
  shape: [32, 32, 3],
  counts: { train, validation: 100, test: 100 },
  mean: [0, 0, 0],
  std: [1, 1, 1],
  fingerprint: '',
})

export const configOf = (input: RunConfigInput): RunConfig => {
  const parsed = parseConfig(input)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  return parsed.value
}

/** The plan of a config that nothing contradicts. */
export function planOf(input: RunConfigInput, images: number): Plan {
  const config = configOf(input)
  const issues = contradictions(config, infoOf(images))
  if (issues.length > 0) throw new Error(JSON.stringify(issues))
  return planRun(config, infoOf(images))
}
