import { dataName, describeRun, networkName, rateName, runName, titleOf } from '../core/names'
import type { Run } from '../core/run'
import { formatCount, quantity } from '../core/numbers'
import { differences } from './differences'
import { insideSentence } from './format'

export { dataName, describeRun, networkName, runName, titleOf }

/** Where a run's rate comes from, in a sentence. */
export function rateOrigin({
  config: {
    batchSize,
    learningRate: { base, referenceBatch, scaling },
  },
  facts: info,
}: Pick<Run, 'config' | 'facts'>): string {
  switch (scaling.type) {
    case 'fixed':
      return `The base rate ${quantity(base)}, for every batch size`
    case 'momentum':
      return `The base rate ${quantity(base)}: this rule scales the momentum`
    case 'linear':
    case 'squareRoot':
      return (
        `The base rate ${quantity(base)} at batch ${formatCount(referenceBatch)}, by the ` +
        `${scaling.type === 'linear' ? 'linear' : 'square root'} rule at batch ${formatCount(batchSize)}`
      )
    case 'constantRatio':
      return `${quantity(scaling.ratio)} per image of the batch; the base rate plays no part`
    case 'datasetProportional':
      return (
        `The base rate ${quantity(base)} times batch size / training ` +
        `images${info === null ? ', which are counted when the run starts' : ` (${formatCount(info.counts.train)})`}`
      )
  }
}

const symbols: Readonly<Record<string, string>> = {
  batchSize: 'B',
  'learningRate.referenceBatch': 'B₀',
  'optimizer.momentum': 'μ',
  'optimizer.weightDecay': 'λ',
  'batch.ghostSize': 'ghost',
  seed: 'seed',
  epochs: 'epochs',
}
// Settings whose value says what it is by itself.
const selfEvident = new Set([
  'network.type',
  'data.source.type',
  'learningRate.schedule.type',
  'learningRate.scaling.type',
  'engine.backend',
])

/**
 * Short names for runs shown together: what differs between them ("B 512 · η 0.4"); where that does not tell two apart,
 * their own names.
 */
export function autoLabels(runs: readonly Run[]): readonly string[] {
  const rows = differences(runs.map((run) => run.config)).slice(0, 4)
  const labels = runs.map((run, index) => {
    if (runs.length < 2 || rows.length === 0) return runName(run)
    return rows
      .map(({ path, label, values }) => {
        const value = values[index] ?? ''
        if (path === 'learningRate.base') return rateName(run)
        if (selfEvident.has(path)) return path === 'network.type' ? networkName(run.config.network) : value
        return `${symbols[path] ?? insideSentence(label)} ${value}`
      })
      .join(' · ')
  })
  const seen = new Map<string, number>()
  for (const label of labels) seen.set(label, (seen.get(label) ?? 0) + 1)
  return labels.map((label, index) => {
    const run = runs[index]
    return run !== undefined && (seen.get(label) ?? 0) > 1 ? `${runName(run)} (${run.id.slice(-4)})` : label
  })
}
