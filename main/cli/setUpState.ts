import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectFolder } from './paths'

/** What this program asks of scripts/setup/electron.mjs. */
export interface ElectronScripts {
  readonly electronPath: () => {
    readonly path: string
    readonly version: string
    readonly source: 'override' | 'official' | 'fallback'
  } | null
  readonly sandboxSwitches: (binary: string) => readonly string[]
}

/** What it asks of scripts/setup/display.mjs. */
export interface DisplayScripts {
  readonly hasDisplay: () => boolean
  readonly missingPackages: (binary: string, needs: { readonly needsXvfb: boolean }) => Promise<readonly string[]>
  readonly installCommand: (packages: readonly string[]) => string
  readonly startXvfb: () => Promise<{ readonly display: string; readonly stop: () => void }>
}

/** What it asks of scripts/setup/state.mjs. */
export interface StateScripts {
  readonly engineState: () => { readonly ok: boolean; readonly reason: string | null }
}

// The set-up scripts are plain JavaScript outside the bundle: they run before there is one.
const load = async <T>(name: string): Promise<T | null> =>
  await (import(pathToFileURL(join(projectFolder, 'scripts', 'setup', name)).href) as Promise<T>).catch(() => null)

/** Where the Electron runtime is and how to start it; null where the scripts are not installed. */
export const electronScripts = async (): Promise<ElectronScripts | null> => await load('electron.mjs')
export const displayScripts = async (): Promise<DisplayScripts | null> => await load('display.mjs')
/** What set-up achieved. */
export const stateScripts = async (): Promise<StateScripts | null> => await load('state.mjs')
