// What set-up says while it works: one moving line on a terminal, sparse lines elsewhere. Always on stderr, because
// stdout belongs to `--json`.

const mebibytes = (bytes) => `${Math.round(bytes / 2 ** 20)} MiB`

/**
 * `say(sentence)` prints a line; `step(label, total, done)` starts a thing whose `done()` bytes are watched until
 * `end()`.
 */
export function createProgress(stream = process.stderr) {
  let moving = false

  const say = (sentence) => {
    if (moving) stream.write('\r\x1b[K')
    moving = false
    stream.write(`${sentence}\n`)
  }

  const step = (label, total, done) => {
    const started = Date.now()
    let shownAt = started
    let shownFraction = 0
    if (!stream.isTTY) say(`${label} (${mebibytes(total)}) …`)
    const show = () => {
      const fraction = Math.min(done() / total, 1)
      const text = `${label}: ${Math.floor(100 * fraction)} % of ${mebibytes(total)}`
      if (stream.isTTY) {
        stream.write(`\r\x1b[K${text}`)
        moving = true
      } else if (fraction - shownFraction >= 0.25 || Date.now() - shownAt > 15_000) {
        say(text)
        shownAt = Date.now()
        shownFraction = fraction
      }
    }
    const timer = setInterval(show, 250)
    return {
      end: () => {
        clearInterval(timer)
        if (stream.isTTY && moving) say(`${label}: done in ${((Date.now() - started) / 1000).toFixed(1)} s`)
      },
    }
  }

  return { say, step }
}
