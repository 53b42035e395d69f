import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { removeFolder } from '../support/cleanup'

/** A project with nothing set up, an empty cache, and a PATH that holds only the programs a test puts there. */
export interface BareMachine {
  readonly folder: string
  readonly cache: string
  readonly project: string
  /** Puts a shell script on the PATH; it appends its arguments to `NAME.log` first. */
  program(name: string, body: string): void
  /** How often a program was called with arguments that contain a text. */
  calls(name: string, containing: string): number
  setup(...args: readonly string[]): Promise<{ code: number | null; said: string; stdout: string }>
  start(...args: readonly string[]): ChildProcess
  record(name: string): Readonly<Record<string, unknown>> | null
  remove(): void
}

const root = path.resolve(import.meta.dirname, '..', '..')

export function bareMachine(): BareMachine {
  const folder = mkdtempSync(path.join(tmpdir(), 'batchlab-bare-'))
  const [cache, project, bin] = ['cache', 'project', 'bin'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ]
  mkdirSync(bin)
  cpSync(path.join(root, 'scripts'), path.join(project, 'scripts'), { recursive: true })
  writePackage(project, '@tensorflow/tfjs-node-gpu', {
    'index.js':
      'module.exports = { matMul: () => ({ dataSync: () => [11] }), backend: () => ({}), getBackend: () => ' +
      '"tensorflow" }',
  })
  writePackage(project, 'electron', { 'install.js': 'console.error("TypeError: fetch failed"); process.exit(1)' })

  const start = (...args: readonly string[]) =>
    spawn(process.execPath, [path.join(project, 'scripts', 'setup.mjs'), ...args], {
      env: { PATH: bin, BATCHLAB_CACHE: cache, HOME: folder },
    })

  return {
    folder,
    cache,
    project,
    start,
    program(name, body) {
      const file = path.join(bin, name)
      writeFileSync(file, `#!/bin/sh\necho "$@" >> ${file}.log\n${body}\n`)
      chmodSync(file, 0o755)
    },
    calls(name, containing) {
      const log = path.join(bin, `${name}.log`)
      return existsSync(log)
        ? readFileSync(log, 'utf8')
            .split('\n')
            .filter((line) => line.includes(containing)).length
        : 0
    },
    setup: (...args) =>
      new Promise((resolve) => {
        const child = start(...args)
        let said = ''
        let stdout = ''
        child.stderr?.on('data', (chunk) => (said += String(chunk)))
        child.stdout?.on('data', (chunk) => (stdout += String(chunk)))
        child.on('close', (code) => resolve({ code, said, stdout }))
      }),
    record: (name) =>
      existsSync(path.join(cache, name)) ? JSON.parse(readFileSync(path.join(cache, name), 'utf8')) : null,
    remove: () => removeFolder(folder),
  }
}

function writePackage(project: string, name: string, files: Readonly<Record<string, string>>): void {
  const folder = path.join(project, 'node_modules', name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name, version: '4.22.0', main: 'index.js' }))
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, file), text)
}

/** A Python with pip whose `pip download` does what the shell text says. */
export const pythonThat = (download: string): string => `case "$*" in
*"pip download"*) ${download} ;;
*) exit 0 ;;
esac`
