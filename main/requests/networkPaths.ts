import type { DataConfig } from '../../core/config/data'
import { pathOf } from '../../core/config/place'
import { requestError } from './requestError'

/**
 * Whether a system would ask another computer for what lies at a path: on Windows a share, however it is written, or a
 * device.
 */
const isOnNetwork = (path: string, platform: string): boolean => platform === 'win32' && /^[\\/]{2}/.test(path.trim())

export interface NetworkPaths {
  /** Throws where a request names a path on another computer that no person pointed at. */
  readonly check: (path: string | null) => void
  readonly checkData: (data: DataConfig) => void
  /** What a person chose in a dialog, or opened in a file; null where they chose nothing. */
  readonly allow: (path: string | null | undefined) => void
}

/**
 * To look for \\computer\share tells that computer, whichever it is, who is logged in here, and what the page puts into
 * the path. So the page may name only those that a person chose in a dialog or that a run of the library was made with;
 * paths of this computer it may name as people type them.
 */
export function networkPaths(platform: string, isKnown: (path: string) => boolean): NetworkPaths {
  const allowed = new Set<string>()
  const check = (path: string | null): void => {
    if (path === null || !isOnNetwork(path, platform) || allowed.has(path) || isKnown(path)) return
    throw requestError(
      `${path.slice(0, 200)} is on another computer: choose it with Folder… or File…, because a path there is ` +
        'not followed as it was typed',
    )
  }
  return {
    check,
    checkData: ({ source }) => {
      check(pathOf(source) ?? null)
    },
    allow: (path) => {
      if (typeof path === 'string') allowed.add(path)
    },
  }
}
