export interface EngineState {
  readonly ok: boolean
  readonly wheel: string | null
  readonly version: string | null
  readonly cuda: boolean
  readonly library: string | null
  readonly binding: string
  readonly reason: string | null
}
export declare const engineRecord: string
export declare function bindingFile(project: string): string
export declare function engineState(project?: string): EngineState
