// Child processes that end when they should: at a time limit, when nothing moves any more, or with us.
import { spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import path from 'node:path'

const children = new Set()
const endChildren = () => children.forEach((child) => child.kill('SIGKILL'))
const interrupted = () => process.exit(130)

// Only while something runs: afterwards Ctrl-C belongs to the command line, which writes a checkpoint first.
function watchSignals(on) {
  const change = on ? 'on' : 'off'
  process[change]('exit', endChildren)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process[change](signal, interrupted)
}

function adopt(child) {
  if (children.size === 0) watchSignals(true)
  children.add(child)
}

function release(child) {
  if (children.delete(child) && children.size === 0) watchSignals(false)
}

/** The full path of a program on PATH, or undefined. */
export function which(program) {
  const endings = process.platform === 'win32' ? (process.env.PATHEXT ?? '.EXE;.CMD').split(';') : ['']
  const folders = path.isAbsolute(program) ? [''] : (process.env.PATH ?? '').split(path.delimiter).filter(Boolean)
  for (const folder of folders) {
    for (const ending of endings) {
      const file = path.join(folder, program + ending)
      try {
        accessSync(file, constants.X_OK)
        if (statSync(file).isFile()) return file
      } catch {
        continue
      }
    }
  }
  return undefined
}

/**
 * Runs a program and resolves, never rejects, with `{ ok, code, output, stopped }`; `output` is the end of what it
 * printed. `progress()` returns a number that grows while the program gets on; when it stands still for `stallMs`, the
 * program is ended.
 */
export function run(program, args, { cwd, env, timeoutMs = 0, stallMs = 0, progress, show = false } = {}) {
  return new Promise((resolve) => {
    const stdio = show ? ['ignore', 2, 2] : ['ignore', 'pipe', 'pipe']
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio, windowsHide: true })
    adopt(child)
    let output = ''
    let stopped = false
    const collect = (chunk) => (output = (output + chunk).slice(-20000))
    child.stdout?.setEncoding('utf8').on('data', collect)
    child.stderr?.setEncoding('utf8').on('data', collect)

    const stop = () => {
      stopped = true
      child.kill('SIGKILL')
    }
    const limit = timeoutMs > 0 ? setTimeout(stop, timeoutMs) : undefined
    let last = 0
    let movedAt = Date.now()
    const watch =
      progress &&
      setInterval(() => {
        const now = progress()
        if (now > last) movedAt = Date.now()
        last = Math.max(last, now)
        if (stallMs > 0 && Date.now() - movedAt > stallMs) stop()
      }, 300)

    const done = (code, error) => {
      clearTimeout(limit)
      clearInterval(watch)
      release(child)
      resolve({ ok: code === 0, code, output: error ? `${output}${error.message}` : output, stopped })
    }
    child.on('error', (error) => done(127, error))
    child.on('close', (code) => done(code, undefined))
  })
}

/** The last line with something on it: where most programs say what went wrong. */
export const lastLine = (output) => output.trim().split('\n').at(-1)?.trim() ?? ''
