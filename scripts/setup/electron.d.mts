export interface ElectronRuntime {
  readonly path: string
  readonly version: string
  readonly source: 'override' | 'official' | 'fallback'
}
export declare function electronPath(): ElectronRuntime | null
export declare function sandboxSwitches(binary: string): string[]
