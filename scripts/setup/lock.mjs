// One set-up at a time: a file that its holder touches every two seconds, so that a dead holder's lock is recognised
// whatever became of it (killed, other machine, other container).
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const beatMs = 2000
const deadMs = 15_000

/** Runs `body` while holding the lock; `onWait` is called once if someone else holds it. */
export async function withLock(file, onWait, body) {
  mkdirSync(path.dirname(file), { recursive: true })
  let told = false
  while (!take(file)) {
    if (isDead(file)) {
      clear(file)
      continue
    }
    if (!told) onWait()
    told = true
    await wait(300)
  }
  const beat = setInterval(() => {
    const now = new Date()
    try {
      utimesSync(file, now, now)
    } catch {
      // Somebody deleted the cache under us; the work itself will say so.
    }
  }, beatMs)
  const release = () => {
    if (holder(file) === identity()) rmSync(file, { force: true })
  }
  process.once('exit', release)
  try {
    return await body()
  } finally {
    clearInterval(beat)
    process.off('exit', release)
    release()
  }
}

const identity = () => `${hostname()} ${process.pid}`

function take(file) {
  try {
    const handle = openSync(file, 'wx')
    writeSync(handle, identity())
    closeSync(handle)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function holder(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function isDead(file) {
  let age
  try {
    age = Date.now() - statSync(file).mtimeMs
  } catch {
    return false
  }
  if (age > deadMs) return true
  const [host, pid] = (holder(file) ?? '').split(' ')
  if (host !== hostname() || !(Number(pid) > 0)) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

// Two waiters may both see the same dead lock: the rename lets only one of them take it away.
function clear(file) {
  const aside = `${file}.${process.pid}.dead`
  try {
    renameSync(file, aside)
  } catch {
    return
  }
  rmSync(aside, { force: true })
}
