// A terminal obeys control characters, and marks of direction make text look like other text; so do characters without
// a width. The two joiners stay: scripts and emoji need them.
const unseen =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g

/**
 * A text as it may be shown, whoever wrote it: whatever could move a cursor, turn text around or hide in it becomes a
 * visible mark.
 */
export const plain = (text: string): string => text.replace(/\r\n/g, '\n').replace(unseen, '\ufffd')

/** The same on one line. */
export const plainLine = (text: string): string => plain(text.replace(/[\s\u2028\u2029]+/g, ' '))

/**
 * A value as JSON on one line that may go to a terminal too: what JSON would leave as it is stands as \u…, which reads
 * back as the same.
 */
export const plainJson = (value: unknown): string =>
  JSON.stringify(value).replace(unseen, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
