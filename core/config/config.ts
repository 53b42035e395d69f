import { z } from 'zod'
import { BatchConfig } from './batch'
import { DataConfig } from './data'
import { DiagnosticsConfig } from './diagnostics'
import { EngineConfig } from './engine'
import { LearningRateConfig } from './learningRate'
import { mostEpochs } from './limits'
import { NetworkConfig, NetworkOptions } from './network'
import { OptimizerConfig } from './optimizer'
import { RegularisationConfig } from './regularisation'
import { CheckpointConfig, EarlyStoppingConfig } from './stopping'

/**
 * A run is a config: everything that decides what a training does, as one plain JSON value. Defaults, limits, units,
 * labels and help live here and nowhere else.
 */
export const RunConfig = z.strictObject({
  name: z.string().max(300).default('').meta({
    label: 'Name',
    help: 'Free text; shown everywhere, never part of a path. Empty: named after its settings',
  }),
  data: DataConfig.prefault({}),
  network: NetworkConfig.prefault({ type: 'tinyCnn' }),
  networkOptions: NetworkOptions.prefault({}),
  batchSize: z
    .number()
    .int()
    .min(1)
    .max(65536)
    .default(128)
    .meta({ label: 'Batch size', unit: 'images', help: 'Images per update', log: true }),
  batch: BatchConfig.prefault({}),
  learningRate: LearningRateConfig.prefault({}),
  optimizer: OptimizerConfig.prefault({ type: 'sgd' }),
  regularisation: RegularisationConfig.prefault({}),
  epochs: z
    .number()
    .int()
    .min(1)
    .max(mostEpochs)
    .default(20)
    .meta({ label: 'Epochs', unit: 'epochs', help: 'Passes over the training images' }),
  earlyStopping: EarlyStoppingConfig.prefault({}),
  checkpoints: CheckpointConfig.prefault({}),
  diagnostics: DiagnosticsConfig.prefault({}),
  seed: z
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(1)
    .meta({ label: 'Seed', help: 'Data order, augmentation, dropout and initial weights follow from it alone' }),
  engine: EngineConfig.prefault({}),
})
export type RunConfig = z.output<typeof RunConfig>
/** A config as people write it: everything with a default may be left out. */
export type RunConfigInput = z.input<typeof RunConfig>
