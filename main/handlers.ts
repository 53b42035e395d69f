import type { AppState, Handlers } from '../core/protocol'
import type { Desk } from './desk/desk'
import type { Dialogs } from './dialogs'
import type { Library } from './library/library'

export interface HandlersOptions {
  readonly library: Library
  readonly desk: Desk
  readonly dialogs: Dialogs
  readonly app: Pick<AppState, 'version' | 'versions' | 'platform'> & { readonly openDocs: (what: 'readme' | 'licences' | 'library') => Promise<void> }
}

/** One function per request; each throws a `Refusal` (see `issuesOf`) where it cannot do what was asked. */
export function createHandlers(options: HandlersOptions): Handlers {
  throw new Error(`The handlers of ${options.library.folder} are not written yet`)
}
