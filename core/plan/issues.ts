import type { RunConfig } from '../config/config'
import type { DatasetInfo } from '../datasetInfo'
import type { Issue } from '../issue'

/** What makes the methods of a config contradict each other, one sentence per field. */
export function batchIssues(config: RunConfig, info: DatasetInfo): readonly Issue[] {
  const issues: Issue[] = []
  const refuse = (path: string, message: string): void => void issues.push({ path, message })
  const { batchSize, batch, optimizer } = config
  const { growth, workers, gradientNoise, denseBatch } = batch
  const { referenceBatch } = config.learningRate

  if (growth.type !== 'none') {
    if (growth.cap !== null && growth.cap < batchSize)
      refuse('batch.growth.cap', `must be at least the batch size ${batchSize}, found ${growth.cap}`)
    if (batch.regimeAdaptation !== 'off')
      refuse(
        'batch.regimeAdaptation',
        'cannot be combined with a growing batch: both decide how many updates there are',
      )
    const beyond = growth.unit === 'fraction' ? growth.milestones.find((milestone) => milestone > 1) : undefined
    if (beyond !== undefined)
      refuse(
        'batch.growth.milestones',
        `must be between 0 and 1 as fractions, found ${beyond}; choose epochs for larger numbers`,
      )
  }
  if (batch.regimeAdaptation === 'updates' && referenceBatch > info.counts.train) {
    refuse(
      'learningRate.referenceBatch',
      `must be at most the ${info.counts.train} training images for regime adaptation by updates, found ` +
        `${referenceBatch}`,
    )
  }
  if (gradientNoise.type === 'multiplicative' && gradientNoise.variance === null && batchSize < referenceBatch) {
    refuse(
      'batch.gradientNoise.variance',
      `must be given where the batch size ${batchSize} is below the reference batch ${referenceBatch}: noise ` +
        'can only be added',
    )
  }
  if (denseBatch !== null) {
    if (denseBatch > batchSize)
      refuse('batch.denseBatch', `must be at most the batch size ${batchSize}, found ${denseBatch}`)
    if (config.network.type === 'mlp')
      refuse(
        'batch.denseBatch',
        'needs a network with convolutions, found a multilayer perceptron: lower the batch size instead',
      )
    if (batch.microBatch !== null)
      refuse('batch.microBatch', 'cannot be combined with a batch size of the dense layers')
    if (!('momentum' in optimizer))
      refuse('batch.denseBatch', `needs SGD or LARS, found ${optimizer.type}, whose averages count every update alike`)
    if (workers.type !== 'none') refuse('batch.workers', 'cannot be combined with a batch size of the dense layers')
  }
  if (workers.type !== 'none') {
    if (batchSize % workers.workers !== 0)
      refuse('batch.workers.workers', `must divide the batch size ${batchSize}, found ${workers.workers}`)
    if (batch.lastPartial === 'keep')
      refuse('batch.lastPartial', 'must be drop with simulated workers: each needs its whole part of the batch')
    if (batch.microBatch !== null)
      refuse(
        'batch.microBatch',
        'cannot be combined with simulated workers, whose parts already are computed one by one',
      )
    if (growth.type !== 'none') refuse('batch.growth', 'cannot be combined with simulated workers')
    if (optimizer.reduction === 'sum')
      refuse(
        'optimizer.reduction',
        'must be mean with simulated workers: the mean of their steps along sums is so many times shorter than ' +
          'the step along the sum of the batch',
      )
  }
  if (config.learningRate.scaling.type === 'momentum' && !('momentum' in optimizer)) {
    refuse(
      'learningRate.scaling',
      `needs SGD or LARS for the momentum rule, found ${optimizer.type}, whose β₁ averages gradients and adds ` +
        'nothing up',
    )
  }
  if ('ownDropout' in config.network && config.network.ownDropout && config.networkOptions.dropout > 0) {
    refuse(
      'networkOptions.dropout',
      `must be 0 for a network with its own dropout, found ${config.networkOptions.dropout}; switch one of them off`,
    )
  }
  return issues
}
