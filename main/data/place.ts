import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { DataConfig } from '../../core/config/data'
import { dataAt, pathOf } from '../../core/config/place'

/**
 * A path as somebody typed it, as one that means the same from everywhere: `~` is their home folder, and the rest lies
 * below `from`.
 */
export const fullPath = (typed: string, from: string = process.cwd()): string =>
  typed === '~' || /^~[/\\]/.test(typed) ? join(homedir(), typed.slice(1)) : resolve(from, typed)

/** The same images by their full path. */
export function withFullPath<T extends { readonly data: DataConfig }>(config: T, from?: string): T {
  const path = pathOf(config.data.source)
  return path === undefined ? config : { ...config, data: dataAt(config.data, fullPath(path, from)) }
}
