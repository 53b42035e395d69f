import { plain } from '../../core/plain'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** A text as it may stand in HTML or SVG, between tags or inside quotes. */
export const escaped = (text: string): string =>
  // Control characters are not allowed in documents either.
  plain(text).replace(/[&<>"']/g, (character) => entities[character] ?? '')
