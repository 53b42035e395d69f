import type { RunConfig } from './config'
import type { DataConfig, DataSource } from './data'

/**
 * Where the files of a data source lie, as it stands in the config; undefined where it has none, as the built-in
 * digits.
 */
export const pathOf = (source: DataSource): string | undefined => ('path' in source ? source.path : undefined)

/** The same images somewhere else; a source without files stays as it is. */
export const dataAt = (data: DataConfig, path: string): DataConfig =>
  'path' in data.source ? { ...data, source: { ...data.source, path } } : data

/** The same run on the same images somewhere else. */
export const withSourcePath = (config: RunConfig, path: string): RunConfig => ({
  ...config,
  data: dataAt(config.data, path),
})
