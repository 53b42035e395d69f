import type { ShortReport } from '../../core/libraryReport'

/** What the check of the library has come to. It goes on, and is kept, while its dialog is closed. */
export type LibraryCheckState =
  | { readonly type: 'none' | 'stopped' }
  | { readonly type: 'running'; readonly isStopping: boolean }
  | { readonly type: 'failed'; readonly why: string }
  | { readonly type: 'done'; readonly report: ShortReport; readonly at: string; readonly isSeen: boolean }
