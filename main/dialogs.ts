export interface FileFilter { readonly name: string; readonly extensions: readonly string[] }

/** What asks a person for a path; the app's is Electron's dialogs, a test's answers by itself. Null: they cancelled. */
export interface Dialogs {
  readonly chooseFolder: () => Promise<string | null>
  readonly chooseFile: (filters: readonly FileFilter[]) => Promise<string | null>
  /** Asks where, writes the bytes durably, and returns the path. */
  readonly saveFile: (suggestedName: string, filters: readonly FileFilter[], bytes: Uint8Array) => Promise<string | null>
}
