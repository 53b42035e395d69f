/**
 * So much in so long, and of the rest only how much it was: a library that complains at every update would push all
 * else out of the log.
 */
const mostCharacters = 64 * 1024
const withinMs = 10 * 60_000

/** Writes what trainers print into the app's log. They hold native code, which nobody can trust to be quiet. */
export function createOutputLog(
  write: (message: string) => void,
  now: () => number = () => performance.now(),
): (text: string) => void {
  let begun = -Infinity
  let count = 0
  let leftOut = 0
  return (text) => {
    if (now() - begun > withinMs) {
      if (leftOut > 0) write(`the trainer: ${String(leftOut)} more characters were left out of this log`)
      begun = now()
      count = 0
      leftOut = 0
    }
    const fits = text.slice(0, Math.max(0, mostCharacters - count))
    if (fits !== '') write(fits)
    if (fits.length < text.length && leftOut === 0)
      write('the trainer: what it prints is only counted for the next minutes')
    count += fits.length
    leftOut += text.length - fits.length
  }
}
