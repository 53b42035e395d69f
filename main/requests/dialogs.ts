/** What a person is asked before main does it. */
export interface Question {
  readonly message: string
  readonly detail: string
  readonly yes: string
}

export interface FileFilter {
  readonly name: string
  readonly extensions: readonly string[]
}

/** What asks a person for a path; the app's is Electron's dialogs, a test's answers by itself. Null: they cancelled. */
export interface Dialogs {
  readonly chooseFolder: () => Promise<string | null>
  readonly chooseFile: (filters: readonly FileFilter[]) => Promise<string | null>
  /** Asks where, writes the bytes durably, and returns the path. */
  readonly saveFile: (
    suggestedName: string,
    filters: readonly FileFilter[],
    bytes: Uint8Array,
  ) => Promise<string | null>
  /** Asks in a dialog that the page can neither draw over nor answer; whoever closes it says no. */
  readonly confirm: (question: Question) => Promise<boolean>
}
