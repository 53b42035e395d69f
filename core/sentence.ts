/**
 * A message as it stands by itself: with a capital at its start and a full stop at its end. Many are made to go on from
 * a name ("must be at least 1"), and logs hold those of earlier versions; names in quotation marks, paths and settings
 * stay as they are.
 */
export function sentence(message: string): string {
  const text = message.trim()
  if (text === '') return ''
  // A word with a capital, a digit, a point or a slash in it is a name: batchSize, data.source.path, cifar10,
  // /data/images.
  const first = /^\S+/.exec(text)?.[0] ?? ''
  const capital = /^\p{Ll}[\p{Ll}'’-]*[,:;.!?]?$/u.test(first) ? text.charAt(0).toUpperCase() + text.slice(1) : text
  return /[.!?…:][”’)]*$/.test(capital) ? capital : `${capital}.`
}
