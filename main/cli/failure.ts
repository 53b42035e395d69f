import { RequestError } from '../requests/requestError'

/**
 * What the command line ends with: 0 done, 1 something failed, 2 bad input, 130 interrupted with a checkpoint written,
 * or a part kept.
 */
export type ExitCode = 0 | 1 | 2 | 130

/** Ends a command with a code and sentences for people, one a line. */
export class Failure extends Error {
  readonly code: ExitCode

  constructor(code: ExitCode, message: string) {
    super(message)
    this.name = 'Failure'
    this.code = code
  }
}

/** What was typed or named cannot be used; nothing was changed. */
export const badInput = (message: string): Failure => new Failure(2, message)

/** Everything was fine with the input, and still it did not work. */
export const failed = (message: string): Failure => new Failure(1, message)

// “network: unknown setting …”, but “batchSize must be …”.
const sentenceOf = ({ path, message }: RequestError['issues'][number]): string =>
  path === '' ? message : `${path}${message.startsWith('unknown') ? ':' : ''} ${message}`

/** One line per field that is wrong. */
export const linesOf = (issues: RequestError['issues'], where = ''): string =>
  issues.map((issue) => `${where === '' ? '' : `${where}: `}${sentenceOf(issue)}`).join('\n')

// Data that cannot be used, and tensor files that are not what they should be, are input too.
const inputErrors = new Set(['DataError', 'SafetensorsError', 'CheckpointError'])

/** The exit code and the sentence of anything that was thrown. */
export function outcomeOf(error: unknown): { readonly code: ExitCode; readonly message: string } {
  if (error instanceof Failure) return { code: error.code, message: error.message }
  if (error instanceof RequestError) return { code: 2, message: linesOf(error.issues) }
  if (!(error instanceof Error)) return { code: 1, message: String(error) }
  const path = 'path' in error && typeof error.path === 'string' && error.name === 'DataError' ? `${error.path}: ` : ''
  return { code: inputErrors.has(error.name) ? 2 : 1, message: `${path}${error.message}` }
}
