/** What a caught value says to people: an error's message, or the text of whatever else was thrown. */
// eslint-disable-next-line no-restricted-syntax -- the one place
export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error))
